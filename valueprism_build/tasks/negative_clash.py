"""Whether a consideration clashes with one of the situation's own, so that it cannot be its negative."""

import numpy as np
from numpy.typing import NDArray

from valueprism_build.embedding import Vectors
from valueprism_build.tasks.likeness import Likeness
from valueprism_build.tasks.negative_corpus import Codes, Corpus

PAIRS_PER_BLOCK = 1 << 15
"""Pairs compared at once: two vectors of 384 floats for each make 100 MB."""


class Clashes:
    """Knows what each family of situations names, of whatever type."""

    def __init__(self, corpus: Corpus, core_vectors: Vectors, least: float) -> None:
        """Prepare the comparison.

        Args:
            corpus: the rows.
            core_vectors: shape (len(corpus.cores), d), each row of L2 norm 1.
            least: cosine in [-1, 1] from which two wordings are alike.
        """
        self._corpus = corpus
        self._likeness = Likeness(corpus.cores, core_vectors, least)
        size = max(len(corpus.cores), 1)
        own = np.unique(corpus.family * size + corpus.core)
        self._own_core = own % size
        families = np.arange(int(corpus.family.max(initial=-1)) + 2, dtype=np.int64)
        self._starts = np.searchsorted(own, families * size)
        self._concerns = int(corpus.concern.max(initial=0)) + 1
        self._own_concern = np.unique(self._named(corpus.family, corpus.concern))

    def between(self, positives: Codes, sources: Codes) -> NDArray[np.bool_]:
        """Return for each pair of rows whether the source clashes with anything that the positive's family names.

        It does when it is of one concern with it (so when it is the same consideration), or when one's words are all
        in the other, or when they are near.
        """
        family = self._corpus.family[positives]
        clashing = np.isin(self._named(family, self._corpus.concern[sources]), self._own_concern)
        rest = np.flatnonzero(~clashing)
        clashing[rest] = self._alike(family[rest], self._corpus.core[sources[rest]])
        return clashing

    def _named(self, family: Codes, concern: Codes) -> Codes:
        return family * self._concerns + concern

    def _alike(self, family: Codes, core: Codes) -> NDArray[np.bool_]:
        starts = self._starts[family]
        counts = self._starts[family + 1] - starts
        ends = np.cumsum(counts)
        result = np.zeros(len(family), np.bool_)
        low = 0
        while low < len(family):
            before = ends[low] - counts[low]
            high = max(int(np.searchsorted(ends, before + PAIRS_PER_BLOCK, side="right")), low + 1)
            block = np.repeat(np.arange(low, high), counts[low:high])
            offsets = np.arange(len(block)) - (ends[block] - counts[block] - before)
            own = self._own_core[starts[block] + offsets]
            result[block[self._likeness.alike(core[block], own)]] = True
            low = high
        return result
