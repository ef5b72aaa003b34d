"""Many texts as sets of character 4-shingles in flat arrays, so that numpy can compare millions of them."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from valueprism_build.ids import fold
from valueprism_build.situations.links import Positions
from valueprism_build.situations.near_duplicates import SHINGLE

Numbers = NDArray[np.uint32]

TEXTS_PER_BLOCK: Final = 1 << 15
"""Texts that are cut at a time: some 60 MB of arrays."""
PAIRS_PER_BLOCK: Final = 1 << 15
"""Pairs that are compared at a time: likewise."""

HALF: Final = np.uint64(32)
WORDS: Final = 8
"""Of 64 bits, in a bitmap: several times the shingles of a situation of 60 letters."""
SLACK: Final = 1e-6
"""Far below one shingle: what floats may err by."""


class ShingleSets(NamedTuple):
    """The shingles of n texts, as 32-bit hashes: two different ones are taken for one once in 4 billion.

    Attributes:
        shingles: shape (m,), those of text 0, then those of text 1, ...; distinct and ascending within a text.
        starts: shape (n + 1,), where each text begins; the last one is m. No text is without a shingle.
        bitmaps: shape (n, `WORDS`), for each text the bits that its shingles fall on.
    """

    shingles: Numbers
    starts: Positions
    bitmaps: NDArray[np.uint64]

    @property
    def sizes(self) -> Positions:
        """Return shape (n,), the shingles of each text."""
        return np.diff(self.starts)

    def may_reach(self, one: Positions, other: Positions, similarity: float) -> NDArray[np.bool_]:
        """Return shape (k,), for each of k pairs of texts whether their Jaccard similarity can be so much.

        Each bit that only one of two bitmaps has is at least one shingle that only one text has (the bitmap filter of
        Sandes, Teodoro and Melo, 2020, "Bitmap filter: speeding up exact set similarity joins", section 3).
        """
        sizes = self.sizes
        both = sizes[one] + sizes[other]
        differing = np.bitwise_count(self.bitmaps[one] ^ self.bitmaps[other]).sum(axis=1, dtype=np.int64)
        reachable: NDArray[np.bool_] = both - differing >= 2 * similarity / (1 + similarity) * both - SLACK
        return reachable

    def jaccard(self, one: Positions, other: Positions) -> NDArray[np.float64]:
        """Return shape (k,), for each of k pairs of texts |A and B| / |A or B|."""
        common = np.empty(len(one), np.int64)
        for low in range(0, len(one), PAIRS_PER_BLOCK):
            block = slice(low, low + PAIRS_PER_BLOCK)
            common[block] = self._common(one[block], other[block])
        similarity: NDArray[np.float64] = common / (self.sizes[one] + self.sizes[other] - common)
        return similarity

    def _common(self, one: Positions, other: Positions) -> Positions:
        """Return how many shingles each pair shares: those that are there twice when both lists are sorted into one."""
        keys = np.concatenate([self._keyed(one), self._keyed(other)])
        keys.sort(kind="stable")  # which merges the two ascending halves in linear time
        twice = keys[1:][keys[1:] == keys[:-1]]
        return np.bincount((twice >> HALF).astype(np.int64), minlength=len(one))

    def _keyed(self, texts: Positions) -> NDArray[np.uint64]:
        """Return the shingles of the texts, the place of the text in the upper half of each: ascending."""
        sizes = self.sizes[texts]
        place = np.repeat(np.arange(len(texts), dtype=np.int64), sizes)
        first = np.cumsum(sizes) - sizes
        at = self.starts[texts][place] + (np.arange(len(place)) - first[place])
        keys: NDArray[np.uint64] = (place.astype(np.uint64) << HALF) | self.shingles[at]
        return keys


def shingle_sets(texts: Sequence[str]) -> ShingleSets:
    """Return the shingles of the folded texts; a shorter text is its own single shingle."""
    parts, starts, bitmaps = [np.empty(0, np.uint32)], [np.zeros(1, np.int64)], [np.empty((0, WORDS), np.uint64)]
    for low in range(0, len(texts), TEXTS_PER_BLOCK):
        shingles, begin = _cut([fold(text) for text in texts[low : low + TEXTS_PER_BLOCK]])
        parts.append(shingles)
        bitmaps.append(_bitmaps(shingles, begin[:-1]))
        starts.append(begin[1:] + starts[-1][-1])
    return ShingleSets(np.concatenate(parts), np.concatenate(starts), np.concatenate(bitmaps))


def _cut(folded: Sequence[str]) -> tuple[Numbers, Positions]:
    """Return the shingles and where each text begins, as in `ShingleSets`."""
    padded = [text.ljust(SHINGLE, "\0") for text in folded]
    ends = np.cumsum([len(text) for text in padded])
    letters = np.frombuffer("".join(padded).encode("utf-32-le"), np.uint32).astype(np.uint64)
    last = len(letters) - SHINGLE + 1
    hashes = mixed(letters[:last])
    for place in range(1, SHINGLE):
        hashes = mixed(hashes + letters[place : place + last])
    text = np.repeat(np.arange(len(padded), dtype=np.uint64), np.diff(ends, prepend=0))[:last]
    whole = np.ones(last, np.bool_)  # a window that reaches into the next text is no shingle
    for place in range(1, SHINGLE):
        whole[ends[:-1] - place] = False
    keys = np.sort((text[whole] << HALF) | (hashes[whole] >> HALF))
    keys = keys[np.diff(keys, prepend=~keys[:1]) != 0]  # np.unique takes a hundred times as long
    return keys.astype(np.uint32), np.searchsorted(keys >> HALF, np.arange(len(padded) + 1, dtype=np.uint64))


def _bitmaps(shingles: Numbers, starts: Positions) -> NDArray[np.uint64]:
    bit = np.uint64(1) << (shingles & np.uint32(63)).astype(np.uint64)
    word = (shingles >> np.uint32(6)) % WORDS
    columns = [np.bitwise_or.reduceat(np.where(word == i, bit, np.uint64(0)), starts) for i in range(WORDS)]
    return np.stack(columns, axis=1)


def mixed(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return a hash of each number: the finaliser of SplitMix64 (Steele et al., 2014)."""
    z = numbers + np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    hashes: NDArray[np.uint64] = z ^ (z >> np.uint64(31))
    return hashes
