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
    """Who come for the same thing have their turns one after the other, who come for another do not wait for them."""

    def __init__(self) -> None:
        """Prepare."""
        # Each lives for as long as somebody holds it or waits for it.
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def one(self, thing: str) -> AsyncIterator[None]:
        """Have a turn."""
        lock = self._locks.setdefault(thing, asyncio.Lock())
        async with lock:
            yield
