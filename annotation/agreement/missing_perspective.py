"""How many say that their perspective is missing, by the way they were asked.

The way matters more than anything else: the original study found 0.35 % where workers could add what a list lacked, and
30 % where people were asked whether their perspective was missing (Sorensen et al., "Value Kaleidoscope", AAAI 2024,
sections 4.1 and 4.2). So rates of different protocols stand side by side and are never pooled.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from annotation.agreement.rates import Grouping, Hits, Rate, rates
from annotation.agreement.ratings import Ratings
from annotation.agreement.resampling import DRAWS, Estimate
from valueprism_build.wilson import wilson_bounds


class Protocol(NamedTuple):
    """One way of asking.

    Attributes:
        name: such as "asked openly" or "after the list".
        ratings: the answers to its question.
        missing: which of them say that a perspective is missing, shape (votes,).
    """

    name: str
    ratings: Ratings
    missing: Hits


class MissingPerspective(NamedTuple):
    """What one group says under one protocol.

    Attributes:
        grouping: its name.
        group: its number in the grouping.
        answers: share of the answers that say so.
        ever: share of the people who say so at least once, with Wilson's interval: people are independent.
    """

    protocol: str
    grouping: str
    group: int
    answers: Rate
    ever: Estimate


def missing_perspectives(
    protocols: Sequence[Protocol], groupings: Sequence[Grouping], rng: np.random.Generator, draws: int = DRAWS
) -> list[MissingPerspective]:
    """Return the rates of each protocol, each grouping and each group, in that order.

    Args:
        protocols: with votes of the same annotators on the same items, as the groupings number them.
        groupings: of these people or items.
        rng: source of the draws.
        draws: how many.
    """
    return [
        MissingPerspective(protocol.name, grouping.name, group, rate, _ever(protocol, grouping, group))
        for protocol in protocols
        for grouping, of_groups in zip(
            groupings, rates(protocol.ratings, protocol.missing, groupings, rng, draws), strict=True
        )
        for group, rate in enumerate(of_groups)
    ]


def _ever(protocol: Protocol, grouping: Grouping, group: int) -> Estimate:
    ratings = protocol.ratings
    inside = grouping.code[ratings.annotator if grouping.of_people else ratings.item] == group
    asked = len(np.unique(ratings.annotator[inside]))
    if not asked:
        return Estimate(np.nan, np.nan, np.nan)
    share = len(np.unique(ratings.annotator[inside & protocol.missing])) / asked
    low, high = wilson_bounds(share, asked)
    return Estimate(share, float(low), float(high))
