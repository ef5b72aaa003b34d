"""Votes on one question as arrays, and how often each item got each answer: all that most coefficients need."""

from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from annotation.agreement.resampling import Floats

Ints: TypeAlias = NDArray[np.int32]


class Ratings(NamedTuple):
    """Votes of which a person gives one on an item at most.

    Attributes:
        item: number from 0, shape (votes,); likewise `annotator` and `code`, the answer.
        items: how many there are, those without a vote included; likewise `annotators`.
        categories: of the scale, those that nobody chose included.
    """

    item: Ints
    annotator: Ints
    code: Ints
    items: int
    annotators: int
    categories: int

    def where(self, chosen: NDArray[np.bool_]) -> "Ratings":
        """Return the chosen votes, shape (votes,); items and annotators keep their numbers."""
        return self._replace(item=self.item[chosen], annotator=self.annotator[chosen], code=self.code[chosen])


class Tallies(NamedTuple):
    """How often each item got each answer.

    A bootstrap may count a person several times. Two copies of one person do not agree with each other, they are no
    pair at all; hence the squares. Without them each draw of people would show more agreement than there is.

    Attributes:
        counts: sum of the weights of the people who gave the answer, shape (items, categories).
        squares: sum of the squares of these weights, shape (items, categories); the counts, where each weight is 1.
    """

    counts: Floats
    squares: Floats

    @property
    def ratings(self) -> Floats:
        """Return the weight of all votes on each item, shape (items,)."""
        total: Floats = self.counts.sum(axis=1)
        return total

    @property
    def pairs(self) -> Floats:
        """Return the weight of ordered pairs of different people with votes on each item, shape (items,)."""
        pairs: Floats = self.ratings**2 - self.squares.sum(axis=1)
        return pairs


def tally(ratings: Ratings, weights: Floats | None = None) -> Tallies:
    """Count the answers, each person as often as the weights say.

    Args:
        ratings: the votes.
        weights: whole numbers, shape (annotators,); None counts everybody once.
    """
    shape = (ratings.items, ratings.categories)
    cell = ratings.item.astype(np.intp) * ratings.categories + ratings.code
    size = ratings.items * ratings.categories
    if weights is None:
        counts = np.bincount(cell, minlength=size).reshape(shape).astype(np.float64)
        return Tallies(counts, counts)
    weight = weights[ratings.annotator]
    counts = np.bincount(cell, weight, minlength=size).reshape(shape)
    return Tallies(counts, np.bincount(cell, weight**2, minlength=size).reshape(shape))
