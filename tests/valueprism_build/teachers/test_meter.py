import asyncio
from decimal import Decimal

import pytest

from valueprism_build.teachers.budget import Budget, BudgetSpentError
from valueprism_build.teachers.chat_request import Tokens
from valueprism_build.teachers.meter import Meter
from valueprism_build.teachers.prices import Price
from valueprism_build.teachers.throttle import RateHeaders, Throttle

CENT = Price(Decimal("0.01"), Decimal("0.02"), "settings")  # a token
WORST = Tokens(60, 40)  # 0.60 + 0.80


def frozen() -> Throttle:
    """Return a throttle of 100 tokens a minute in which no time passes."""
    return Throttle(in_flight=8, tokens_per_minute=100, clock=lambda: 0.0)


async def tokens_left(throttle: Throttle) -> int:
    """Return how many tokens can be taken at once."""
    for tokens in range(100, 0, -1):
        taking = asyncio.create_task(throttle.acquire(tokens))
        await asyncio.sleep(0)
        if taking.done():
            throttle.settle(taking.result(), used=0)
            return tokens
        taking.cancel()
        await asyncio.gather(taking, return_exceptions=True)
    return 0


async def test_a_reply_takes_what_it_says_and_the_rest_comes_back() -> None:
    throttle, budget = frozen(), Budget(Decimal(2))
    meter = Meter(throttle, budget, CENT, name="a", max_tokens=40)
    reservation = await meter.reserve(WORST)
    assert (budget.reserved, await tokens_left(throttle)) == (Decimal("1.40"), 0)
    assert meter.charge(reservation, Tokens(50, 10), None) == Decimal("0.70")  # 50 * 0.01 + 10 * 0.02
    assert [budget.spent, budget.reserved] == [Decimal("0.70"), 0]
    assert (await tokens_left(throttle), throttle.in_flight) == (100 - 60, 0)


async def test_a_refused_try_takes_nothing_and_one_of_unknown_outcome_all_that_it_could() -> None:
    throttle, budget = frozen(), Budget(Decimal(2))
    meter = Meter(throttle, budget, CENT, name="a", max_tokens=40)
    assert meter.refund(await meter.reserve(WORST)) == 0
    assert (await tokens_left(throttle), budget.spent) == (100, Decimal(0))
    assert meter.forfeit(await meter.reserve(WORST)) == budget.spent == Decimal("1.40")
    assert (await tokens_left(throttle), throttle.in_flight, budget.reserved) == (0, 0, Decimal(0))


async def test_without_a_price_no_cost_is_known_but_limits_are_kept() -> None:
    throttle = frozen()
    meter = Meter(throttle, Budget(None), None, name="a", max_tokens=None)
    assert meter.charge(await meter.reserve(Tokens(90, 0)), Tokens(30, 0), None) is None
    assert await tokens_left(throttle) == 70
    assert meter.forfeit(await meter.reserve(Tokens(70, 0))) is None
    assert await tokens_left(throttle) == 0


async def test_what_the_budget_refuses_gives_its_place_back() -> None:
    throttle = frozen()
    meter = Meter(throttle, Budget(Decimal("1.39")), CENT, name="a", max_tokens=40)
    with pytest.raises(BudgetSpentError):
        await meter.reserve(WORST)
    assert (await tokens_left(throttle), throttle.in_flight) == (100, 0)


async def test_what_a_reply_says_about_tokens_is_heeded() -> None:
    throttle = frozen()
    meter = Meter(throttle, Budget(None), CENT, name="a", max_tokens=40)
    stated = RateHeaders(tokens_per_minute=50, tokens_left=20)
    meter.charge(await meter.reserve(Tokens(5, 5)), Tokens(5, 5), stated)
    assert await tokens_left(throttle) == 20
