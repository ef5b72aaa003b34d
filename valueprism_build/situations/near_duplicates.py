"""Texts that share most of their character 4-shingles, one at a time: an index that grows.

MinHash and locality-sensitive hashing propose pairs, the exact Jaccard similarity decides. Bands and rows are
chosen so that a pair exactly at the threshold is missed with a probability of at most 0.001
(`(1 - s ** rows) ** bands`); more similar pairs are missed less. The only place that imports `rensa`.
"""

from typing import Final, NamedTuple

import rensa

from valueprism_build.ids import fold

SHINGLE: Final = 4
# More permutations make the bands longer and the chance candidates fewer: with 128 it took nine times as long on
# 31 000 texts; with 512 a text costs 7 kB of memory.
PERMUTATIONS: Final = 512
MAX_MISS: Final = 0.001
SEED: Final = 1


class Match(NamedTuple):
    """A text of the index, by its position from 0, and its Jaccard similarity in (0, 1] to the one asked about."""

    position: int
    similarity: float


class NearDuplicateIndex:
    """Texts in the order they were added; two that fold alike have similarity 1.

    Memory per text is its folded form and its bands: about 7 kB.
    """

    def __init__(self, similarity: float) -> None:
        rows = band_rows(similarity)
        self._bands = PERMUTATIONS // rows
        self._similarity = similarity
        self._permutations = self._bands * rows
        self._lsh = rensa.RMinHashLSH(similarity, self._permutations, self._bands)
        self._folded: list[str] = []
        self._sizes: list[int] = []

    def matches(self, text: str) -> list[Match]:
        """Return the indexed texts at least as similar as the threshold, in the order they were added."""
        own = shingles(fold(text))
        near = (
            Match(position, jaccard(own, shingles(self._folded[position])))
            for position in sorted(self._lsh.query(self._signature(own)))
            if self._comparable(len(own), self._sizes[position])
        )
        return [match for match in near if match.similarity >= self._similarity]

    def add(self, text: str) -> int:
        """Put a text into the index and return its position."""
        folded = fold(text)
        position = len(self._folded)
        parts = shingles(folded)
        self._folded.append(folded)
        self._sizes.append(len(parts))
        self._lsh.insert(position, self._signature(parts))
        return position

    def _comparable(self, size: int, other: int) -> bool:
        # Sets of such sizes share at most the smaller one: cheap, and it spares half of the comparisons.
        return min(size, other) >= self._similarity * max(size, other)

    def _signature(self, parts: frozenset[str]) -> rensa.RMinHash:
        signature = rensa.RMinHash(self._permutations, SEED)
        signature.update(list(parts))
        return signature


def shingles(folded: str) -> frozenset[str]:
    """Return the character 4-shingles of a folded text; a shorter text is its own single shingle."""
    return frozenset(folded[start : start + SHINGLE] for start in range(max(1, len(folded) - SHINGLE + 1)))


def jaccard(one: frozenset[str], other: frozenset[str]) -> float:
    """Return |A and B| / |A or B|; both sets hold something."""
    common = len(one & other)
    return common / (len(one) + len(other) - common)


def band_rows(similarity: float) -> int:
    """Return the most rows per band with which a pair at `similarity` is missed at most once in 1000."""
    fits = [rows for rows in range(1, PERMUTATIONS + 1) if (1 - similarity**rows) ** (PERMUTATIONS // rows) <= MAX_MISS]
    return max(fits, default=1)
