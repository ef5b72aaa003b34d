from decimal import Decimal
from math import sqrt

from valueprism_build.teachers.forecast import CostRange, Range, cost, tokens
from valueprism_build.teachers.prices import Price

CENT = Price(Decimal("0.01"), Decimal("0.02"), "settings")


def test_the_interval_of_a_sum_holds_the_draws_and_the_doubt_about_their_mean() -> None:
    # 10 more of mean 100 and variance 25, known from 5: 1,000 and 1.96 sqrt(25 x 10 + 25 x 100 / 5) = 53.7.
    spread = round(1.96 * sqrt(250 + 500))
    assert tokens(10, 5, 100.0, 25.0, None) == Range(1000 - spread, 1000, 1000 + spread)


def test_no_interval_is_below_nothing_or_above_the_most_that_can_be() -> None:
    assert tokens(1, 2, 10.0, 10_000.0, 50) == Range(0, 10, 50)


def test_one_answer_tells_no_more_than_none() -> None:
    assert tokens(4, 1, 100.0, 0.0, 80) == tokens(4, 0, 0.0, 0.0, 80) == Range(0, None, 80)


def test_no_request_takes_nothing() -> None:
    assert tokens(0, 0, 0.0, 0.0, None) == Range(0, 0, 0)


def test_cost_adds_prompt_and_completion_and_is_unbounded_or_unknown_where_they_are() -> None:
    prompt = Range(100, 200, 300)
    assert cost(CENT, prompt, Range(10, 20, 30)) == CostRange(Decimal("1.2"), Decimal("2.4"), Decimal("3.6"))
    assert cost(CENT, prompt, Range(0, None, None)) == CostRange(Decimal(1), None, None)
    assert cost(None, prompt, prompt) is None
