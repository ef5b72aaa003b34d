import asyncio
import random
from decimal import Decimal

import pytest

from valueprism_build.teachers.budget import Budget, BudgetSpentError


async def test_a_request_that_fits_is_let_through_and_its_rest_comes_back() -> None:
    budget = Budget(Decimal("1.00"))
    await budget.reserve(Decimal("0.60"))
    budget.settle(Decimal("0.60"), Decimal("0.10"))
    await budget.reserve(Decimal("0.90"))  # 0.10 + 0.90 is the limit exactly
    assert (budget.spent, budget.reserved) == (Decimal("0.10"), Decimal("0.90"))


async def test_a_request_that_can_never_fit_is_refused_with_the_figures() -> None:
    budget = Budget(Decimal("0.05"))
    with pytest.raises(BudgetSpentError, match=r"0 of 0\.05 are spent; the next request may cost 0\.06"):
        await budget.reserve(Decimal("0.06"))


async def test_a_request_waits_for_those_under_way_before_it_is_refused() -> None:
    budget = Budget(Decimal("1.00"))
    await budget.reserve(Decimal("0.80"))
    cheap = asyncio.create_task(budget.reserve(Decimal("0.80")))
    await asyncio.sleep(0)
    assert not cheap.done()
    budget.settle(Decimal("0.80"), Decimal("0.10"))  # 0.10 + 0.80 fits now
    await cheap
    dear = asyncio.create_task(budget.reserve(Decimal("0.80")))
    await asyncio.sleep(0)
    budget.settle(Decimal("0.80"), Decimal("0.70"))  # 0.80 + 0.80 never will
    with pytest.raises(BudgetSpentError):
        await dear


async def test_without_a_limit_nothing_is_refused() -> None:
    budget = Budget(None)
    for _ in range(100):
        await budget.reserve(Decimal(1000))
    assert budget.reserved == 100_000


async def test_the_cap_is_never_overrun_with_a_thousand_at_once_and_any_order_of_replies() -> None:
    budget, limit = Budget(Decimal("1.00")), Decimal("1.00")
    rng = random.Random(7)
    refused = 0

    async def one() -> None:
        nonlocal refused
        worst = Decimal(rng.randrange(1, 100)) / 1000
        try:
            await budget.reserve(worst)
        except BudgetSpentError:
            refused += 1
            return
        assert budget.spent + budget.reserved <= limit
        await asyncio.sleep(rng.random() / 1000)
        budget.settle(worst, worst * rng.randrange(101) / 100)
        assert budget.spent + budget.reserved <= limit

    await asyncio.gather(*(one() for _ in range(1000)))
    assert refused > 0
    assert Decimal("0.9") < budget.spent <= limit
    assert budget.reserved == 0


async def test_a_cancelled_request_gives_back_what_was_granted_in_that_moment() -> None:
    budget = Budget(Decimal("1.00"))
    await budget.reserve(Decimal("1.00"))
    waiting = asyncio.create_task(budget.reserve(Decimal("1.00")))
    await asyncio.sleep(0)
    budget.settle(Decimal("1.00"), Decimal(0))  # grants it
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert budget.reserved == 0
