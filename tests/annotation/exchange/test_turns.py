import asyncio

import pytest

from annotation.exchange.turns import CrowdedError, Turns, TurnsForEach


async def test_so_many_have_their_turn_at_once_and_the_others_theirs_in_the_order_in_which_they_came() -> None:
    turns, inside, most, served = Turns(2, 60), set[int](), 0, list[int]()

    async def come(number: int) -> None:
        nonlocal most
        async with turns.one():
            inside.add(number)
            most = max(most, len(inside))
            served.append(number)
            await asyncio.sleep(0)
            inside.remove(number)

    await asyncio.gather(*map(come, range(20)))
    assert (most, served) == (2, list(range(20)))


async def test_whose_turn_does_not_come_in_time_is_told_and_takes_nobody_elses() -> None:
    turns = Turns(1, 0.01)
    async with turns.one():
        for _ in range(3):
            with pytest.raises(CrowdedError, match=r"0\.01 s"):
                async with turns.one():
                    pytest.fail("two have had their turn at once")
    async with turns.one():
        pass


async def test_who_fails_in_their_turn_gives_it_back() -> None:
    turns = Turns(1, 0.01)
    for _ in range(2):
        with pytest.raises(KeyError):
            async with turns.one():
                raise KeyError


async def test_who_come_for_the_same_wait_for_each_other_and_who_come_for_another_do_not() -> None:
    turns, same, other = TurnsForEach(), list[int](), list[int]()

    async def come(thing: str, number: int, seen: list[int]) -> None:
        async with turns.one(thing):
            seen.append(number)
            await asyncio.sleep(0)
            seen.append(number)

    await asyncio.gather(
        *(come("same", number, same) for number in range(3)), *(come(f"other {n}", n, other) for n in range(2))
    )
    assert (same, other) == ([0, 0, 1, 1, 2, 2], [0, 1, 0, 1])
