"""Who answered of each group of a demographic, and which groups' odds of a yes can be estimated at all.

A group that gave one answer only has no finite estimate of its odds (quasi-complete separation: Albert & Anderson, "On
the existence of maximum likelihood estimates in logistic regression models", Biometrika 1984); it is left out of the
model and said to be.
"""

from enum import StrEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from annotation.agreement.crossed_laplace import Answers, Ints


class Estimable(StrEnum):
    """Whether a group's effect can be told."""

    YES = "yes"
    NOBODY = "nobody of the group answered"
    SEPARATED = "the group gave one answer only, so its odds have no estimate"


class GroupCodes(NamedTuple):
    """One demographic.

    Attributes:
        group: shape (people,), category 0 to categories - 1, or -1 where it was not said.
        categories: how many there are, with those that nobody is of.
        reference: a category; if none is given or it cannot be estimated, the one of the most people that can be.
    """

    group: Ints
    categories: int
    reference: int | None = None


class Tally(NamedTuple):
    """Who there is of each category; `kept` are those that can be estimated."""

    reference: int
    people: Ints
    answers: Ints
    estimable: tuple[Estimable, ...]
    unsaid_people: int
    unsaid_answers: int
    kept: Ints


def tallied(answers: Answers, demographic: GroupCodes) -> Tally:
    """Count people and answers of each category, and choose the reference."""
    group, categories, wished = demographic
    said = group[answers.person] >= 0
    of_answer = group[answers.person[said]]
    counts = np.bincount(of_answer, minlength=categories)
    yes = np.bincount(of_answer, answers.yes[said], categories)
    of_person = group[np.unique(answers.person)]
    people = np.bincount(of_person[of_person >= 0], minlength=categories)
    estimable = tuple(_estimable(int(n), float(k)) for n, k in zip(counts, yes, strict=True))
    kept = np.flatnonzero([each is Estimable.YES for each in estimable])
    largest = int(kept[people[kept].argmax()]) if len(kept) else -1
    reference = wished if wished is not None and wished in kept else largest
    unsaid = int((of_person < 0).sum()), int((~said).sum())
    return Tally(reference, people, counts, estimable, *unsaid, kept)


def _estimable(answers: int, yes: float) -> Estimable:
    if answers == 0:
        return Estimable.NOBODY
    return Estimable.YES if 0 < yes < answers else Estimable.SEPARATED


class Kept(NamedTuple):
    """Answers of some people; `people_kept` are their numbers among all, in the order of the new ones."""

    answers: Answers
    people_kept: Ints


def only(answers: Answers, person_kept: NDArray[np.bool_]) -> Kept:
    """Return the answers of some people, with people and items numbered anew so that each has an answer."""
    rows = person_kept[answers.person]
    people, person = np.unique(answers.person[rows], return_inverse=True)
    items, item = np.unique(answers.item[rows], return_inverse=True)
    return Kept(Answers(person, item, answers.yes[rows], len(people), len(items)), people)
