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


def tally(ratings: Ratings, weights: Floats | None = None) -> Tallies:
    """Count the answers, each person as often as the weights say.

    Args:
        ratings: the votes.
        weights: whole numbers, shape (annotators,); None counts everybody once.
    """
    weight = np.ones(len(ratings.code)) if weights is None else weights[ratings.annotator]
    cell = ratings.item.astype(np.intp) * ratings.categories + ratings.code
    counts = np.bincount(cell, weight, minlength=ratings.items * ratings.categories)
    return Tallies(
        counts.reshape(ratings.items, ratings.categories),
        np.bincount(ratings.item, weight, minlength=ratings.items),
        np.bincount(ratings.item, weight**2, minlength=ratings.items),
    )
