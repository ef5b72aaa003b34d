"""Contrasts that the data holds: two situations that share two considerations with swapped valence.

The checkerboards of "Geometry of Endorsement" (2026 audit of ValuePrism): what one situation has for it speaks against
the other one, and the reverse, so that neither the considerations alone nor the situations alone tell the valences.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from valueprism_build.contrasts.sides import AGAINST, FOR, Sides
from valueprism_build.embedding import Vectors

CELLS_PER_BLOCK: Final = 1 << 22
"""Pairs of situations that are compared at once: 17 MB of cosines."""
COLUMNS: Final = ("a", "b", "x", "y", "row_ax", "row_ay", "row_bx", "row_by", "cosine")

Numbers = NDArray[np.int64]


class Found(NamedTuple):
    """The contrasts that were chosen, and how many there were.

    Attributes:
        rows: one for each contrast, with `COLUMNS`: numbers of two situations and of two considerations, of which x
            supports a and opposes b, the rows of the four judgements, and the cosine of the situations. Situation a
            comes first in the table; ordered by a, b, x, y.
        candidates: contrasts in the data.
        across: of these, contrasts whose situations lie in two splits.
        beyond: of the others, contrasts left out since their two considerations have so many nearer ones.
    """

    rows: pd.DataFrame
    candidates: int
    across: int
    beyond: int


class _Group(NamedTuple):
    """The situations that one consideration supports and another one opposes, with the rows that say so."""

    situation: Numbers
    row_for: Numbers
    row_against: Numbers


class _Board(NamedTuple):
    """Two considerations, and the situations of either arrangement: x supports `ones` and opposes `others`."""

    x: int
    y: int
    ones: _Group
    others: _Group


class Boards:
    """Every two considerations that change sides somewhere."""

    def __init__(self, sides: Sides) -> None:
        """Look for them; memory is that of all pairs (for, against) of each situation."""
        held = sides.frame
        pro, contra = (held[held["side"] == side].drop(columns="side") for side in (FOR, AGAINST))
        pairs = pro.merge(contra, on="situation", suffixes=("_for", "_against"))
        self._size = max(len(sides.canonicals), 1)
        keys = (pairs["canonical_for"] * self._size + pairs["canonical_against"]).to_numpy(np.int64)
        turned = (pairs["canonical_against"] * self._size + pairs["canonical_for"]).to_numpy(np.int64)
        order = np.argsort(keys, kind="stable")
        order = order[np.isin(turned[order], keys)]
        self._pairs = pairs.iloc[order]
        self._keys, self._starts = np.unique(keys[order], return_index=True)

    @property
    def situations(self) -> Numbers:
        """Return the situations that are on any of them, sorted."""
        return np.unique(self._pairs["situation"].to_numpy(np.int64))

    def __iter__(self) -> Iterator[_Board]:
        """Yield them ordered by x and y, x before y."""
        for place, key in enumerate(self._keys):
            x, y = divmod(int(key), self._size)
            if x < y:
                turned = int(np.searchsorted(self._keys, y * self._size + x))
                yield _Board(x, y, self._group(place), self._group(turned))

    def _group(self, place: int) -> _Group:
        end = self._starts[place + 1] if place + 1 < len(self._starts) else len(self._pairs)
        rows = self._pairs.iloc[self._starts[place] : end]
        return _Group(*(rows[name].to_numpy(np.int64) for name in ("situation", "row_for", "row_against")))


def choose(boards: Boards, vectors: Vectors, splits: NDArray[np.object_], *, most: int) -> Found:
    """Return for every two considerations the contrasts whose situations are nearest to each other.

    Args:
        boards: of a table.
        vectors: row i that of `boards.situations[i]`, of L2 norm 1.
        splits: the split of each of these, likewise; no contrast is across splits.
        most: contrasts kept for two considerations.
    """
    chosen, candidates, across, beyond = [], 0, 0, 0
    situations = boards.situations
    for board in boards:
        ones, others = (np.searchsorted(situations, group.situation) for group in (board.ones, board.others))
        size = len(ones) * len(others)
        best, within = _nearest(vectors, splits, ones, others, most)
        candidates, across, beyond = candidates + size, across + size - within, beyond + within - len(best)
        chosen += [_oriented(board, one, other, cosine) for one, other, cosine in best]
    rows = pd.DataFrame(chosen, columns=COLUMNS).sort_values(["a", "b", "x", "y"], ignore_index=True)
    return Found(rows, candidates, across, beyond)


def _nearest(
    vectors: Vectors, splits: NDArray[np.object_], ones: Numbers, others: Numbers, most: int
) -> tuple[list[tuple[int, int, float]], int]:
    """Return the places of the nearest pairs within a split, nearest first, and how many pairs lie within one."""
    best: list[tuple[float, int, int]] = []
    within, step = 0, max(CELLS_PER_BLOCK // len(others), 1)
    for start in range(0, len(ones), step):
        block = ones[start : start + step]
        same = splits[block][:, None] == splits[others][None, :]
        within += int(same.sum())
        cosines = np.where(same, vectors[block] @ vectors[others].T, -np.inf).ravel()
        # A stable sort: of equally near ones those that come first in the table.
        for place in np.argsort(-cosines, kind="stable")[:most]:
            if np.isfinite(cosines[place]):
                one, other = divmod(int(place), len(others))
                best.append((-float(cosines[place]), start + one, other))
    return [(one, other, -cosine) for cosine, one, other in sorted(best)[:most]], within


def _oriented(board: _Board, one: int, other: int, cosine: float) -> tuple[int | float, ...]:
    """Return the contrast with the situation first that comes first in the table."""
    ones, others = board.ones, board.others
    a, b = int(ones.situation[one]), int(others.situation[other])
    x_a, y_a = int(ones.row_for[one]), int(ones.row_against[one])
    x_b, y_b = int(others.row_against[other]), int(others.row_for[other])
    if a < b:
        return (a, b, board.x, board.y, x_a, y_a, x_b, y_b, cosine)
    return (b, a, board.y, board.x, y_b, x_b, y_a, x_a, cosine)
