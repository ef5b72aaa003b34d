from collections.abc import Iterable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.valueprism_build.canonical.direction_encoder import DirectionEncoder
from valueprism_build.canonical.clusters import How
from valueprism_build.canonical.inventory import Inventory, Surface, Updated, update
from valueprism_build.canonical.judged import latest
from valueprism_build.canonical.wording import wording
from valueprism_build.errors import BuildError
from valueprism_build.ids import canonical_id
from valueprism_build.records import SamePair, Split, Vrd
from valueprism_build.tasks.splits import most_held_out

VALUE, RIGHT, DUTY = Vrd
# Three words at 0, 30 and 60 degrees: each is a synonym of the next (cos 30 = 0.866), the first is not of the last.
CHAIN = {"zeal": 0.0, "ardency": 30.0, "fervency": 60.0}


def updated(
    texts: Iterable[str | tuple[str, int]],
    known: Inventory | None = None,
    judgements: Sequence[SamePair] = (),
    vrd: Vrd = RIGHT,
) -> Updated:
    surfaces = [Surface(vrd, text) if isinstance(text, str) else Surface(vrd, *text) for text in texts]
    return update(known or Inventory(), surfaces, judgements, DirectionEncoder(CHAIN))


def groups(found: Updated | Inventory) -> dict[str, list[str]]:
    inventory = found.inventory if isinstance(found, Updated) else found
    return {canonical.label: list(canonical.members) for canonical in inventory.canonicals()}


def pair(one: str, other: str, same: bool, vrd: Vrd = RIGHT) -> SamePair:
    return SamePair(vrd, one, vrd, other, same)


def test_variants_of_a_wording_gather_around_the_most_frequent_one() -> None:
    found = updated(["right to Privacy", ("Right to privacy", 3), "Privacy rights", "Right to life"])
    assert groups(found) == {
        "Right to privacy": ["Privacy rights", "Right to privacy", "right to Privacy"],
        "Right to life": ["Right to life"],
    }
    assert found.inventory.labels[0].id == canonical_id(RIGHT, "Right to privacy")


def test_types_never_mix() -> None:
    surfaces = [Surface(VALUE, "Privacy"), Surface(RIGHT, "Privacy"), Surface(DUTY, "Privacy")]
    found = update(Inventory(), surfaces, [], DirectionEncoder({})).inventory
    assert len({member.canonical_id for member in found.members}) == 3
    assert len(set(found.concerns.values())) == 1


def test_a_wording_with_a_holder_points_to_the_general_one_and_is_kept() -> None:
    found = updated(["Gigi's right to autonomy"])
    assert groups(found) == {"Right to autonomy": ["Gigi's right to autonomy"]}
    later = updated(["Right to autonomy"], found.inventory)
    assert groups(later) == {"Right to autonomy": ["Gigi's right to autonomy", "Right to autonomy"]}


def test_a_synonym_joins_a_label_and_nothing_chains() -> None:
    # Zeal founds; ardency is near zeal and joins; fervency is near ardency only, a member, and founds its own.
    found = updated([("Zeal", 3), ("Ardency", 2), "Fervency"], vrd=VALUE)
    assert groups(found) == {"Zeal": ["Ardency", "Zeal"], "Fervency": ["Fervency"]}
    assert {member.text: member.how for member in found.inventory.members} == {
        "Zeal": How.LABEL,
        "Ardency": How.SYNONYM,
        "Fervency": How.LABEL,
    }


def test_of_two_labels_the_nearer_one_takes_a_synonym() -> None:
    encoder = DirectionEncoder({"zeal": 0, "fervency": 50, "ardency": 30})
    surfaces = [Surface(VALUE, "Zeal", 3), Surface(VALUE, "Fervency", 2), Surface(VALUE, "Ardency")]
    assert groups(update(Inventory(), surfaces, [], encoder, least_synonym=0.8)) == {
        "Zeal": ["Zeal"],  # cos 30 = 0.866
        "Fervency": ["Ardency", "Fervency"],  # cos 20 = 0.940
    }


def test_nothing_new_changes_nothing_and_asks_nobody() -> None:
    first = updated(["Right to privacy", "Privacy rights"]).inventory
    encoder = DirectionEncoder({})
    again = update(first, [Surface(RIGHT, "Privacy rights", 9)], [], encoder)
    assert again == Updated(first, ())
    assert encoder.asked == []


def test_ids_stay_whatever_is_added_later() -> None:
    first = updated(["Privacy rights", "Right to privacy", "Right to work"]).inventory
    # By frequency the other wording would have founded; it came later.
    later = updated([("Right to Privacy", 100), "Right to employment", "Right to live"], first).inventory
    before = {member.text: member.canonical_id for member in first.members}
    after = {member.text: member.canonical_id for member in later.members}
    assert {text: after[text] for text in before} == before
    assert after["Right to Privacy"] == before["Privacy rights"]
    assert after["Right to employment"] == before["Right to work"]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_ten_releases_of_any_order_keep_every_id_and_every_member_stays_close_to_its_label(data: st.DataObject) -> None:
    words = ["privacy", "honesty", "truthfulness", "zeal", "ardency", "fervency", "help", "aid", "life", "not harm"]
    heads = ["Duty of {}", "Duty to be {}", "Moral duty to {}", "duty to {} others", "Ann's duty to {}"]
    texts = [head.format(word) for head in heads for word in words]
    inventory, homes = Inventory(), dict[str, str]()
    for _ in range(10):
        batch = data.draw(st.lists(st.sampled_from(texts), max_size=12))
        inventory = updated(batch, inventory, vrd=DUTY).inventory
        now = {member.text: member.canonical_id for member in inventory.members}
        assert {text: now[text] for text in homes} == homes
        homes = now
    labels = {label.id: wording(DUTY, label.label) for label in inventory.labels}
    for member in inventory.members:
        own, label = wording(DUTY, member.text), labels[member.canonical_id]
        assert own.negated == label.negated
        if member.how is not How.SYNONYM:
            assert own == label
        else:  # one notion differs, and the two are neighbours in the chain
            assert {*own.notions} ^ {*label.notions} in ({"zeal", "ardenc"}, {"ardenc", "fervenc"})


def test_what_is_judged_the_same_comes_together_with_all_wordings_of_its_form() -> None:
    first = updated([("Right to repose", 3), "Right to rest", "right to Rest"]).inventory
    judged = pair("Right to rest", "Right to repose", same=True)
    found = updated([], first, [judged])
    assert groups(found) == {"Right to repose": ["Right to repose", "Right to rest", "right to Rest"]}
    assert [(change.kind, change.text, change.reason) for change in found.changes] == [
        ("merge", "Right to rest", "'right to rest' and 'right to repose' are judged the same"),
        ("merge", "right to Rest", "'right to rest' and 'right to repose' are judged the same"),
    ]
    # The judgement has been heeded; what comes later with that form comes to the same place.
    later = updated(["The right to rest"], found.inventory, [judged])
    assert later.changes == ()
    assert groups(later)["Right to repose"][0] == "Right to repose"
    assert len(groups(later)) == 1


def test_the_label_that_lost_its_members_keeps_its_id_and_is_in_no_list() -> None:
    first = updated([("Right to repose", 3), "Right to rest"]).inventory
    found = updated([], first, [pair("Right to rest", "Right to repose", same=True)]).inventory
    assert found.labels == first.labels
    assert [canonical.label for canonical in found.canonicals()] == ["Right to repose"]


def test_what_is_judged_two_is_taken_apart_and_the_label_keeps_its_place() -> None:
    first = updated([("Right to work", 3), "Right to employment", "Right to Employment"]).inventory
    judged = pair("Right to work", "Right to employment", same=False)
    found = updated([], first, [judged])
    assert groups(found) == {
        "Right to work": ["Right to work"],
        "Right to employment": ["Right to Employment", "Right to employment"],
    }
    assert {change.kind for change in found.changes} == {"split"}
    assert updated([], found.inventory, [judged]).changes == ()
    # Taking the judgement back does not undo what it has done: ids stay.
    assert groups(updated([], found.inventory)) == groups(found)


def test_a_holder_that_is_judged_to_matter_gets_its_own_label() -> None:
    first = updated(["Right to autonomy", "Gigi's right to autonomy"]).inventory
    found = updated([], first, [pair("Gigi's right to autonomy", "Right to autonomy", same=False)])
    assert groups(found) == {
        "Right to autonomy": ["Right to autonomy"],
        "Gigi's right to autonomy": ["Gigi's right to autonomy"],
    }


def test_a_new_wording_heeds_what_is_judged_of_it() -> None:
    judged = [
        pair("Right to employment", "Right to work", same=False),
        pair("Right to rest", "Right to work", same=True),
    ]
    found = updated([("Right to work", 2), "Right to employment", "Right to rest"], judgements=judged)
    assert groups(found) == {
        "Right to work": ["Right to rest", "Right to work"],
        "Right to employment": ["Right to employment"],
    }
    assert found.changes == ()  # nothing was anywhere before


def test_what_must_stay_together_moves_together() -> None:
    together = pair("Right to employment", "Right to a job", same=True)
    first = updated([("Right to work", 3), "Right to employment", "Right to a job"], judgements=[together]).inventory
    assert len(groups(first)) == 1
    apart = pair("Right to a job", "Right to work", same=False)
    assert groups(updated([], first, [together, apart])) == {
        "Right to work": ["Right to work"],
        "Right to a job": ["Right to a job", "Right to employment"],
    }


def test_what_was_brought_in_by_a_judgement_brings_no_synonyms_of_its_own() -> None:
    # Ardency is judged to be rest; fervency, near ardency, does not follow it there.
    judged = [pair("Ardency", "Rest", same=True, vrd=VALUE)]
    found = updated([("Rest", 2), "Ardency", "Fervency"], judgements=judged, vrd=VALUE)
    later = updated(["Fervency!"], found.inventory, judged, vrd=VALUE)
    assert groups(later) == {"Rest": ["Ardency", "Rest"], "Fervency": ["Fervency", "Fervency!"]}


def test_a_judgement_of_wordings_that_nobody_has_said_waits() -> None:
    judged = [pair("Right to rest", "Right to work", same=True)]
    first = updated(["Right to work"], judgements=judged)
    assert groups(first) == {"Right to work": ["Right to work"]}
    assert groups(updated(["Right to rest"], first.inventory, judged)) == {
        "Right to work": ["Right to rest", "Right to work"]
    }


@pytest.mark.parametrize(
    "judged",
    [
        [pair("a", "b", same=True), pair("b", "c", same=True), pair("A", "c", same=False)],
        [pair("a", "A", same=False)],
    ],
)
def test_judgements_that_contradict_each_other_are_refused(judged: list[SamePair]) -> None:
    with pytest.raises(BuildError, match=r"contradict one another: 'a' and '[ac]' \(Right\) are judged two"):
        updated(["a", "b", "c"], judgements=judged)


def test_a_consideration_remembers_those_that_its_wordings_came_from_by_way_of_others_too() -> None:
    first = updated([("Right to life", 3), ("Right to air", 2), ("Right to water", 1)])
    life, air, water = (label.id for label in first.inventory.labels)
    # The younger one moves to the elder one.
    second = updated([], first.inventory, [pair("Right to air", "Right to water", same=True)])
    assert second.inventory.forerunners == {air: {water}}
    judged = [pair(one, "Right to air", same=True) for one in ("Right to water", "Right to life")]
    third = updated([], second.inventory, judged)
    assert third.inventory.forerunners == {air: {water}, life: {air, water}}
    [left] = third.inventory.canonicals()
    assert (left.id, left.forerunners) == (life, tuple(sorted((air, water))))


@settings(deadline=None, max_examples=50)
@given(st.data())
def test_ten_releases_of_judgements_bring_no_wording_to_a_less_held_out_split(data: st.DataObject) -> None:
    words = [f"{letter}zq" for letter in "abcdefghijklmnopqrst"]
    draws = st.tuples(st.sampled_from(words), st.sampled_from(words), st.booleans())
    inventory, judged, before = Inventory(), list[SamePair](), dict[str, Split]()
    for release in range(10):
        said = data.draw(st.lists(draws, max_size=3))
        more = latest([*judged, *(pair(one, other, same) for one, other, same in said if one != other)])
        try:
            inventory = updated(words[: 2 * release + 2], inventory, more).inventory
        except BuildError:  # they contradict each other, and nothing is stored
            continue
        judged = more
        held = {text: (one.id, *one.forerunners) for one in inventory.canonicals() for text in one.members}
        now = {text: most_held_out(parts, "1") for text, parts in held.items()}
        ranks = list(Split)
        assert all(ranks.index(now[text]) >= ranks.index(split) for text, split in before.items())
        before = now
