"""Partial pooling: estimates of small groups borrow from all groups, the more the less is known about them.

The normal hierarchical model (Efron & Morris, "Data analysis using Stein's estimator and its generalizations", JASA
1975; Gelman et al., "Bayesian Data Analysis", 2013, section 5.4): estimates scatter around their groups' true values
with known errors, and these around one mean with an unknown deviation. The deviation is not estimated but averaged
over, with equal weight for all its values beforehand (there, equation 5.21): a single estimate of it, often zero with
few groups, makes intervals too short. With fewer than three groups nothing is known of how groups scatter, and none
borrows.
"""

from functools import cache
from typing import Final, NamedTuple

import numpy as np
from numpy.polynomial.legendre import leggauss
from scipy.special import expit, ndtri

from annotation.agreement.crossed_laplace import Floats, Ints

# Share of an estimate that comes from the group itself, below which the sentence says "mostly from all groups".
_OWN: Final = 0.5
_FEWEST: Final = 3
# Deviations between groups that are averaged over; doubling them moves no value by a thousandth of its error.
_NODES: Final = 200


class Pooled(NamedTuple):
    """Groups' values after pooling; shapes (groups,).

    Attributes:
        value: between the group's own estimate and the mean; NaN for a group without estimate and error.
        low: of the interval; likewise `high`.
        own: share of the value that is the group's own, 0 to 1; the rest is the mean's.
        mean: of all groups; NaN with fewer than three.
        between: standard deviation of the true values around it, at its posterior median; NaN likewise.
    """

    value: Floats
    low: Floats
    high: Floats
    own: Floats
    mean: float
    between: float


def pooled(estimates: Floats, errors: Floats, level: float = 0.95) -> Pooled:
    """Pool estimates on a scale where they are about normal, such as log-odds.

    Args:
        estimates: shape (groups,), NaN where there is none.
        errors: standard errors, above 0.
        level: of the intervals.
    """
    known = np.isfinite(estimates) & np.isfinite(errors) & (errors > 0)
    value, low, high, own = np.full((4, len(estimates)), np.nan)
    z = float(ndtri((1 + level) / 2))
    seen, variances = estimates[known], errors[known] ** 2
    if len(seen) < _FEWEST:
        value[known], own[known] = seen, 1.0
        low[known], high[known] = seen - z * errors[known], seen + z * errors[known]
        return Pooled(value, low, high, own, np.nan, np.nan)
    between, chance = _deviations(seen, variances)
    total = variances + between[:, None] ** 2
    precision = (1 / total).sum(axis=1)
    mean = (seen / total).sum(axis=1) / precision
    share = between[:, None] ** 2 / total
    values = share * seen + (1 - share) * mean[:, None]
    spreads = variances * share + (1 - share) ** 2 / precision[:, None]
    value[known], own[known] = chance @ values, chance @ share
    spread = np.sqrt(chance @ (spreads + (values - value[known]) ** 2))
    low[known], high[known] = value[known] - z * spread, value[known] + z * spread
    median = between[np.searchsorted(np.cumsum(chance), 0.5)]
    return Pooled(value, low, high, own, float(chance @ mean), float(median))


def pooled_rates(yes: Ints, asked: Ints, level: float = 0.95) -> Pooled:
    """Pool shares of independent answers, 0 to 1, on the scale of empirical log-odds (half an answer added to both).

    Gart & Zweifel, "On the bias of various estimators of the logit", Biometrika 1967. `between` is in log-odds.

    Args:
        yes: shape (groups,), how many said so.
        asked: how many were asked; where none was, there is no estimate.
        level: of the intervals.
    """
    estimates = np.where(asked > 0, np.log((yes + 0.5) / (asked - yes + 0.5)), np.nan)
    errors = np.sqrt(1 / (yes + 0.5) + 1 / (asked - yes + 0.5))
    found = pooled(estimates, errors, level)
    value, low, high = (expit(each) for each in found[:3])
    return Pooled(value, low, high, found.own, float(expit(found.mean)), found.between)


def in_words(group: str, people: int, own: float) -> str:
    """Say what pooling did to one group, for a reader who does not know the method."""
    weight = f"{people:,} people" if people != 1 else "one person"
    if not np.isfinite(own):
        nobody = f"Nothing is known about {group}: nobody of it answered."
        return f"{group} has {weight}, and no estimate to pool." if people else nobody
    source = "mostly the group's own answers" if own >= _OWN else "mostly what all groups have in common"
    return (
        f"{group} has {weight}; the figure is {source}: {own:.0%} of it is the group's own, "
        f"{1 - own:.0%} is pulled in from the mean of all groups."
    )


class _Deviations(NamedTuple):
    """Deviations between groups, rising, and how likely each is after what was seen; they add up to 1."""

    between: Floats
    chance: Floats


def _deviations(seen: Floats, variances: Floats) -> _Deviations:
    part, weights = _quadrature()
    scale = max(float(seen.std()), float(np.sqrt(np.median(variances))))
    between = scale * part / (1 - part)  # 0 to infinity
    total = variances + between[:, None] ** 2
    precision = (1 / total).sum(axis=1)
    mean = (seen / total).sum(axis=1) / precision
    logs = -(np.log(total) + (seen - mean[:, None]) ** 2 / total).sum(axis=1) / 2 - np.log(precision) / 2
    chance = np.exp(logs - logs.max()) * weights / (1 - part) ** 2
    return _Deviations(between, chance / chance.sum())


@cache
def _quadrature() -> tuple[Floats, Floats]:
    points, weights = leggauss(_NODES)
    return (1 + points) / 2, weights
