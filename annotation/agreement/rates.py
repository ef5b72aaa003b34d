"""Raw agreement: the share of votes that say yes, in each group of people or items, with intervals of several kinds.

Wilson's takes votes as independent, which they are not; it is the one that other reports give. Others draw people,
items or both (see `resampling`). The one to cite, for other people and other items, is Wilson's on an effective number
of votes (Korn and Graubard, "Confidence intervals for proportions with small expected number of positive counts
estimated from survey data", Surv. Methodol. 1998): as many independent ones as would give the two-way variance, fewer
by the squared ratio of the normal to Student's quantile.
"""

from collections.abc import Sequence
from statistics import NormalDist
from typing import Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from annotation.agreement.ratings import Ints, Ratings, present
from annotation.agreement.resampling import (
    DRAWS,
    LEVEL,
    Clusters,
    Estimate,
    Floats,
    Resampled,
    blocks,
    critical_value,
    multiplicities,
    ratio,
    resampled,
    two_way_variance,
)
from valueprism_build.wilson import wilson_bounds

Hits: TypeAlias = NDArray[np.bool_]

KINDS: Final = 3
"""Draws of items, of people, of both."""


class Grouping(NamedTuple):
    """Groups of people, or of items.

    Attributes:
        name: of the demographic or trait.
        of_people: whether it tells people apart, not items.
        code: group of each person, or item, -1 for none, shape (annotators,) or (items,).
        groups: how many there are.
    """

    name: str
    of_people: bool
    code: Ints
    groups: int


class Rate(NamedTuple):
    """The share of votes that say yes in one group.

    Attributes:
        votes: of the group; likewise the people and the items that these are of.
        share: 0 to 1, NaN where nobody voted.
        wilson: its interval, were all votes independent.
        resampled: its intervals over draws.
    """

    votes: int
    people: int
    items: int
    share: float
    wilson: Estimate
    resampled: Resampled


def everything(ratings: Ratings) -> Grouping:
    """Return the grouping with one group, which all are in."""
    return Grouping("", of_people=False, code=np.zeros(ratings.items, dtype=np.int32), groups=1)


def rates(
    ratings: Ratings, yes: Hits, groupings: Sequence[Grouping], rng: np.random.Generator, draws: int = DRAWS
) -> list[list[Rate]]:
    """Return the rates of each grouping's groups, all with the same draws.

    Votes of people, or on items, that are in no group of a grouping are not in its rates.

    Args:
        ratings: the votes.
        yes: which of them say yes, shape (votes,).
        groupings: of the people or items.
        rng: source of the draws.
        draws: how many; items and people without a vote are not drawn.
    """
    ratings, items_left, people_left = present(ratings)
    groupings = [
        grouping._replace(code=grouping.code[people_left if grouping.of_people else items_left])
        for grouping in groupings
    ]
    sides = {of_people: _side(ratings, yes, of_people) for of_people in {grouping.of_people for grouping in groupings}}
    members = [_members(grouping) for grouping in groupings]
    found = [np.empty((KINDS, grouping.groups, draws)) for grouping in groupings]
    start = 0
    for size in blocks(draws, ratings.annotators + ratings.items):
        people = multiplicities(ratings.annotators, size, rng).T
        items = multiplicities(ratings.items, size, rng).T
        sums = {
            of_people: _sums(side, *((people, items) if of_people else (items, people)))
            for of_people, side in sides.items()
        }
        for place, grouping in enumerate(groupings):
            hits, votes = (members[place] @ part for part in sums[grouping.of_people])
            block = ratio(hits, votes).reshape(grouping.groups, KINDS, size)
            found[place][:, :, start : start + size] = block.swapaxes(0, 1)
        start += size
    return [
        _rates(ratings, yes, grouping, drawn.swapaxes(0, 1)) for grouping, drawn in zip(groupings, found, strict=True)
    ]


class _Side(NamedTuple):
    """Sums of votes by people, or by items.

    Attributes:
        hits: yes-votes of each of this side on each of the other, shape (this side, other side).
        votes: all of them, likewise.
    """

    hits: csr_array
    votes: csr_array


class _Sums(NamedTuple):
    """Weighted sums of drawing the other side, this one, and both, shape (this side, 3 * draws)."""

    hits: Floats
    votes: Floats


def _side(ratings: Ratings, yes: Hits, of_people: bool) -> _Side:
    own, other = (ratings.annotator, ratings.item) if of_people else (ratings.item, ratings.annotator)
    shape = (ratings.annotators, ratings.items) if of_people else (ratings.items, ratings.annotators)
    hits, votes = (csr_array((part, (own, other)), shape=shape) for part in (yes.astype(np.float64), np.ones(len(yes))))
    return _Side(hits, votes)


def _sums(side: _Side, own: Floats, other: Floats) -> _Sums:
    """Return the sums that each of this side contributes to a draw.

    Args:
        side: of people or items.
        own: how often each of this side is drawn, shape (this side, draws).
        other: likewise, of the other side.
    """
    parts = []
    for votes in side:
        across = votes @ other
        parts.append(np.hstack([across, votes.sum(axis=1)[:, None] * own, across * own]))
    return _Sums(*parts)


def _members(grouping: Grouping) -> csr_array:
    """Return who is in which group as a matrix of ones, shape (groups, people or items)."""
    member = np.flatnonzero(grouping.code >= 0)
    return csr_array(
        (np.ones(len(member)), (grouping.code[member], member)), shape=(grouping.groups, len(grouping.code))
    )


def _rates(ratings: Ratings, yes: Hits, grouping: Grouping, drawn: Floats) -> list[Rate]:
    """Return the rate of each group, the draws being of shape (groups, 3, draws)."""
    group_of = grouping.code[ratings.annotator if grouping.of_people else ratings.item]
    ordered = drawn if grouping.of_people else drawn[:, [1, 0, 2]]
    return [_rate(ratings, yes, np.flatnonzero(group_of == group), each) for group, each in enumerate(ordered)]


def _rate(ratings: Ratings, yes: Hits, inside: NDArray[np.intp], ordered: Floats) -> Rate:
    """Return the rate of some votes, the draws of items, people and both being of shape (3, draws)."""
    votes = len(inside)
    share = float(yes[inside].mean()) if votes else np.nan
    # Counted rather than sorted: with a million votes and hundreds of groups that is a minute.
    clusters = Clusters(*(int((np.bincount(each[inside]) > 0).sum()) for each in (ratings.item, ratings.annotator)))
    crossed = _wilson(share, _effective(share, two_way_variance(ordered, clusters), clusters))
    return Rate(
        votes=votes,
        people=clusters.people,
        items=clusters.items,
        share=share,
        wilson=_wilson(share, votes),
        resampled=resampled(share, ordered, clusters)._replace(crossed=crossed),
    )


def _effective(share: float, variance: float, clusters: Clusters) -> float:
    """Return how many independent votes tell as much; if all say the same, as many as there are items or people."""
    votes = share * (1 - share) / variance if variance > 0 else min(clusters)
    return votes * (NormalDist().inv_cdf((1 + LEVEL) / 2) / critical_value(clusters)) ** 2


def _wilson(share: float, votes: float) -> Estimate:
    low, high = wilson_bounds(share, votes)
    return Estimate(share, float(low), float(high))
