import asyncio

import pytest

from valueprism_build.teachers.throttle import RateHeaders, Throttle


class _Clock:
    """Stands still unless the test moves it."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


async def _granted(throttle: Throttle, tokens: float = 1) -> bool:
    try:
        await asyncio.wait_for(throttle.acquire(tokens), 0.01)
    except TimeoutError:
        return False
    return True


async def test_without_limits_only_the_window_holds_back() -> None:
    throttle = Throttle(in_flight=2)
    assert [await _granted(throttle) for _ in range(3)] == [True, True, False]
    assert throttle.in_flight == 2


async def test_a_minute_holds_as_many_requests_as_its_limit_and_refills_evenly() -> None:
    clock = _Clock()
    throttle = Throttle(in_flight=100, requests_per_minute=3, clock=clock)
    assert [await _granted(throttle) for _ in range(4)] == [True, True, True, False]
    clock.now += 20  # 3 a minute are one in 20 s
    assert [await _granted(throttle) for _ in range(2)] == [True, False]


async def test_tokens_that_were_not_used_are_refunded() -> None:
    clock = _Clock()
    throttle = Throttle(in_flight=100, tokens_per_minute=1000, clock=clock)
    permit = await throttle.acquire(1000)
    assert not await _granted(throttle, 600)
    throttle.settle(permit, used=400)  # 600 of the 1000 come back
    assert await _granted(throttle, 600)
    assert not await _granted(throttle, 1)


async def test_a_waiting_request_is_woken_by_its_refund_and_not_before() -> None:
    throttle = Throttle(in_flight=100, tokens_per_minute=1000)
    permit = await throttle.acquire(1000)
    waiting = asyncio.create_task(throttle.acquire(500))
    await asyncio.sleep(0.01)
    assert not waiting.done()
    throttle.settle(permit, used=100)
    await asyncio.wait_for(waiting, 0.1)


async def test_a_request_larger_than_a_minute_waits_for_a_full_bucket_only() -> None:
    clock = _Clock()
    throttle = Throttle(in_flight=100, tokens_per_minute=1000, clock=clock)
    assert await _granted(throttle, 5000)
    assert not await _granted(throttle, 1)
    clock.now += 4 * 60  # the debt is 4000
    assert not await _granted(throttle, 1)
    clock.now += 1
    assert await _granted(throttle, 1)


async def test_a_refusal_halves_the_window_once_for_all_requests_of_that_window() -> None:
    throttle = Throttle(in_flight=8)
    permits = [await throttle.acquire(1) for _ in range(8)]
    for permit in permits:
        throttle.settle(permit, used=0, busy=True)
    assert throttle.window == 4
    late = await throttle.acquire(1)
    throttle.settle(late, used=0, busy=True)
    assert throttle.window == 2


async def test_a_request_belongs_to_the_window_in_which_it_was_granted() -> None:
    throttle = Throttle(in_flight=4)
    first, second = [await throttle.acquire(1) for _ in range(4)][:2]
    waiting = asyncio.create_task(throttle.acquire(1))
    await asyncio.sleep(0)
    throttle.settle(first, used=1)  # grants it, and before it can run
    throttle.settle(second, used=0, busy=True)  # the window is halved
    throttle.settle(await waiting, used=0, busy=True)  # one refusal of the same window
    assert throttle.window == 2


async def test_replies_widen_the_window_by_one_for_each_window_and_never_beyond_the_limit() -> None:
    throttle = Throttle(in_flight=4)
    throttle.settle(await throttle.acquire(1), used=0, busy=True)
    assert throttle.window == 2
    throttle.settle(await throttle.acquire(1), used=0)
    throttle.settle(await throttle.acquire(1), used=0)
    assert throttle.window == pytest.approx(2 + 1 / 2 + 1 / 2.5)
    for _ in range(20):
        throttle.settle(await throttle.acquire(1), used=0)
    assert throttle.window == 4


async def test_the_window_never_closes() -> None:
    throttle = Throttle(in_flight=2)
    for _ in range(10):
        throttle.settle(await throttle.acquire(1), used=0, busy=True)
    assert await _granted(throttle)


async def test_nothing_is_granted_during_a_pause() -> None:
    clock = _Clock()
    throttle = Throttle(in_flight=10, clock=clock)
    throttle.pause(5)
    assert not await _granted(throttle)
    clock.now += 5
    assert await _granted(throttle)


async def test_limits_that_the_endpoint_states_are_taken_over_where_they_are_tighter() -> None:
    clock = _Clock()
    throttle = Throttle(in_flight=10, requests_per_minute=100, clock=clock)
    permit = await throttle.acquire(1)
    throttle.settle(permit, used=1, headers=RateHeaders(requests_per_minute=60, requests_left=1))
    assert [await _granted(throttle) for _ in range(2)] == [True, False]
    clock.now += 1  # 60 a minute are one a second
    assert await _granted(throttle)


async def test_permits_are_granted_in_the_order_in_which_they_were_asked_for() -> None:
    throttle = Throttle(in_flight=1)
    first = await throttle.acquire(1)
    order: list[int] = []

    async def one(number: int) -> None:
        permit = await throttle.acquire(1)
        order.append(number)
        throttle.settle(permit, used=1)

    waiting = [asyncio.create_task(one(number)) for number in range(5)]
    await asyncio.sleep(0)
    throttle.settle(first, used=1)
    await asyncio.gather(*waiting)
    assert order == [0, 1, 2, 3, 4]


async def test_a_cancelled_request_leaves_its_place_to_the_next() -> None:
    throttle = Throttle(in_flight=1)
    first = await throttle.acquire(1)
    given_up, patient = (asyncio.create_task(throttle.acquire(1)) for _ in range(2))
    await asyncio.sleep(0)
    given_up.cancel()
    await asyncio.sleep(0)
    throttle.settle(first, used=1)
    await asyncio.wait_for(patient, 0.1)
    assert throttle.in_flight == 1


async def test_a_grant_and_a_cancellation_in_the_same_moment_lose_no_place() -> None:
    throttle = Throttle(in_flight=1)
    first = await throttle.acquire(1)
    given_up = asyncio.create_task(throttle.acquire(1))
    await asyncio.sleep(0)
    throttle.settle(first, used=1)  # grants it
    given_up.cancel()  # before it could run
    await asyncio.gather(given_up, return_exceptions=True)
    assert throttle.in_flight == 0
    assert await _granted(throttle)
