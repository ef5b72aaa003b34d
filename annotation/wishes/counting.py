"""How many people of which group voiced a wish, shown only where nobody can be told from it."""

from collections import Counter
from collections.abc import Collection, Mapping
from typing import NamedTuple

from valueprism_build.records import Annotator


class Cell(NamedTuple):
    """People of one category of a dimension."""

    dimension: str
    category: str
    people: int


def cells(people: Collection[str], annotators: Mapping[str, Annotator], *, least: int) -> list[Cell]:
    """Return the counts of `least` people or more, by dimension, the largest first.

    What is left out of a dimension must be nobody, or as many people again; otherwise its size would tell of a few, so
    the smallest that could be shown is left out with it.

    Args:
        people: ids of who voiced it.
        annotators: by id; who is not among them has said nothing about themselves.
        least: people of a cell.
    """
    by_dimension: dict[str, Counter[str]] = {}
    for id_ in people:
        for dimension, category in annotators[id_].demographics if id_ in annotators else ():
            by_dimension.setdefault(dimension, Counter())[category] += 1
    found = []
    for dimension, counts in by_dimension.items():
        shown = [Cell(dimension, name, n) for name, n in sorted(counts.items(), key=_rank) if n >= least]
        while shown and 0 < len(people) - sum(cell.people for cell in shown) < least:
            shown.pop()
        found += shown
    return found


def _rank(entry: tuple[str, int]) -> tuple[int, str]:
    return -entry[1], entry[0]
