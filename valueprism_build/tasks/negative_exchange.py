"""Partners for an exchange of considerations: rows of one type, each foreign to the other's situation.

Whom a row tries depends on its id, the seed, and the rows next to the draw on a ring of hashed ids. So the order of
the table does not matter, and a table that grows keeps most of its pairs.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from valueprism_build.tasks.negative_clash import Clashes
from valueprism_build.tasks.negative_corpus import Codes, Corpus, mixed
from valueprism_build.tasks.relatedness import Apart

TRIES: Final = 256
"""Rows that each row tries; of the real ones one in thirty fits."""
SIBLING_SHARE: Final = 0.5
"""So many of all pairs of situations, the nearer ones, are siblings. Of those nearer yet, little is safely foreign."""
SIBLING_SAMPLE: Final = 1 << 15


class Exchange:
    """Finds partners.

    Attributes:
        partner: shape (n,), the row that each row exchanges with, -1 for none.
    """

    def __init__(self, corpus: Corpus, clashes: Clashes, found: Apart) -> None:
        self.partner: Codes = np.full(len(corpus.key), -1, np.int64)
        self._corpus = corpus
        self._clashes = clashes
        self._distance = found.distance
        self._vectors = found.vectors
        self._column = found.column[corpus.canonical]
        order = np.argsort(corpus.key, kind="stable")[:SIBLING_SAMPLE]
        cosines = self._cosines(order, np.roll(order, 1))
        self._sibling = float(np.quantile(cosines, 1 - SIBLING_SHARE))

    def settle(self, rows: Codes, *, hard: bool) -> None:
        """Find partners among the rows, until each has tried `TRIES` others.

        Args:
            rows: of one pool, and each with a column.
            hard: only between siblings, and only the less related half.
        """
        keys = self._corpus.key
        ring = rows[np.argsort(keys[rows], kind="stable")]
        for attempt in range(TRIES):
            pending = ring[self.partner[ring] < 0]
            if len(pending) < 2:
                return
            places = np.searchsorted(keys[ring], mixed(keys[pending], attempt)) % len(ring)
            self._pair_up(pending, ring[places], hard=hard)

    def part(self, rows: Codes) -> None:
        """Leave these rows, and those that they exchange with, without a partner; each has one."""
        both = np.concatenate([rows, self.partner[rows]])
        self.partner[both] = -1

    def hard(self) -> NDArray[np.bool_]:
        """Return shape (n,): whether the row's partner is of a sibling situation; false for a row without one."""
        flags = np.zeros(len(self.partner), np.bool_)
        rows = np.flatnonzero(self.partner >= 0)
        flags[rows] = self._cosines(rows, self.partner[rows]) >= self._sibling
        return flags

    def _pair_up(self, left: Codes, right: Codes, *, hard: bool) -> None:
        """Make partners of those that fit. A row that is in several pairs takes the one of the least hash."""
        keep = np.flatnonzero(self.partner[right] < 0)
        keep = keep[self._fit(left[keep], right[keep], hard=hard)]
        left, right = left[keep], right[keep]
        order = np.argsort(mixed(self._corpus.key[left] ^ self._corpus.key[right], 0), kind="stable")
        left, right = left[order], right[order]
        rank = np.arange(len(left))
        first = np.full(len(self.partner), len(left))
        np.minimum.at(first, left, rank)
        np.minimum.at(first, right, rank)
        chosen = np.flatnonzero((first[left] == rank) & (first[right] == rank))
        chosen = chosen[self._new(left[chosen], right[chosen])]
        self.partner[left[chosen]] = right[chosen]
        self.partner[right[chosen]] = left[chosen]

    def _fit(self, left: Codes, right: Codes, *, hard: bool) -> NDArray[np.bool_]:
        """Return for each pair of rows whether each may stand as irrelevant to the other's situation."""
        situation, least = self._corpus.situation, 2 if hard else 1
        fit: NDArray[np.bool_] = self._distance[situation[left], self._column[right]] >= least
        fit &= self._distance[situation[right], self._column[left]] >= least
        if hard:
            rest = np.flatnonzero(fit)
            fit[rest] = self._cosines(left[rest], right[rest]) >= self._sibling
        for one, other in ((left, right), (right, left)):
            rest = np.flatnonzero(fit)
            fit[rest] = ~self._clashes.between(one[rest], other[rest])
        return fit

    def _cosines(self, left: Codes, right: Codes) -> NDArray[np.float32]:
        """Return for each pair of rows how near their situations are."""
        one, other = self._vectors[self._corpus.situation[left]], self._vectors[self._corpus.situation[right]]
        cosines: NDArray[np.float32] = np.einsum("ij,ij->i", one, other)
        return cosines

    def _new(self, left: Codes, right: Codes) -> NDArray[np.bool_]:
        """Return for each pair whether neither situation has, or gets by an earlier pair, the same consideration."""
        taken = np.flatnonzero(self.partner >= 0)
        held = self._lent(taken, self.partner[taken])
        lent = np.concatenate([self._lent(left, right), self._lent(right, left)])
        first = np.zeros(len(lent), np.bool_)
        first[np.unique(lent, return_index=True)[1]] = True
        new = first & ~np.isin(lent, held)
        both: NDArray[np.bool_] = new[: len(left)] & new[len(left) :]
        return both

    def _lent(self, to: Codes, source: Codes) -> Codes:
        """Return one number for each (situation, consideration that it gets)."""
        numbers: Codes = self._corpus.situation[to] * self._distance.shape[1] + self._column[source]
        return numbers
