"""Bootstrap weights: how often a draw with replacement takes each person, each item, or both.

Votes of one person are alike and so are votes on one item, so these are drawn, not votes (Efron, "Bootstrap methods:
another look at the jackknife", Ann. Stat. 1979, for one of them; Owen, "The pigeonhole bootstrap", Ann. Appl. Stat.
2007, for both at once: people and items are drawn independently and a vote counts as often as the product says).

Drawing items alone tells how the figure would change with other items and the same people, drawing people alone the
reverse. Drawing both errs on the wide side: it counts three times what is neither of the item nor of the person but of
the vote. The variance for other people and other items is V_items + V_people - V_votes (Cameron, Gelbach and Miller,
"Robust inference with multiway clustering", J. Bus. Econ. Stat. 2011). But for terms of lower order V_both is V_items +
V_people + V_votes (Owen 2007), so that is 2 (V_items + V_people) - V_both: the variance of `Resampled.crossed`, the
interval to cite. `benchmarks.agreement` shows what each of them covers.

A statistic over draws is a matrix product of weights and sufficient statistics, not a loop over resampled tables.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

Floats: TypeAlias = NDArray[np.float64]

DRAWS: Final = 2000
LEVEL: Final = 0.95
BLOCK_VALUES: Final = 4_000_000
"""Most weights in memory at a time: 32 MB."""


class Estimate(NamedTuple):
    """A figure with the ends of its interval, NaN where it is not defined.

    Attributes:
        undefined: share of the draws for which the figure is not defined, 0 to 1; they are left out of the interval.
    """

    value: float
    low: float
    high: float
    undefined: float = 0.0


class Clusters(NamedTuple):
    """How many items and people have votes."""

    items: int
    people: int


class Resampled(NamedTuple):
    """A figure with intervals for other items, other people, both by the pigeonhole, and both by two-way variance.

    Where all votes are the same, so are those of every draw, and the intervals have no width.
    """

    by_items: Estimate
    by_people: Estimate
    by_both: Estimate
    crossed: Estimate


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
    undefined = 1 - len(defined) / max(len(drawn), 1)
    if np.isnan(value) or not len(defined):
        return Estimate(value, np.nan, np.nan, undefined)
    low, high = np.quantile(defined, [(1 - level) / 2, (1 + level) / 2])
    return Estimate(value, float(low), float(high), undefined)


def two_way_variance(drawn: Floats, clusters: Clusters) -> float:
    """Return the variance over other items and other people, never less than over either of them; NaN without draws.

    Args:
        drawn: of items, of people and of both, NaN where the figure is not defined, shape (3, draws).
        clusters: what was drawn from.
    """
    if np.isnan(drawn).all(axis=1).any() or min(clusters) < 2:
        return np.nan
    of_items, of_people, of_both = np.nanvar(drawn, axis=1)
    # Draws from n vary by (n - 1) / n of what n others would.
    other_items = of_items * clusters.items / (clusters.items - 1)
    other_people = of_people * clusters.people / (clusters.people - 1)
    return float(max(other_items + other_people - (of_both - of_items - of_people), other_items, other_people))


def critical_value(clusters: Clusters, level: float = LEVEL) -> float:
    """Return Student's quantile, one degree of freedom less than there are items or people (Cameron et al. 2011)."""
    return float(student.ppf((1 + level) / 2, max(min(clusters) - 1, 1)))


def resampled(
    value: float, drawn: Floats, clusters: Clusters, *, least: float = 0.0, level: float = LEVEL
) -> Resampled:
    """Return the figure with its intervals; the crossed one is symmetric but where it would pass the least or 1.

    Args:
        value: of the votes themselves.
        drawn: of items, of people and of both, NaN where the figure is not defined, shape (3, draws).
        clusters: what was drawn from.
        least: that the figure can be; the most is 1.
        level: of confidence.
    """
    by_items, by_people, by_both = (percentile_interval(value, each, level) for each in drawn)
    half = critical_value(clusters, level) * two_way_variance(drawn, clusters) ** 0.5
    low, high = np.clip([value - half, value + half], least, 1.0)
    crossed = Estimate(value, float(low), float(high), by_both.undefined)
    return Resampled(by_items, by_people, by_both, crossed)


def ratio(part: Floats, whole: Floats) -> Floats:
    """Return part / whole, NaN where the whole is 0; both of one shape."""
    part, whole = np.broadcast_arrays(part, whole)
    share: Floats = np.divide(part, whole, out=np.full(whole.shape, np.nan), where=whole != 0)
    return share
