import numpy as np
import pytest

from annotation.wishes.clustering import Cluster, Said, cluster
from annotation.wishes.counting import Cell, cells
from annotation.wishes.listing import Inventory, listed
from annotation.wishes.settings import MissingSettings
from valueprism_build.embedding import Vectors
from valueprism_build.errors import SettingsError
from valueprism_build.ids import consideration_id, phrase_digest, wish_id
from valueprism_build.records import Annotator, Canonical, Consideration, Valence, Vrd


def said(text: str, people: int = 1) -> Said:
    return Said("s", text, text, people)


def at(*degrees: float) -> Vectors:
    """Return unit vectors of a plane, so that cosines are those of the angles between them."""
    angle = np.radians(degrees)
    return np.stack([np.cos(angle), np.sin(angle)], axis=1).astype(np.float32)


def texts(clusters: list[Cluster]) -> list[list[str]]:
    return [[phrase.text for phrase in one.phrases] for one in clusters]


def test_phrases_near_a_founder_are_one_wish_and_nothing_chains() -> None:
    # 30 degrees apart the cosine is 0.87, 60 degrees 0.5: the third is near the second, and not near the founder.
    found = cluster([said("gulls", 3), said("birds"), said("fowl")], at(0, 30, 60), {}, same=0.8)
    assert texts(found) == [["gulls", "birds"], ["fowl"]]
    assert [one.wish_id for one in found] == [wish_id(phrase_digest("s", text)) for text in ("gulls", "fowl")]


def test_phrases_of_one_form_are_one_wish_whatever_their_vectors() -> None:
    found = cluster([said("Honesty"), said("being honest")], at(0, 90), {}, same=0.8)
    assert [len(one.phrases) for one in found] == [2]


def test_opposites_stay_apart_however_near() -> None:
    found = cluster([said("duty to intervene", 2), said("duty not to intervene")], at(0, 1), {}, same=0.8)
    assert texts(found) == [["duty to intervene"], ["duty not to intervene"]]


def test_a_phrase_stays_in_its_wish_and_new_ones_join_it() -> None:
    [first] = cluster([said("gulls")], at(0), {}, same=0.8)
    known = {phrase_digest("s", "gulls"): first.wish_id}
    found = cluster([said("birds", 9), said("gulls")], at(10, 0), known, same=0.8)
    assert texts(found) == [["gulls", "birds"]]
    assert found[0].wish_id == first.wish_id
    # "birds" had a wish of its own before: it is not taken from it.
    known |= {phrase_digest("s", "birds"): wish_id(phrase_digest("s", "birds"))}
    assert len(cluster([said("birds", 9), said("gulls")], at(10, 0), known, same=0.8)) == 2


def test_a_wish_whose_founder_is_forgotten_goes_on_under_its_id() -> None:
    home = wish_id(phrase_digest("s", "gulls"))
    found = cluster([said("birds"), said("seabirds")], at(10, 12), {phrase_digest("s", "birds"): home}, same=0.8)
    assert [(one.wish_id, len(one.phrases)) for one in found] == [(home, 2)]


def item(text: str, vrd: Vrd = Vrd.VALUE, canonical: str | None = None) -> Consideration:
    id_ = consideration_id("s", vrd, text, Valence.SUPPORTS)
    return Consideration(id_, "s", vrd, text, "So.", Valence.SUPPORTS, "t", "h", 0, None, canonical)


HONESTY = Canonical("c1", Vrd.DUTY, "Duty to be honest", "k", ("Duty to be honest", "Duty of candour"))


def found_in(wish: str, items: list[Consideration], angle: float = 90) -> Consideration | None:
    """Look for a wish in a list whose items lie at 0 degrees, and the wish at the angle."""
    [one] = cluster([said(wish)], at(angle), {}, same=0.8)
    inventory = Inventory([HONESTY])
    forms = {row.id: inventory.forms(row) for row in items}
    return listed(one, items, forms, at(angle), at(*[0] * len(items)), least=0.85)


def test_a_wish_is_listed_if_it_has_the_form_of_an_item_or_of_what_stands_for_it() -> None:
    item_ = item("Duty of candour", Vrd.DUTY, "c1")
    assert found_in("honesty", [item_]) == item_  # by the label of its canonical consideration
    assert found_in("mercy", [item_]) is None
    assert found_in("honesty", []) is None


def test_who_says_right_or_duty_means_that_and_nothing_else() -> None:
    assert found_in("right to privacy", [item("Duty to privacy", Vrd.DUTY)]) is None
    assert found_in("privacy", [right := item("Right to privacy", Vrd.RIGHT)]) == right


def test_a_wish_is_listed_from_the_cosine_on_unless_it_is_the_opposite() -> None:
    near = item("Seafaring")
    assert found_in("sailing", [near], angle=31) == near  # the cosine of 31 degrees is 0.857
    assert found_in("sailing", [near], angle=32) is None  # and that of 32 degrees 0.848
    assert found_in("no seafaring", [near], angle=1) is None


def test_the_inventory_names_what_it_knows() -> None:
    inventory = Inventory([HONESTY])
    assert inventory.label(["gulls", "honesty"]) == "Duty to be honest"
    assert inventory.label(["gulls", "right to honesty"]) == ""


def people(**counts: int) -> dict[str, Annotator]:
    ids = [(f"{name}{number}", name) for name, count in counts.items() for number in range(count)]
    return {id_: Annotator(id_, (("politics", name),)) for id_, name in ids}


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        ({"left": 4}, {}),
        ({"left": 5}, {"left": 5}),
        ({"left": 7, "right": 5}, {"left": 7, "right": 5}),
        # Of 9 people 2 are left out: who knows the sum knows these. So neither is shown.
        ({"left": 7, "right": 2}, {}),
        ({"left": 7, "right": 6, "middle": 2}, {"left": 7}),  # 8 are left out now
        ({"left": 7, "right": 3, "middle": 2}, {"left": 7}),  # 5 are left out
    ],
)
def test_a_group_is_counted_only_where_nobody_can_be_told_from_it(
    counts: dict[str, int], shown: dict[str, int]
) -> None:
    annotators = people(**counts)
    found = cells(list(annotators), annotators, least=5)
    assert found == [Cell("politics", name, count) for name, count in shown.items()]


def test_people_who_said_nothing_of_themselves_are_left_out_people() -> None:
    annotators = people(left=5)
    assert cells([*annotators, "somebody"], annotators, least=5) == []


@pytest.mark.parametrize("wrong", [{"same": 0.0}, {"listed": 1.1}, {"shown": 0}, {"questions": ()}])
def test_settings_that_read_nothing_are_refused_by_name(wrong: dict[str, float]) -> None:
    with pytest.raises(SettingsError, match=f"missing setting {next(iter(wrong))} is"):
        MissingSettings(**wrong)  # type: ignore[arg-type]
