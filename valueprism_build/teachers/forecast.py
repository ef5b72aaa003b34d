"""What questions that are not asked yet will take, from what earlier ones took."""

from dataclasses import dataclass
from decimal import Decimal
from math import sqrt
from typing import Final

from valueprism_build.teachers.chat_request import Tokens
from valueprism_build.teachers.prices import Price

Z_95: Final = 1.96  # of a normal distribution
LEAST_KNOWN: Final = 2  # answers without which there is no variance


@dataclass(frozen=True, slots=True)
class History:
    """Tokens of the answers that one model of one teacher has given so far; sample variances."""

    answers: int
    prompt_mean: float
    prompt_variance: float
    completion_mean: float
    completion_variance: float


@dataclass(frozen=True, slots=True)
class Range:
    """A sum of tokens that is not known yet.

    Attributes:
        low: with `high`, the 95 % interval; without a history, nothing.
        likely: None without a history.
        high: without a history, the most that it can be; None where nothing bounds it.
    """

    low: int
    likely: int | None
    high: int | None


@dataclass(frozen=True, slots=True)
class CostRange:
    """US dollars; the attributes are those of `Range`."""

    low: Decimal
    likely: Decimal | None
    high: Decimal | None


def tokens(requests: int, answers: int, mean: float, variance: float, most: int | None) -> Range:
    """Return what so many requests will take in all.

    The interval is that of the sum of n further draws where the mean is known from m: its variance is
    v n + v n^2 / m, the draws' own and that of the mean.

    Args:
        requests: n.
        answers: m; fewer than two tell nothing.
        mean: tokens of an answer.
        variance: of these.
        most: a bound for the sum, or None.
    """
    if not requests:
        return Range(0, 0, 0)
    if answers < LEAST_KNOWN:
        return Range(0, None, most)
    likely = requests * mean
    spread = Z_95 * sqrt(variance * (requests + requests**2 / answers))
    high = round(likely + spread) if most is None else min(most, round(likely + spread))
    return Range(max(0, round(likely - spread)), round(likely), high)


def cost(price: Price | None, prompt: Range, completion: Range) -> CostRange | None:
    """Return the cost, or None where nobody knows the price. Both ends of the interval add up, so it is never short."""
    if price is None:
        return None
    known = prompt.likely is not None and completion.likely is not None
    bounded = prompt.high is not None and completion.high is not None
    return CostRange(
        low=price.of(Tokens(prompt.low, completion.low)),
        likely=price.of(Tokens(prompt.likely or 0, completion.likely or 0)) if known else None,
        high=price.of(Tokens(prompt.high or 0, completion.high or 0)) if bounded else None,
    )
