"""Votes as numbers, for the statistics. Whoever has no demographics, or is in one file only, is here all the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from annotation.votes.scales import Scale

NONE = -1
"""The code of what is not known."""


@dataclass(frozen=True, slots=True, eq=False)
class Trait:
    """What is known of each person (a demographic) or of each item (its type, its topic).

    Attributes:
        categories: in the order of the alphabet.
        codes: the category of each person or item, -1 for none, shape (people or items,).
    """

    name: str
    categories: tuple[str, ...]
    codes: NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class Repeats:
    """Answers to what a person had answered before; they are no votes, and tell how consistent people are.

    Attributes:
        item: shape (repeats,); likewise the others.
        first: code of the answer that counts as the vote.
        again: code of the other one.
    """

    item: NDArray[np.int32]
    annotator: NDArray[np.int32]
    first: NDArray[np.int32]
    again: NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class QuestionVotes:
    """The votes on one question: of one person on one item one at most.

    Attributes:
        item: place in `CodedVotes.items`, shape (votes,); likewise the others.
        annotator: place in `CodedVotes.annotators`.
        code: place in `scale.answers`.
        seconds: NaN where nobody measured it.
    """

    question: str
    scale: Scale
    item: NDArray[np.int32]
    annotator: NDArray[np.int32]
    code: NDArray[np.int32]
    seconds: NDArray[np.float64]
    repeats: Repeats


@dataclass(frozen=True, slots=True, eq=False)
class CodedVotes:
    """All votes of a study.

    Attributes:
        items: ids, those that nobody voted on included.
        texts: of the items in words, "" where there is none.
        annotators: ids, those who never voted, and those of whom nothing else is known, included.
        listed: whether an annotator is in the annotators file, shape (annotators,).
        demographics: of the annotators.
        traits: of the items.
        questions: in the order of the alphabet.
    """

    items: tuple[str, ...]
    texts: tuple[str, ...]
    annotators: tuple[str, ...]
    listed: NDArray[np.bool_]
    demographics: tuple[Trait, ...]
    traits: tuple[Trait, ...]
    questions: tuple[QuestionVotes, ...]


class Participation(NamedTuple):
    """Who took part, and who is missing from which table.

    Attributes:
        voted: annotators with a vote on any question.
        silent: annotators of the file without a vote.
        unlisted: voters that the annotators file does not have.
        undescribed: voters of whom no demographic is known, the unlisted included.
        unanswered: items without a vote.
    """

    voted: int
    silent: int
    unlisted: int
    undescribed: int
    unanswered: int
    votes: int


def participation(votes: CodedVotes) -> Participation:
    """Count people and items."""
    voted = _present([question.annotator for question in votes.questions], len(votes.annotators))
    answered = _present([question.item for question in votes.questions], len(votes.items))
    described = np.zeros(len(voted), dtype=np.bool_)
    for demographic in votes.demographics:
        described |= demographic.codes != NONE
    return Participation(
        voted=int(voted.sum()),
        silent=int((~voted).sum()),
        unlisted=int((voted & ~votes.listed).sum()),
        undescribed=int((voted & ~described).sum()),
        unanswered=int((~answered).sum()),
        votes=sum(len(question.code) for question in votes.questions),
    )


def _present(places: Sequence[NDArray[np.int32]], size: int) -> NDArray[np.bool_]:
    present = np.zeros(size, dtype=np.bool_)
    for place in places:
        present[place] = True
    return present
