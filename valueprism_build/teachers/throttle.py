"""How fast one teacher may be asked: requests and tokens per minute, a window of requests in flight, pauses.

The rates are token buckets that refill all the time. The window follows TCP's additive increase and multiplicative
decrease (Chiu and Jain, 1989, section 3): a 429 halves it, each reply widens it by one over itself. Nothing polls:
whoever waits is woken by a reply, a refund, or one timer for the head of the queue.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

Clock: TypeAlias = Callable[[], float]

MINUTE: Final = 60.0
MIN_WINDOW: Final = 1.0


@dataclass(frozen=True, slots=True)
class RateHeaders:
    """What a reply said about the endpoint's limits; None where it said nothing.

    Attributes:
        requests_per_minute: the endpoint's own limit, and likewise for tokens.
        requests_left: how many of them are left now, and likewise for tokens.
    """

    requests_per_minute: float | None = None
    tokens_per_minute: float | None = None
    requests_left: float | None = None
    tokens_left: float | None = None


@dataclass(slots=True)
class Permit:
    """Leave to send one request.

    Attributes:
        tokens: what was taken from the bucket of tokens: the worst case, until the usage is known.
        era: how often the window had been halved when the request left.
    """

    tokens: float
    era: int


class _Bucket:
    """So much a minute, refilled continuously, never more than a minute's worth; None is without limit."""

    def __init__(self, per_minute: float | None, now: float) -> None:
        self.per_minute = per_minute
        self._level = per_minute or 0.0
        self._at = now

    def wait(self, amount: float, now: float) -> float:
        """Return the seconds until `amount` can be taken; more than a minute's worth waits for a full bucket."""
        if self.per_minute is None:
            return 0.0
        self._refill(now)
        missing = min(amount, self.per_minute) - self._level
        # Less than a billionth is what floats lose, not a reason to wait.
        return missing / self.per_minute * MINUTE if missing > 1e-9 * self.per_minute else 0.0

    def take(self, amount: float) -> None:
        if self.per_minute is not None:
            self._level -= amount

    def give_back(self, amount: float, now: float) -> None:
        if self.per_minute is not None:
            self._refill(now)
            self._level = min(self.per_minute, self._level + amount)

    def learn(self, per_minute: float | None, left: float | None, now: float) -> None:
        """Take over a limit that the endpoint states, where it is tighter than ours, and what is left of it."""
        if per_minute is not None and (self.per_minute is None or per_minute < self.per_minute):
            self._level = per_minute if self.per_minute is None else min(self._level, per_minute)
            self.per_minute, self._at = per_minute, now
        if left is not None and self.per_minute is not None:
            self._refill(now)
            self._level = min(self._level, left)

    def _refill(self, now: float) -> None:
        rate = self.per_minute or 0.0
        self._level = min(rate, self._level + (now - self._at) / MINUTE * rate)
        self._at = now


class Throttle:
    """Grants permits in the order in which they were asked for. For one event loop."""

    def __init__(
        self,
        *,
        in_flight: int,
        requests_per_minute: float | None = None,
        tokens_per_minute: float | None = None,
        clock: Clock = time.monotonic,
    ) -> None:
        """Begin with full buckets and an open window.

        Args:
            in_flight: most requests under way at once; the window never grows beyond it.
            requests_per_minute: None for what the endpoint's headers say, if they do; likewise for tokens.
            tokens_per_minute: prompt and completion together.
            clock: seconds that only grow.
        """
        self._clock = clock
        self._requests = _Bucket(requests_per_minute, clock())
        self._tokens = _Bucket(tokens_per_minute, clock())
        self._most = self.window = float(in_flight)
        self.in_flight = 0
        self._era = 0
        self._paused_until = 0.0
        self._queue: deque[tuple[float, asyncio.Future[Permit]]] = deque()
        self._timer: asyncio.TimerHandle | None = None

    async def acquire(self, tokens: float) -> Permit:
        """Wait for leave to send a request of at most so many tokens, prompt and completion together."""
        turn: asyncio.Future[Permit] = asyncio.get_running_loop().create_future()
        self._queue.append((tokens, turn))
        self._pump()
        try:
            return await turn
        except asyncio.CancelledError:
            if not turn.cancelled():  # granted in the very moment of the cancellation
                self._take_back(turn.result())
            self._pump()
            raise

    def settle(self, permit: Permit, *, used: float, headers: RateHeaders | None = None, busy: bool = False) -> None:
        """Give the permit back.

        Args:
            permit: of the request that has ended.
            used: tokens that it really took; the rest is refunded.
            headers: what the reply said about limits.
            busy: it was refused for asking too fast. Requests of one window count as one refusal.
        """
        now = self._clock()
        self.in_flight -= 1
        self._tokens.give_back(permit.tokens - used, now)
        if headers is not None:
            self._requests.learn(headers.requests_per_minute, headers.requests_left, now)
            self._tokens.learn(headers.tokens_per_minute, headers.tokens_left, now)
        if not busy:
            self.window = min(self._most, self.window + 1 / self.window)
        elif permit.era == self._era:
            self.window = max(MIN_WINDOW, self.window / 2)
            self._era += 1
        self._pump()

    def pause(self, seconds: float) -> None:
        """Grant nothing for so long: the endpoint has said when to come back."""
        self._paused_until = max(self._paused_until, self._clock() + seconds)

    def _room(self) -> bool:
        return self.in_flight < int(self.window)

    def _wait(self, tokens: float) -> float:
        now = self._clock()
        return max(self._paused_until - now, self._requests.wait(1, now), self._tokens.wait(tokens, now))

    def _grant(self, tokens: float) -> Permit:
        self._requests.take(1)
        self._tokens.take(tokens)
        self.in_flight += 1
        return Permit(tokens, self._era)

    def _take_back(self, permit: Permit) -> None:
        """Undo a grant of which no use was made."""
        self._requests.give_back(1, self._clock())
        self._tokens.give_back(permit.tokens, self._clock())
        self.in_flight -= 1

    def _pump(self) -> None:
        """Grant what can be granted, and set the one timer for what cannot yet."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        while self._queue and self._room():
            tokens, turn = self._queue[0]
            wait = 0.0 if turn.done() else self._wait(tokens)  # done: given up
            if wait > 0:
                self._timer = asyncio.get_running_loop().call_later(wait, self._pump)
                return
            self._queue.popleft()
            if not turn.done():
                turn.set_result(self._grant(tokens))
