"""Bootstrap weights: how often a draw with replacement takes each person, each item, or both.

Votes of one person are alike and so are votes on one item, so these are drawn, not votes (Efron, "Bootstrap methods:
another look at the jackknife", Ann. Stat. 1979, for one of them; Owen, "The pigeonhole bootstrap", Ann. Appl. Stat.
2007, for both at once: people and items are drawn independently and a vote counts as often as the product says). The
pigeonhole bootstrap is mildly conservative for crossed data (Owen 2007); drawing people alone tells the uncertainty for
the items at hand, drawing items alone that for the people at hand.

A statistic over draws is a matrix product of weights and sufficient statistics, not a loop over resampled tables.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]

DRAWS: Final = 2000
LEVEL: Final = 0.95
BLOCK_VALUES: Final = 4_000_000
"""Most weights in memory at a time: 32 MB."""


class Drawn(StrEnum):
    """What is drawn with replacement."""

    ITEMS = "items"
    PEOPLE = "people"
    BOTH = "both"


class Estimate(NamedTuple):
    """A figure with the ends of its interval, NaN where it is not defined.

    Attributes:
        undefined: share of the draws for which the figure is not defined, 0 to 1; they are left out of the interval.
    """

    value: float
    low: float
    high: float
    undefined: float = 0.0


def multiplicities(size: int, draws: int, rng: np.random.Generator) -> Floats:
    """Return how often each of `size` things comes in so many of them drawn with replacement, shape (draws, size)."""
    if not size:
        return np.zeros((draws, 0))
    drawn = rng.integers(size, size=(draws, size)) + np.arange(draws)[:, None] * size
    return np.bincount(drawn.ravel(), minlength=draws * size).reshape(draws, size).astype(np.float64)


def blocks(draws: int, width: int) -> Iterator[int]:
    """Yield sizes that sum to the draws, so that a block of rows of that width fits in memory."""
    most = max(1, BLOCK_VALUES // max(width, 1))
    for start in range(0, draws, most):
        yield min(most, draws - start)


def percentile_interval(value: float, drawn: Floats, level: float = LEVEL) -> Estimate:
    """Return the figure between the percentiles of its draws (Efron 1979; no correction for bias).

    Args:
        value: of the votes themselves.
        drawn: of each draw, NaN where it is not defined, shape (draws,).
        level: of confidence.
    """
    defined = drawn[~np.isnan(drawn)]
    if np.isnan(value) or not len(defined):
        return Estimate(value, np.nan, np.nan, 1 - len(defined) / max(len(drawn), 1))
    low, high = np.quantile(defined, [(1 - level) / 2, (1 + level) / 2])
    return Estimate(value, float(low), float(high), 1 - len(defined) / len(drawn))


def ratio(part: Floats, whole: Floats) -> Floats:
    """Return part / whole, NaN where the whole is 0; both of one shape."""
    part, whole = np.broadcast_arrays(part, whole)
    return np.divide(part, whole, out=np.full(whole.shape, np.nan), where=whole != 0)
