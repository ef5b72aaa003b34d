"""On whom each table is counted, so that tables of nearly the same people do not differ by the few who are in one only.

All items of a situation are shown to the same people. Where one of them skipped an item, its tables would be one person
short, and the differences of the groups' sizes, demographic by demographic, would describe that person. So whatever is
about people of whom fewer than k differ, in both directions, is counted on those who answered it all. Where k or more
answered one thing and not another, but hardly anybody the other way round, both are counted on all, and whoever makes
the tables has to look at their difference: `Cohorts.within`.
"""

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components

People: TypeAlias = NDArray[np.int64]
"""Numbers of people, ascending."""


class Cohorts(NamedTuple):
    """On whom is counted.

    Attributes:
        people: the distinct sets of people.
        of: which of them each table is counted on; -1 for too few people.
        within: for each set, those that hold it or are held by it but for fewer than k people, itself among them.
    """

    people: list[People]
    of: list[int]
    within: list[list[int]]


def shared(answering: Sequence[People], k: int) -> Cohorts:
    """Return on whom to count each of these.

    Args:
        answering: who answered each question about each item.
        k: fewer people than twice that make no table and are left alone.
    """
    people: list[People] = []
    of = _distinct([each if len(each) >= 2 * k else each[:0] for each in answering], people)
    while True:
        merged = _merged(people, k)
        if len(merged) == len(set(merged)):
            break
        together: list[People] = []
        for label in range(max(merged) + 1):
            parts = [people[place] for place, other in enumerate(merged) if other == label]
            together.append(_intersection(parts))
        fewer: list[People] = []
        renamed = _distinct([each if len(each) >= 2 * k else each[:0] for each in together], fewer)
        of = [renamed[merged[place]] if place >= 0 else -1 for place in of]
        people = fewer
    return Cohorts(people, of, _within(people, k))


def _distinct(sets: Sequence[People], found: list[People]) -> list[int]:
    """Append the distinct sets that are not empty to `found`, and return where each is."""
    places: dict[bytes, int] = {}
    of = []
    for each in sets:
        key = each.tobytes()
        if len(each) and key not in places:
            places[key] = len(found)
            found.append(each)
        of.append(places[key] if len(each) else -1)
    return of


def _merged(people: Sequence[People], k: int) -> list[int]:
    """Return a label for each set, equal for sets that are nearly the same or linked by such."""
    if not people:
        return []
    shared = _shared(people)
    near = (shared.only_one < k) & (shared.only_other < k)
    links = sparse.coo_array((near[near], (shared.one[near], shared.other[near])), shape=(len(people), len(people)))
    return [int(label) for label in connected_components(links, directed=False)[1]]


def _within(people: Sequence[People], k: int) -> list[list[int]]:
    found: list[list[int]] = [[] for _ in people]
    if people:
        shared = _shared(people)
        held = (shared.only_one < k) | (shared.only_other < k)
        for one, other in zip(shared.one[held].tolist(), shared.other[held].tolist(), strict=True):
            found[one].append(other)
    return found


class _Shared(NamedTuple):
    """Pairs of sets that have people in common, and how many are in only one of the two."""

    one: People
    other: People
    only_one: People
    only_other: People


def _shared(people: Sequence[People]) -> _Shared:
    sizes = np.array([len(each) for each in people])
    rows = np.repeat(np.arange(len(people)), sizes)
    held = sparse.csr_array((np.ones(len(rows), dtype=np.int64), (rows, np.concatenate(people))))
    both = (held @ held.T).tocoo()
    return _Shared(both.row, both.col, sizes[both.row] - both.data, sizes[both.col] - both.data)


def _intersection(parts: Sequence[People]) -> People:
    kept = parts[0]
    for part in parts[1:]:
        kept = np.intersect1d(kept, part, assume_unique=True)
    return kept
