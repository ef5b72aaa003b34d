import pytest

from valueprism_build.canonical.clusters import Label
from valueprism_build.canonical.concerns import assign_concerns, concern
from valueprism_build.canonical.judged import key_of
from valueprism_build.canonical.wording import wording
from valueprism_build.ids import concern_id
from valueprism_build.records import SamePair, Vrd

VALUE, RIGHT, DUTY = Vrd
HEALTH = (Label("v", VALUE, "Health"), Label("r", RIGHT, "Right to health"), Label("d", DUTY, "Duty to promote health"))
HOMES = {key_of(label.vrd, label.label): label.id for label in HEALTH}


def concern_of(consideration: str) -> object:
    vrd, _, text = consideration.partition(": ")
    return concern(wording(Vrd(vrd), text))


@pytest.mark.parametrize(
    "considerations",
    [
        ("Value: Health", "Right: Right to health", "Duty: Duty to promote health"),
        ("Value: Respect for property", "Right: Property rights", "Duty: Duty to respect others' property"),
        ("Value: Non-discrimination", "Right: Right to be free from discrimination", "Duty: Duty not to discriminate"),
        ("Value: Preservation of life", "Right: Right to life (bees)", "Duty: Duty to save lives"),
        ("Value: Harm avoidance", "Right: Right not to be harmed", "Duty: Duty to prevent harm"),
    ],
)
def test_a_value_a_right_and_a_duty_of_one_concern(considerations: tuple[str, ...]) -> None:
    assert len({concern_of(consideration) for consideration in considerations}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Value: Harm", "Duty: Duty to prevent harm"),
        ("Value: Discrimination", "Right: Right to non-discrimination"),
        ("Value: Public health", "Right: Right to health"),
        ("Value: Obedience", "Duty: Duty to obey the law"),
        ("Value: Self-respect", "Duty: Duty to protect oneself"),
    ],
)
def test_the_contrary_and_the_narrower_are_other_concerns(one: str, other: str) -> None:
    assert concern_of(one) != concern_of(other)


def test_the_first_label_names_the_concern_and_what_is_known_stays() -> None:
    fresh = assign_concerns(HEALTH, {}, {}, [], HOMES)
    assert fresh == dict.fromkeys("vrd", concern_id(VALUE, "Health"))
    # A label that joins later takes the concern of the first that has its form, whatever that is called.
    assert assign_concerns(HEALTH, {"v": "old"}, {}, [], HOMES) == dict.fromkeys("vrd", "old")
    assert assign_concerns(HEALTH, {"v": "old", "d": "other"}, {}, [], HOMES) == {"v": "old", "r": "old", "d": "other"}


def test_a_concern_that_differs_in_a_synonym_is_the_same() -> None:
    labels = (Label("v", VALUE, "Zeal"), Label("d", DUTY, "Duty of ardour"))
    assert len(set(assign_concerns(labels, {}, {}, [], {}).values())) == 2
    assert len(set(assign_concerns(labels, {}, {"ardour": ("zeal",)}, [], {}).values())) == 1


def test_a_judgement_of_two_types_joins_or_parts_their_concerns() -> None:
    apart = SamePair(VALUE, "Health", DUTY, "Duty to promote health", same=False)
    found = assign_concerns(HEALTH, {}, {}, [apart], HOMES)
    health, duty = concern_id(VALUE, "Health"), concern_id(DUTY, "Duty to promote health")
    assert found == {"v": health, "r": health, "d": duty}
    assert assign_concerns(HEALTH, found, {}, [apart], HOMES) == found
    together = SamePair(DUTY, "duty to promote health", RIGHT, "Right to health", same=True)
    assert assign_concerns(HEALTH, found, {}, [together], HOMES) == dict.fromkeys("vrd", concern_id(VALUE, "Health"))
    # Of a wording that nobody has said, and within a type, nothing follows for concerns.
    strange = SamePair(VALUE, "Wealth", DUTY, "Duty to promote health", same=True)
    within = SamePair(VALUE, "Health", VALUE, "Health", same=False)
    assert assign_concerns(HEALTH, {}, {}, [strange, within], HOMES) == dict.fromkeys("vrd", found["v"])
