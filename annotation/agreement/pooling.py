"""Partial pooling: estimates of small groups borrow from all groups, the more the less is known about them.

Normal-normal empirical Bayes (Efron & Morris, "Data analysis using Stein's estimator and its generalizations", JASA
1975; Gelman et al., "Bayesian Data Analysis", 2013, section 5.4): estimates scatter around their groups' true values
with known errors, and those around one mean with a variance that is estimated from the scatter, by the method of Paule
& Mandel (J. Res. Natl. Bur. Stand. 1982). Intervals allow for the mean being estimated, not for the variance, so they
are somewhat too short with fewer than ten groups.
"""

from math import sqrt
from typing import Final, NamedTuple

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit, ndtri

from annotation.agreement.crossed_laplace import Floats, Ints

# Share of an estimate that comes from the group itself, below which the sentence says "mostly from all groups".
_OWN: Final = 0.5


class Pooled(NamedTuple):
    """Groups' values after pooling; shapes (groups,).

    Attributes:
        value: between the group's own estimate and the mean; NaN for a group without estimate and error.
        low: of the interval; likewise `high`.
        own: share of the value that is the group's own, 0 to 1; the rest is the mean's.
        mean: of all groups.
        between: standard deviation of the true values around it; 0 if the scatter is no more than chance.
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
    if not known.any():
        return Pooled(value, low, high, own, np.nan, np.nan)
    seen, variances = estimates[known], errors[known] ** 2
    between = _between(seen, variances)
    precision = 1 / (variances + between)
    mean = float(precision @ seen / precision.sum())
    share = between / (variances + between)
    # Morris, "Parametric empirical Bayes inference", JASA 1983, equation 1.17: what the mean itself is uncertain by.
    spread = np.sqrt(variances * share + (1 - share) ** 2 / precision.sum())
    z = float(ndtri((1 + level) / 2))
    value[known] = share * seen + (1 - share) * mean
    low[known], high[known] = value[known] - z * spread, value[known] + z * spread
    own[known] = share
    return Pooled(value, low, high, own, mean, sqrt(between))


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
    shares = (expit(each) for each in (found.value, found.low, found.high))
    return Pooled(*shares, found.own, float(expit(found.mean)), found.between)


def in_words(group: str, people: int, own: float) -> str:
    """Say what pooling did to one group, for a reader who does not know the method."""
    if not np.isfinite(own):
        return f"Nothing is known about {group}: nobody of it answered."
    weight = f"{people} people" if people != 1 else "one person"
    source = "mostly the group's own answers" if own >= _OWN else "mostly what all groups have in common"
    return (
        f"{group} has {weight}; the figure is {source}: {own:.0%} of it is the group's own, "
        f"{1 - own:.0%} is pulled in from the mean of all groups."
    )


def _between(estimates: Floats, variances: Floats) -> float:
    """Return the variance at which the weighted scatter is what chance gives: groups less one."""

    def excess(between: float) -> float:
        weights = 1 / (variances + between)
        mean = weights @ estimates / weights.sum()
        return float(weights @ (estimates - mean) ** 2 - (len(estimates) - 1))

    if len(estimates) < 2 or excess(0.0) <= 0:
        return 0.0
    highest = float(np.ptp(estimates) ** 2 * len(estimates)) + 1e-12
    return float(brentq(excess, 0.0, highest))
