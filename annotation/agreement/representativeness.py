"""How far the sample is from the population it should speak for, dimension by dimension.

Differences of shares with Wilson's interval of the sample's share; over a dimension, Pearson's test of fit (1900) and
the index of dissimilarity, the least share of the sample that would have to be of another category (Duncan & Duncan,
Am. Sociol. Rev. 1955).
"""

from typing import NamedTuple

import numpy as np
from scipy.stats import chi2

from annotation.agreement.crossed_laplace import Floats, Ints
from annotation.agreement.raking import Margin
from annotation.agreement.score_intervals import Interval, wilson_interval


class Representativeness(NamedTuple):
    """One dimension of the sample against its target; shapes (categories,).

    Attributes:
        people: of each category.
        unsaid: people who said none; they are in no share.
        share: in the sample, among those who said one, 0 to 1.
        target: share in the population; NaN where the target does not name the category.
        points: sample less target, in percentage points, NaN likewise; the target is taken as exact.
        dissimilarity: 0 to 1, among the categories that the target names.
        p_value: of the test of fit, NaN where it cannot be done; chi-squared, so a rough one below some five expected.
        least_expected: people expected in the smallest category of the test.
    """

    people: Ints
    unsaid: int
    share: Interval
    target: Floats
    points: Interval
    dissimilarity: float
    p_value: float
    least_expected: float


def representativeness(margin: Margin, level: float = 0.95) -> Representativeness:
    """Compare one dimension of the sample with the target population."""
    said = margin.group[margin.group >= 0]
    people = np.bincount(said, minlength=len(margin.share))
    share = wilson_interval(people, np.full(len(people), len(said)), level)
    named = ~np.isnan(margin.share) & (margin.share > 0)
    inside = people[named]
    target = margin.share[named] / margin.share[named].sum() if named.any() else margin.share[named]
    expected = inside.sum() * target
    testable = inside.sum() > 0 and len(inside) > 1
    statistic = float(((inside - expected) ** 2 / expected).sum()) if testable else np.nan
    return Representativeness(
        people=people,
        unsaid=int((margin.group < 0).sum()),
        share=share,
        target=margin.share,
        points=Interval(*(100 * (each - margin.share) for each in share)),
        dissimilarity=float(np.abs(inside / inside.sum() - target).sum() / 2) if inside.sum() else np.nan,
        p_value=float(chi2.sf(statistic, len(inside) - 1)) if testable else np.nan,
        least_expected=float(expected.min()) if named.any() else np.nan,
    )
