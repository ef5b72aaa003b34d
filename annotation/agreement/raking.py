"""Weights that make the sample's margins those of a target population: raking, trimmed.

Iterative proportional fitting (Deming & Stephan, "On a least squares adjustment of a sampled frequency table when the
expected marginal totals are known", Ann. Math. Stat. 1940) with weights held between no one and a cap in every cycle
(Izrael, Battaglia & Frankel, "Extreme survey weight adjustment as a component of sample balancing", SAS Global Forum
2009). What the weights cost is Kish's design effect, n sum(w^2) / sum(w)^2 ("Survey Sampling", 1965, section 11.7).
"""

from collections.abc import Sequence
from math import sqrt
from typing import Final, NamedTuple

import numpy as np
from scipy.special import ndtri

from annotation.agreement.crossed_laplace import Answers, Floats, Ints

# Shares that are nearer than this to the target are there.
TOLERANCE: Final = 1e-6


class Margin(NamedTuple):
    """What one dimension should look like.

    Attributes:
        group: shape (people,), category 0 to categories - 1, or -1 where it was not said.
        share: shape (categories,), of the target population, adding up to 1; NaN for a category that the target does
            not name, whose people keep their weight as those do who said none.
    """

    group: Ints
    share: Floats


class Raked(NamedTuple):
    """Weights of people.

    Attributes:
        weights: shape (people,), of mean 1.
        design_effect: by how much the weights increase the variance of a mean of people, 1 or more.
        capped: how many people have the greatest weight allowed.
        unreached: for each margin, the target's categories that nobody is of; the others' shares were scaled up.
        farthest: greatest distance left between a weighted share and its target, 0 to 1.
        converged: whether it is below the tolerance; a cap can make that impossible.
    """

    weights: Floats
    design_effect: float
    capped: int
    unreached: tuple[tuple[int, ...], ...]
    farthest: float
    converged: bool


class Weighted(NamedTuple):
    """A share of yes beside its weighted counterpart, with intervals that treat people as clusters."""

    share: float
    low: float
    high: float
    weighted: float
    weighted_low: float
    weighted_high: float


def rake(margins: Sequence[Margin], people: int, *, cap: float = 5.0, most_cycles: int = 200) -> Raked:
    """Weight people so that every margin is met.

    Args:
        margins: at least one.
        people: how many.
        cap: greatest weight, as a multiple of the mean weight.
        most_cycles: over all margins.

    Raises:
        ValueError: the cap is not above 1, a margin's shares do not add up to 1, or none of its categories has people.
    """
    if not cap > 1:
        raise ValueError(f"a cap of {cap} times the mean weight cannot be kept; give more than 1")
    goals = [_reachable(number, margin) for number, margin in enumerate(margins)]
    weights = np.ones(people)
    farthest = np.inf
    for _ in range(most_cycles):
        for margin, goal in zip(margins, goals, strict=True):
            weights = weights * _factors(margin.group, goal, weights)
        weights = _trimmed(weights, cap)
        farthest = max(_distance(margin.group, goal, weights) for margin, goal in zip(margins, goals, strict=True))
        if farthest < TOLERANCE:
            break
    return Raked(
        weights=weights,
        design_effect=design_effect(weights),
        capped=int((weights > cap * (1 - 1e-6)).sum()),
        unreached=tuple(_unreached(margin) for margin in margins),
        farthest=farthest,
        converged=farthest < TOLERANCE,
    )


def design_effect(weights: Floats) -> float:
    """Return Kish's design effect of weighting."""
    return float(len(weights) * (weights @ weights) / weights.sum() ** 2)


def weighted_share(answers: Answers, weights: Floats, level: float = 0.95) -> Weighted:
    """Return the share of yes, unweighted and weighted.

    Variances are those of a ratio of sums over people, by Taylor's series (Cochran, "Sampling Techniques", 1977,
    section 6.3): answers of one person may be alike, items are taken as they are.

    Args:
        answers: at least one.
        weights: shape (people,).
        level: of the intervals.
    """
    asked = np.bincount(answers.person, minlength=answers.people)
    yes = np.bincount(answers.person, answers.yes, answers.people)
    z = float(ndtri((1 + level) / 2))
    plain, weighted = (_ratio(each * yes, each * asked, z) for each in (np.ones(answers.people), weights))
    return Weighted(*plain, *weighted)


def _trimmed(weights: Floats, cap: float) -> Floats:
    """Return weights of mean 1 and at most `cap`: what is cut off goes to all, until nothing stands out any more."""
    weights = weights / weights.mean()
    while weights.max() > cap * (1 + 1e-9):
        weights = np.minimum(weights, cap)
        weights = weights / weights.mean()
    return weights


def _ratio(yes: Floats, asked: Floats, z: float) -> tuple[float, float, float]:
    share, people = float(yes.sum() / asked.sum()), int((asked > 0).sum())
    if people < 2:
        return share, 0.0, 1.0
    apart = yes - share * asked
    half = z * sqrt(people / (people - 1) * (apart @ apart)) / asked.sum()
    return share, max(0.0, share - half), min(1.0, share + half)


def _reachable(number: int, margin: Margin) -> Floats:
    """Return the share of each category among those that the target names and that have people; NaN for the others."""
    if abs(np.nansum(margin.share) - 1) > 1e-3:
        raise ValueError(
            f"the shares of target {number} add up to {np.nansum(margin.share):.4g}; they must add up to 1"
        )
    people = _sizes(margin.group, margin.share, np.ones(len(margin.group)))
    reached: Floats = np.where(people > 0, margin.share, np.nan)
    if not np.nansum(reached) > 0:
        raise ValueError(f"nobody is of a category of target {number}; check how its categories are spelt")
    return reached / np.nansum(reached)


def _unreached(margin: Margin) -> tuple[int, ...]:
    empty = _sizes(margin.group, margin.share, np.ones(len(margin.group))) == 0
    return tuple(int(each) for each in np.flatnonzero(empty & (margin.share > 0)))


def _sizes(group: Ints, share: Floats, weights: Floats) -> Floats:
    said = group >= 0
    return np.asarray(np.bincount(group[said], weights[said], len(share)), np.float64)


def _shares(group: Ints, goal: Floats, weights: Floats) -> Floats:
    sizes = np.where(np.isnan(goal), np.nan, _sizes(group, goal, weights))
    shares: Floats = sizes / np.nansum(sizes)
    return shares


def _factors(group: Ints, goal: Floats, weights: Floats) -> Floats:
    by_category = np.append(np.nan_to_num(goal / _shares(group, goal, weights), nan=1.0), 1.0)  # the last is of -1
    factors: Floats = by_category[group]
    return factors


def _distance(group: Ints, goal: Floats, weights: Floats) -> float:
    return float(np.nanmax(np.abs(_shares(group, goal, weights) - goal)))
