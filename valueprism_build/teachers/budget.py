"""A hard cap on money: the worst case is set aside before a request leaves, so that the cap is never overrun."""

import asyncio
from collections import deque
from decimal import Decimal
from typing import Final

from valueprism_build.errors import BuildError

NOTHING: Final = Decimal(0)


class BudgetSpentError(BuildError):
    """The next request might cost more than is left. The run ends cleanly."""


class Budget:
    """US dollars for one run, whoever is asked. For one event loop.

    spent + reserved <= limit at every moment, whatever the replies turn out to cost, as long as no reply costs more
    than what was reserved for it.

    Attributes:
        limit: None never refuses.
        spent: what replies and lost attempts have cost.
        reserved: the worst case of the requests under way.
    """

    def __init__(self, limit: Decimal | None) -> None:
        """Begin with nothing spent."""
        self.limit = limit
        self.spent = NOTHING
        self.reserved = NOTHING
        self._queue: deque[tuple[Decimal, asyncio.Future[None]]] = deque()

    async def reserve(self, worst: Decimal) -> None:
        """Set aside the worst case of one request, waiting for requests under way if it fits only without them.

        Raises:
            BudgetSpentError: it does not fit even if all requests under way turn out to cost nothing.
        """
        if not self._queue and self._fits(worst):
            self.reserved += worst
            return
        turn = asyncio.get_running_loop().create_future()
        self._queue.append((worst, turn))
        self._pump()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled() and turn.exception() is None:
                self.settle(worst, NOTHING)
            raise

    def take(self, worst: Decimal) -> bool:
        """Set aside the worst case of one request at once, or say that it does not fit beside what is under way."""
        fits = not self._queue and self._fits(worst)
        if fits:
            self.reserved += worst
        return fits

    def settle(self, worst: Decimal, actual: Decimal) -> None:
        """Replace what was reserved for a request by what it cost, and wake whoever waits."""
        self.reserved -= worst
        self.spent += actual
        self._pump()

    def _fits(self, worst: Decimal) -> bool:
        return self.limit is None or self.spent + self.reserved + worst <= self.limit

    def _pump(self) -> None:
        while self._queue:
            worst, turn = self._queue[0]
            if turn.done():
                self._queue.popleft()
            elif self._fits(worst):
                self._queue.popleft()
                self.reserved += worst
                turn.set_result(None)
            elif self.reserved:
                return  # a request under way may turn out cheaper
            else:
                self._queue.popleft()
                turn.set_exception(
                    BudgetSpentError(
                        f"US$ {self.spent:f} of {self.limit:f} are spent; the next request may cost {worst:f}"
                    )
                )
