"""How people went about voting, as far as the votes tell. It is shown in context and excludes nobody by itself.

Careless responding shows in time and in long strings of one answer (Johnson, "Ascertaining the validity of individual
protocols from Web-based personality inventories", J. Res. Pers. 2005; Meade and Craig, Psychol. Methods 2012). How far
a person is from the majority is no sign of it, and is not measured: who differs is whom the study is about.
"""

from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from annotation.votes.coded_votes import CodedVotes, QuestionVotes

Ints: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]


class Conduct(NamedTuple):
    """Of each annotator on one question, all of shape (annotators,).

    Attributes:
        votes: how many.
        seconds: median time of those that have one, NaN where none has.
        longest_run: most votes in a row, in the order of the file, with the same answer.
        modal_share: share of the answer that the person gave most, NaN without a vote.
        repeats: how often they answered once more.
        consistency: share of these with the same answer as before, NaN where there are none.
    """

    votes: Ints
    seconds: Floats
    longest_run: Ints
    modal_share: Floats
    repeats: Ints
    consistency: Floats


def conduct(question: QuestionVotes, annotators: int) -> Conduct:
    """Measure everybody on one question.

    Args:
        question: its votes.
        annotators: how many there are, those without a vote included.
    """
    votes = np.bincount(question.annotator, minlength=annotators)
    size = max(len(question.scale.answers), 1)
    cells = question.annotator.astype(np.intp) * size + question.code
    most = np.bincount(cells, minlength=annotators * size).reshape(annotators, size).max(axis=1, initial=0)
    repeats = np.bincount(question.repeats.annotator, minlength=annotators)
    alike = question.repeats.first == question.repeats.again
    same = np.bincount(question.repeats.annotator, alike.astype(np.float64), minlength=annotators)
    return Conduct(
        votes,
        _medians(question.annotator, question.seconds, annotators),
        _longest_runs(question.annotator, question.code, annotators),
        _share(most, votes),
        repeats,
        _share(same, repeats),
    )


def completion(votes: CodedVotes) -> Floats:
    """Return the share of all questions that each annotator answered on the items they began, NaN for none.

    Shape (annotators,). A question that is asked of some items only counts for all: read it beside other people's.
    """
    size = max(len(votes.items), 1)
    pairs = [question.annotator.astype(np.int64) * size + question.item for question in votes.questions]
    begun = np.unique(np.concatenate([np.zeros(0, dtype=np.int64), *pairs]))
    answered = sum((np.bincount(pair // size, minlength=len(votes.annotators)) for pair in pairs), np.zeros(1))
    asked = np.bincount(begun // size, minlength=len(votes.annotators)) * len(votes.questions)
    return _share(answered, asked)


def _share(part: Ints | Floats, whole: Ints) -> Floats:
    part = np.broadcast_to(part, whole.shape).astype(np.float64)
    share: Floats = np.divide(part, whole, out=np.full(whole.shape, np.nan), where=whole > 0)
    return share


def _medians(group: NDArray[np.int32], values: Floats, groups: int) -> Floats:
    """Return the median value of each group, NaN for one without values, shape (groups,)."""
    known = ~np.isnan(values)
    order = np.lexsort((values[known], group[known]))
    ordered = values[known][order]
    counts = np.bincount(group[known], minlength=groups)
    first = np.cumsum(counts) - counts
    medians = np.full(groups, np.nan)
    some = counts > 0
    middle = first[some] + (counts[some] - 1) // 2
    medians[some] = (ordered[middle] + ordered[first[some] + counts[some] // 2]) / 2
    return medians


def _longest_runs(group: NDArray[np.int32], codes: NDArray[np.int32], groups: int) -> Ints:
    """Return the longest run of one code in each group, in the order given, shape (groups,)."""
    order = np.argsort(group, kind="stable")
    groups_of, codes_of = group[order], codes[order]
    starts = np.ones(len(order), dtype=np.bool_)
    starts[1:] = (groups_of[1:] != groups_of[:-1]) | (codes_of[1:] != codes_of[:-1])
    first = np.flatnonzero(starts)
    longest = np.zeros(groups, dtype=np.int64)
    np.maximum.at(longest, groups_of[first], np.diff(np.append(first, len(order))))
    return longest
