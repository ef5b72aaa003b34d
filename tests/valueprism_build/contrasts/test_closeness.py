import pytest

from valueprism_build.contrasts.closeness import is_denial, kept_share, word_edits


def test_edits_are_of_words_whatever_their_case_and_marks() -> None:
    # "ferry" replaced, "in March" put in.
    assert word_edits("Feeding gulls on a ferry", "feeding gulls, on a boat in March!") == 3
    assert word_edits("Feeding gulls", "feeding gulls.") == 0


def test_what_is_kept_is_counted_in_order() -> None:
    # Of five words "feeding gulls on a" stay; of the turned sentence only one of the two can.
    assert kept_share("Feeding gulls on a ferry", "Feeding gulls on a boat at noon") == 4 / 5
    assert kept_share("gulls ferries", "ferries gulls") == 1 / 2
    assert kept_share("Feeding gulls", "Painting boats") == 0


@pytest.mark.parametrize(
    ("one", "other", "denied"),
    [
        ("Lending a ladder", "Not lending the ladder", True),
        ("Refusing to lend a ladder", "Lend a ladder", True),
        ("Lending a ladder", "Lending a ladder to a burglar", False),
        ("Not lending a ladder", "Not lending a saw", False),
        ("Lending a ladder", "Lending the ladder", False),
    ],
)
def test_a_denial_differs_in_nothing_but_the_denial(one: str, other: str, denied: bool) -> None:
    assert is_denial(one, other) is is_denial(other, one) is denied
