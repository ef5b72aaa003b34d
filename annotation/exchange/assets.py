"""What the server's pages are built of, scripts and styles, the same for everybody: asked for once, and kept a while.

A browser asks for 8 MB of them in some 20 requests before it shows anything; of a crowd, the server would answer
nothing else for minutes.
"""

import time
from collections.abc import Awaitable, Callable
from typing import Final, NamedTuple

import httpx

from annotation.exchange.turns import TurnsForEach

KEPT_SECONDS: Final = 600.0
"""For so long a server that has been brought up to date may be shown as it was."""
KEPT_BYTES: Final = 1 << 27


class _Kept(NamedTuple):
    reply: httpx.Response
    until: float


class Assets:
    """Replies by address: who asks for the same at the same time waits for the reply to who came first."""

    def __init__(self, *, seconds: float = KEPT_SECONDS, most_bytes: int = KEPT_BYTES) -> None:
        """Prepare.

        Args:
            seconds: for which a reply is kept.
            most_bytes: of all replies; what comes beyond is not kept.
        """
        self._seconds = seconds
        self._most_bytes = most_bytes
        self._kept: dict[str, _Kept] = {}
        self._turns = TurnsForEach()

    async def get(self, address: str, ask: Callable[[], Awaitable[httpx.Response]]) -> httpx.Response:
        """Return what is at the address: as it is kept, or by asking for it."""
        async with self._turns.one(address):
            if (kept := self._kept.get(address)) is not None and kept.until > time.monotonic():
                return kept.reply
            return self._keep(address, await ask())

    @property
    def bytes(self) -> int:
        """Return how much is kept."""
        return sum(len(one.reply.content) for one in self._kept.values())

    def _keep(self, address: str, reply: httpx.Response) -> httpx.Response:
        now = time.monotonic()
        self._kept = {each: one for each, one in self._kept.items() if one.until > now}
        if reply.is_success and self.bytes + len(reply.content) <= self._most_bytes:
            self._kept[address] = _Kept(reply, now + self._seconds)
        return reply
