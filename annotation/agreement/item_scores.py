"""Do groups give an item different scores? A permutation test on mean scores, for answers on an ordered scale.

Scores are permuted among the people who were asked the item; the statistic is the variation between the groups' means,
which for two groups is their difference squared (Pitman, "Significance tests which may be applied to samples from any
populations III", Biometrika 1938; Good, "Permutation, Parametric and Bootstrap Tests of Hypotheses", 2005, section 3).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln
from scipy.stats import t

from annotation.agreement.crossed_laplace import Floats, Ints
from annotation.agreement.monte_carlo import sequential_p_values
from annotation.agreement.score_intervals import Interval


class ScoreTests(NamedTuple):
    """One test for each item.

    Attributes:
        p_value: 1 where nothing could be tested: fewer than two groups, or one score only.
        smallest: one over the number of ways to deal the people to the groups: no p-value is below it.
        mean: shape (items, groups), mean score of each group, NaN where it was not asked.
    """

    p_value: Floats
    smallest: Floats
    mean: Floats


class Scores(NamedTuple):
    """Answers on an ordered scale of the people who said a category.

    Attributes:
        item: shape (n,), 0 to items - 1; likewise `group` to groups - 1.
        score: shape (n,).
    """

    item: Ints
    group: Ints
    score: Floats
    items: int
    groups: int


def score_tests(scores: Scores, rng: np.random.Generator, *, enough: int = 20, most: int = 100_000) -> ScoreTests:
    """Test item by item whether the groups' mean scores differ.

    Args:
        scores: of the people who said a category.
        rng: permutes the scores.
        enough: extreme draws that end a test (`monte_carlo.py`).
        most: draws that end a test.
    """
    cell = scores.item * scores.groups + scores.group
    shape, size = (scores.items, scores.groups), scores.items * scores.groups
    asked = np.bincount(cell, minlength=size).reshape(shape)
    sums = np.asarray(np.bincount(cell, scores.score, size), np.float64).reshape(shape)
    order = np.argsort(scores.item, kind="stable")
    ends = np.cumsum(asked.sum(axis=1))
    groups_of = np.split(scores.group[order], ends[:-1])
    scores_of = np.split(scores.score[order], ends[:-1])
    varied = np.array([len(each) > 0 and each.min() < each.max() for each in scores_of], bool)
    tested = np.flatnonzero(varied & ((asked > 0).sum(axis=1) > 1))
    seen = _between(sums, asked)

    def extreme(tests: Ints, draws: int) -> NDArray[np.bool_]:
        drawn = np.empty((len(tests), draws), bool)
        for row, item in enumerate(tested[tests]):
            members = np.eye(scores.groups)[groups_of[item]]
            permuted = rng.permuted(np.tile(scores_of[item], (draws, 1)), axis=1) @ members
            # A hair less than what was seen: sums in another order differ by rounding.
            drawn[row] = _between(permuted, asked[item]) >= seen[item] * (1 - 1e-9)
        return drawn

    p_value = np.ones(scores.items)
    p_value[tested] = sequential_p_values(extreme, len(tested), enough=enough, most=most).p_value
    smallest = np.ones(scores.items)
    ways = gammaln(asked.sum(axis=1) + 1) - gammaln(asked + 1).sum(axis=1)
    smallest[tested] = np.exp(-ways[tested])
    with np.errstate(invalid="ignore"):
        return ScoreTests(p_value, smallest, sums / asked)


class Differences(NamedTuple):
    """Differences of two groups' mean scores, shape (items,) each, with Welch's interval and standard error."""

    interval: Interval
    error: Floats


def mean_differences(scores: Scores, one: Ints, other: Ints, level: Floats) -> Differences:
    """Return each item's mean score of its group `one` less that of its group `other`, with Welch's interval (1947).

    NaN ends and error where a group has fewer than two answers or neither varies.

    Args:
        scores: of the people who said a category.
        one: shape (items,), a group for each item; likewise `other`.
        other: see `one`.
        level: of each interval, shape (items,).
    """
    means, errors, freedoms = (np.empty((2, scores.items)) for _ in range(3))
    for place, group in enumerate((one, other)):
        rows = scores.group == group[scores.item]
        asked = np.bincount(scores.item[rows], minlength=scores.items)
        with np.errstate(divide="ignore", invalid="ignore"):
            means[place] = np.bincount(scores.item[rows], scores.score[rows], scores.items) / asked
            apart = (scores.score[rows] - means[place][scores.item[rows]]) ** 2
            errors[place] = np.bincount(scores.item[rows], apart, scores.items) / (asked - 1) / asked
            freedoms[place] = errors[place] ** 2 / (asked - 1)
    total = np.where(errors.sum(axis=0) > 0, errors.sum(axis=0), np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        half = t.ppf((1 + level) / 2, total**2 / freedoms.sum(axis=0)) * np.sqrt(total)
    value = means[0] - means[1]
    return Differences(Interval(value, value - half, value + half), np.sqrt(total))


def _between(sums: Floats, asked: Ints) -> Floats:
    """Return the sum over groups of squared sum over size, which orders tables as the variation between means does."""
    found: Floats = (sums**2 / np.maximum(asked, 1)).sum(axis=-1)
    return found
