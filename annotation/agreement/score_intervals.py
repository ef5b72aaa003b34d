"""Intervals of the difference and of the ratio of two groups' rates, both from Wilson's intervals of the rates.

Difference: the square-and-add interval, method 10 of Newcombe, "Interval estimation for the difference between
independent proportions", Stat. Med. 1998. Ratio: the same idea for a ratio, MOVER-R of Donner & Zou, "Closed-form
confidence intervals for functions of the normal mean and standard deviation", Stat. Methods Med. Res. 2012, which
Fagerland, Lydersen & Laake ("Recommended confidence intervals for two independent binomial proportions", ibid. 2015)
recommend beside Koopman's. Being of one making, the ratio's interval holds 1 exactly where the difference's holds 0.
"""

from typing import NamedTuple

import numpy as np

from annotation.agreement.crossed_laplace import Floats, Ints
from valueprism_build.wilson import wilson_bounds


class Interval(NamedTuple):
    """Estimates with their intervals, elementwise."""

    value: Floats
    low: Floats
    high: Floats


def wilson_interval(yes: Ints, asked: Ints, level: float = 0.95) -> Interval:
    """Return the share of yes, 0 to 1, with Wilson's interval (1927); NaN where nobody was asked."""
    with np.errstate(invalid="ignore"):
        share = yes / asked
    return Interval(share, *wilson_bounds(share, asked, level))


def difference(yes: Ints, asked: Ints, other_yes: Ints, other_asked: Ints, level: float = 0.95) -> Interval:
    """Return the first group's share less the other's, -1 to 1; NaN where a group was not asked."""
    one, other = wilson_interval(yes, asked, level), wilson_interval(other_yes, other_asked, level)
    value = one.value - other.value
    below = np.hypot(one.value - one.low, other.high - other.value)
    above = np.hypot(one.high - one.value, other.value - other.low)
    return Interval(value, value - below, value + above)


def ratio(yes: Ints, asked: Ints, other_yes: Ints, other_asked: Ints, level: float = 0.95) -> Interval:
    """Return the first group's share over the other's, 0 to infinity; NaN where a group was not asked.

    If nobody of the other group said yes, the upper end is infinite, and so is the value, or NaN if nobody at all did.
    """
    one, other = wilson_interval(yes, asked, level), wilson_interval(other_yes, other_asked, level)
    product = one.value * other.value
    with np.errstate(divide="ignore", invalid="ignore"):
        value = one.value / other.value
        below, above = one.low * (2 * one.value - one.low), one.high * (2 * one.value - one.high)
        other_below = other.low * (2 * other.value - other.low)
        other_above = other.high * (2 * other.value - other.high)
        low = (product - np.sqrt(np.maximum(product**2 - below * other_above, 0))) / other_above
        high = (product + np.sqrt(np.maximum(product**2 - above * other_below, 0))) / other_below
    asked_both = ~np.isnan(product)
    low = np.where(asked_both & (one.value == 0), 0.0, low)
    return Interval(value, low, np.where(asked_both & (other.value == 0), np.inf, high))
