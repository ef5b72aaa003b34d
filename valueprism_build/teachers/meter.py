"""What every try of a request must pass, and what it leaves behind: the throttle, and the money."""

from dataclasses import dataclass
from decimal import Decimal

from valueprism_build.errors import SettingsError
from valueprism_build.teachers.budget import NOTHING, Budget
from valueprism_build.teachers.chat_request import Tokens
from valueprism_build.teachers.prices import Price
from valueprism_build.teachers.throttle import Permit, RateHeaders, Throttle


@dataclass(frozen=True, slots=True)
class Reservation:
    """Leave to send one try.

    Attributes:
        worst: US dollars that are set aside for it.
    """

    permit: Permit
    worst: Decimal


class Meter:
    """Counts tries of one teacher against its limits and the run's budget. End each reservation exactly once.

    Attributes:
        price: None where nobody knows it: then no cost is known either.
    """

    def __init__(self, throttle: Throttle, budget: Budget, price: Price | None, *, name: str, max_tokens: int | None):
        """Begin.

        Args:
            throttle: of this teacher.
            budget: of the run; shared by its teachers.
            price: of this teacher's tokens.
            name: of this teacher, for a person.
            max_tokens: longest reply.

        Raises:
            SettingsError: there is a limit to spend, and the worst case of a request cannot be told.
        """
        require_bound(budget, price, name=name, max_tokens=max_tokens)
        self.price = price
        self._throttle = throttle
        self._budget = budget

    async def reserve(self, at_most: Tokens) -> Reservation:
        """Wait until one try of at most so many tokens may be sent, and set its worst case aside.

        Raises:
            BudgetSpentError: it may cost more than is left.
        """
        permit = await self._throttle.acquire(at_most.total)
        worst = NOTHING if self.price is None else self.price.of(at_most)
        try:
            # After the throttle: money is held only by what is under way, so whoever waits for it is soon told.
            await self._budget.reserve(worst)
        except BaseException:
            self._throttle.settle(permit, used=0)
            raise
        return Reservation(permit, worst)

    def refund(self, reservation: Reservation, headers: RateHeaders | None = None, *, busy: bool = False) -> Decimal:
        """End a try that the endpoint refused, or that was never sent: it cost nothing."""
        self._throttle.settle(reservation.permit, used=0, headers=headers, busy=busy)
        self._budget.settle(reservation.worst, NOTHING)
        return NOTHING

    def forfeit(self, reservation: Reservation) -> Decimal | None:
        """End a try of which nobody knows what it cost, and count the worst case; return it where there is a price."""
        self._throttle.settle(reservation.permit, used=reservation.permit.tokens)
        self._budget.settle(reservation.worst, reservation.worst)
        return None if self.price is None else reservation.worst

    def charge(self, reservation: Reservation, used: Tokens, headers: RateHeaders | None) -> Decimal | None:
        """End a try that was answered, and return what it cost where there is a price."""
        cost = None if self.price is None else self.price.of(used)
        self._throttle.settle(reservation.permit, used=used.total, headers=headers)
        self._budget.settle(reservation.worst, cost or NOTHING)
        return cost

    def pause(self, seconds: float) -> None:
        """Let nothing through for so long."""
        self._throttle.pause(seconds)


def require_bound(budget: Budget, price: Price | None, *, name: str, max_tokens: int | None) -> None:
    """Refuse a budget that cannot be kept; the arguments are those of `Meter`.

    Raises:
        SettingsError: there is a limit to spend, and the worst case of a request cannot be told.
    """
    if budget.limit is not None and price is None:
        raise SettingsError(
            f"the price of teacher {name!r} is unknown, so a budget cannot be kept: "
            "set prompt_price and completion_price, in US$ per million tokens"
        )
    if budget.limit is not None and max_tokens is None and price is not None and price.completion:
        raise SettingsError(f"teacher {name!r} has no max_tokens, so a budget cannot be kept: set max_tokens")
