"""Counts of one table, groups by answers, and whether the step from an earlier one to it betrays somebody.

The groups of a table are the named ones and all others together; its answers are classes of those that could be given.
Two tables of one demographic are comparable where one of them only sums up what the other tells apart.
"""

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

Counts: TypeAlias = NDArray[np.int64]
Classes: TypeAlias = tuple[tuple[str, ...], ...]
"""Answers that are told together."""


class Counted(NamedTuple):
    """One table.

    Attributes:
        named: groups that stand for themselves; none where the table is about everybody.
        classes: in which the answers are told.
        counts: shape (len(named) + 1, len(classes)), the last row of all others together.
    """

    named: tuple[str, ...]
    classes: Classes
    counts: Counts

    @property
    def sizes(self) -> "Counted":
        """Return how many people each group has, as a table of one class."""
        everything = tuple(sorted(answer for each in self.classes for answer in each))
        return Counted(self.named, (everything,), self.counts.sum(axis=1, keepdims=True))

    def summed(self, named: Sequence[str], classes: Classes) -> "Counted":
        """Return the table with only these groups named, all of which are, and these classes.

        Raises:
            KeyError: a class is not made of whole ones.
        """
        kept = self.counts[[self.named.index(name) for name in named]]
        rows = np.vstack([kept, self.counts.sum(axis=0) - kept.sum(axis=0)])
        within = {answer: place for place, each in enumerate(classes) for answer in each}
        counts = np.zeros((len(rows), len(classes)), dtype=np.int64)
        for column, each in enumerate(self.classes):
            [place] = {within[answer] for answer in each}
            counts[:, place] += rows[:, column]
        return Counted(tuple(named), classes, counts)

    def is_alike(self, other: "Counted") -> bool:
        """Return whether both say the same."""
        alike = set(self.named) == set(other.named) and set(self.classes) == set(other.classes)
        return alike and np.array_equal(self.summed(other.named, other.classes).counts, other.counts)


def coarser_classes(one: Classes, other: Classes) -> Classes | None:
    """Return those of the two that only sum up the other, or None where neither does."""
    few, many = sorted((one, other), key=len)
    nested = all(any(set(each) <= set(whole) for whole in few) for each in many)
    return few if nested and _all(few) == _all(many) else None


def steps_safely(old: Counted, new: Counted, k: int) -> bool:
    """Return whether who has both tables learns of nobody by taking one from the other.

    In each group, as far as both tell it apart, either nothing changed or every answer was given at least k times
    more. So the difference obeys the rule that each table obeys by itself.
    """
    named, more_named = sorted((old.named, new.named), key=len)
    classes = coarser_classes(old.classes, new.classes)
    if classes is None or not set(named) <= set(more_named):
        return False
    more = new.summed(named, classes).counts - old.summed(named, classes).counts
    return bool(np.all((more == 0).all(axis=1) | (more >= k).all(axis=1)))


def apart_safely(one: Counted, other: Counted, k: int) -> bool:
    """Return whether sizes of groups (one class each) of nearly the same people describe nobody by their difference.

    In each group that both tell apart, none or at least k more are in one of the two.
    """
    named, more_named = sorted((one.named, other.named), key=len)
    if not set(named) <= set(more_named):
        return False
    more = abs(one.summed(named, one.classes).counts - other.summed(named, other.classes).counts)
    return bool(np.all((more == 0) | (more >= k)))


def _all(classes: Classes) -> set[str]:
    return {answer for each in classes for answer in each}
