import pytest

from annotation.report.wording import (
    NOTHING,
    decimal,
    equals,
    listed,
    many,
    p_value,
    percent,
    percents,
    points,
    points_between,
    ratio,
    ratio_between,
    spoken,
    whole,
)

MINUS = "\N{MINUS SIGN}"


@pytest.mark.parametrize("words", [whole, decimal, percent, points, ratio, p_value])
def test_what_is_not_known_is_a_dash_in_every_unit(words: object) -> None:
    assert callable(words)
    assert words(None) == words(float("nan")) == NOTHING


def test_a_difference_has_a_sign_but_none_when_it_rounds_to_zero() -> None:
    assert [points(value) for value in (6.24, -6.25, 0.04, -0.04)] == ["+6.2", f"{MINUS}6.2", "0.0", "0.0"]


def test_a_coefficient_that_rounds_to_zero_has_no_sign() -> None:
    assert [decimal(value) for value in (-0.004, -0.006)] == ["0.00", f"{MINUS}0.01"]


def test_a_ratio_far_from_one_is_told_to_be_beyond_what_is_printed() -> None:
    assert [ratio(value) for value in (1.5, 0.05, 2000, 0.0001)] == ["1.50", "0.050", "> 1,000", "< 0.001"]


def test_a_p_value_is_never_zero() -> None:
    assert [p_value(value) for value in (0.0, 0.0009, 0.034)] == ["< 0.001", "< 0.001", "0.034"]
    assert [equals(value) for value in (0.0, 0.034)] == ["< 0.001", "= 0.034"]


def test_a_figure_without_interval_stands_alone() -> None:
    assert percents(0.913, 0.9, 0.924) == "91.3 % (90.0 to 92.4 %)"
    assert percents(0.913, None, None) == "91.3 %"
    assert points_between(-2, -4.4, 0.4) == f"{MINUS}2.0 ({MINUS}4.4 to +0.4)"
    assert ratio_between(2, None, 3) == "2.00"


def test_names_of_machines_are_spelled_as_words() -> None:
    assert [spoken(name) for name in ("sexual_orientation", "vrd")] == [
        "Sexual orientation",
        "Type (value, right or duty)",
    ]


def test_counts_agree_with_their_nouns() -> None:
    assert [many(1, "person", "people"), many(2000, "vote")] == ["1 person", "2,000 votes"]


def test_a_list_in_a_sentence_ends_with_and() -> None:
    assert [listed([]), listed(["a"]), listed(["a", "b", "c"])] == ["", "a", "a, b and c"]
