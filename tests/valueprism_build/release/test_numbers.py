from tests.valueprism_build.release.making import drafted
from valueprism_build.release.numbers import (
    Count,
    concern_share,
    counted,
    flagged,
    one_per,
    share,
    torn_share,
)

# Valences go round: the first situation has Supports, Opposes, Either; the second Supports; the third both again.
FULL = drafted(
    {
        "I kill time": ["Value: Joy", "Value: Work", "Right: Right to rest"],
        "Sing aloud": ["Value: Joy"],
        "Kissing": ["Value: Love", "Duty: Duty to ask"],
    }
).full


def test_rows_are_counted_by_values_in_their_order() -> None:
    assert counted(FULL, ["vrd", "valence"]) == [
        Count(("Duty", "Opposes"), 1),
        Count(("Right", "Either"), 1),
        Count(("Value", "Opposes"), 1),
        Count(("Value", "Supports"), 3),
    ]


def test_one_row_per_situation_is_the_first_in_the_order_of_the_table() -> None:
    assert one_per(FULL, "situation_id")["situation"].to_pylist() == ["I kill time", "Sing aloud", "Kissing"]


def test_torn_are_the_situations_with_support_and_opposition() -> None:
    assert torn_share(FULL) == 2 / 3
    assert torn_share(FULL.slice(0, 0)) == 0


def test_a_concern_is_counted_by_the_types_that_a_situation_names_it_in() -> None:
    draft = drafted(
        {
            "I kill time": ["Value: Health", "Right: Right to health", "Duty: Duty to health", "Value: Joy"],
            "Sing aloud": ["Value: Rest", "Right: Right to rest", "Duty: Duty to health"],
            "Kissing": ["Value: Love", "Value: Health"],
        }
    )
    # Health has three types in the first situation and one in the others, rest has two in the second.
    assert concern_share(draft.full, draft.canonical, types=2) == 2 / 3
    assert concern_share(draft.full, draft.canonical, types=3) == 1 / 3


def test_flags_are_counted_by_situation_not_by_row() -> None:
    assert flagged(FULL) == [Count(("violence",), 1)]


def test_a_share_of_nothing_is_nothing() -> None:
    assert share(0, 0) == 0
