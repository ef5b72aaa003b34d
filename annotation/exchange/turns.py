"""So many at once, the others in line; who would wait too long is told to come again."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary

from valueprism_build.errors import BuildError


class CrowdedError(BuildError):
    """So many came at once that somebody's turn did not come in time."""


class Turns:
    """First come, first served; for one event loop."""

    def __init__(self, at_once: int, wait_seconds: float) -> None:
        """Prepare.

        Args:
            at_once: how many have their turn at the same time.
            wait_seconds: how long somebody waits for theirs, at most.
        """
        self._free = asyncio.Semaphore(at_once)
        self._wait_seconds = wait_seconds

    @asynccontextmanager
    async def one(self) -> AsyncIterator[None]:
        """Have a turn.

        Raises:
            CrowdedError: it did not come in time.
        """
        try:
            async with asyncio.timeout(self._wait_seconds):
                await self._free.acquire()
        except TimeoutError as error:
            raise CrowdedError(f"somebody has waited {self._wait_seconds:g} s for their turn") from error
        try:
            yield
        finally:
            self._free.release()


class TurnsForEach:
    """Turns for each thing: who come for one wait for each other, and not for who come for another."""

    def __init__(self, at_once: int = 1) -> None:
        """Prepare.

        Args:
            at_once: how many have their turn at one thing at the same time; the others wait for as long as it takes.
        """
        self._at_once = at_once
        # Each lives for as long as somebody holds it or waits for it.
        self._turns: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()

    @asynccontextmanager
    async def one(self, thing: str) -> AsyncIterator[None]:
        """Have a turn."""
        turns = self._turns.setdefault(thing, asyncio.Semaphore(self._at_once))
        async with turns:
            yield
