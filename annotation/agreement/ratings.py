"""Votes on one question as arrays, and how often each item got each answer: all that most coefficients need."""

from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

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


class Present(NamedTuple):
    """Votes with only the items and annotators that have any, numbered from 0, and which these are.

    Attributes:
        items: their numbers before, shape (items,); likewise `annotators`.
    """

    ratings: Ratings
    items: NDArray[np.int32]
    annotators: NDArray[np.int32]


def present(ratings: Ratings) -> Present:
    """Leave out the items and annotators without a vote: draws are of those who are there."""
    items, item = np.unique(ratings.item, return_inverse=True)
    annotators, annotator = np.unique(ratings.annotator, return_inverse=True)
    ratings = ratings._replace(item=item.astype(np.int32), annotator=annotator.astype(np.int32))
    return Present(ratings._replace(items=len(items), annotators=len(annotators)), items, annotators)


class Tallies(NamedTuple):
    """How often each item got each answer.

    A bootstrap may count a person several times. Two copies of one person do not agree with each other, they are no
    pair at all; hence the squares. Without them each draw of people would show more agreement than there is.

    Attributes:
        counts: sum of the weights of the people who gave the answer, shape (items, categories).
        ratings: sum of the weights of all who voted, shape (items,).
        squares: sum of the squares of these weights, shape (items,); `ratings`, where each weight is 1.
    """

    counts: Floats
    ratings: Floats
    squares: Floats

    @property
    def pairs(self) -> Floats:
        """Return the weight of ordered pairs of different people with votes on each item, shape (items,)."""
        return self.ratings**2 - self.squares


def tally(ratings: Ratings) -> Tallies:
    """Count the answers, everybody once."""
    shape = (ratings.items, ratings.categories)
    counts = np.bincount(_cells(ratings), minlength=shape[0] * shape[1]).reshape(shape).astype(np.float64)
    total = counts.sum(axis=1)
    return Tallies(counts, total, total)


def tallies(ratings: Ratings, weights: Floats) -> Iterator[Tallies]:
    """Count the answers, each person as often as the weights say, once for each column.

    Args:
        ratings: the votes.
        weights: whole numbers, shape (annotators, draws).
    """
    ones, size = np.ones(len(ratings.code)), ratings.items * ratings.categories
    given = csr_array((ones, (_cells(ratings), ratings.annotator)), shape=(size, ratings.annotators))
    voted = csr_array((ones, (ratings.item, ratings.annotator)), shape=(ratings.items, ratings.annotators))
    shape = (weights.shape[1], ratings.items, ratings.categories)
    counts = np.ascontiguousarray((given @ weights).T).reshape(shape)
    squares = np.ascontiguousarray((voted @ weights**2).T)
    for place in range(len(counts)):
        yield Tallies(counts[place], counts[place].sum(axis=1), squares[place])


def _cells(ratings: Ratings) -> NDArray[np.intp]:
    """Return the place of each vote in a table of items by categories, shape (votes,)."""
    return ratings.item.astype(np.intp) * ratings.categories + ratings.code
