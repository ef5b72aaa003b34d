"""Situations that share most of their letters, among millions: MinHash proposes pairs, the exact Jaccard decides.

Every text gets `ROWS` minima of its hashed shingles a band, and two texts whose minima of one band are all equal are
a candidate (Broder, 1997; Leskovec, Rajaraman and Ullman, Mining of Massive Datasets, section 3.4). A band is hashed,
sorted, compared and forgotten before the next one comes, so signatures take no memory; pairs that an earlier band has
already brought together are not compared again. numpy releases the interpreter, so bands run in threads.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from valueprism_build.situations.links import Links, Positions
from valueprism_build.situations.shingle_sets import Numbers, ShingleSets, mixed, shingle_sets

ROUTE: Final = "letters"
ROWS: Final = 5
MAX_MISS: Final = 0.01
"""Chance that a pair exactly at the threshold is no candidate in any band."""
REACH: Final = 64
"""Texts of one bucket are compared with so many that follow them in it; the next band has other buckets."""
SHINGLES_PER_BLOCK: Final = 1 << 17
"""Hashed at a time: what a processor's cache holds."""


class _Near(NamedTuple):
    """Pairs of positions and their similarity, shape (k,) each."""

    one: Positions
    other: Positions
    similarity: NDArray[np.float64]


def link_by_letters(
    texts: Sequence[str], links: Links, *, similarity: float, known: int = 0, reach: int = REACH, threads: int = 2
) -> None:
    """Link the texts whose folded 4-shingles have a Jaccard similarity of at least `similarity`.

    Linear in the texts: 31,000 known ones and 100 new ones take what 31,100 take, about a second.

    Args:
        texts: some words each; their own order is that of `links`.
        links: told of each pair that is needed to hold a family together.
        similarity: in (0, 1].
        known: so many texts at the beginning have been compared with each other before.
        reach: how many others of its bucket a text is compared with in each band.
        threads: bands at a time; the families do not depend on it.
    """
    if len(texts) < 2:
        return
    sets = shingle_sets(texts)
    near = partial(_near, sets, links, similarity=similarity, known=known, reach=reach)
    bands = range(band_count(similarity))
    with ThreadPoolExecutor(threads) as pool:
        for low in range(0, len(bands), threads):
            for found in pool.map(near, bands[low : low + threads]):
                links.join(*found, ROUTE)


def band_count(similarity: float) -> int:
    """Return how many bands miss a pair at `similarity` with a chance of at most `MAX_MISS`."""
    return int(np.ceil(np.log(MAX_MISS) / np.log1p(-(similarity**ROWS)))) if similarity < 1 else 1


def _near(sets: ShingleSets, links: Links, band: int, *, similarity: float, known: int, reach: int) -> _Near:
    """Return the pairs of one band that are similar and not yet together."""
    keys, order = _sorted(_band_keys(sets, band))
    ones, others = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    place = np.arange(len(keys))
    for step in range(1, reach + 1):
        place = place[: np.searchsorted(place, len(keys) - step)]
        place = place[keys[place] == keys[place + step]]
        if not len(place):
            break
        one, other = order[place], order[place + step]
        worth = links.apart(one, other) & (np.maximum(one, other) >= known)
        one, other = one[worth], other[worth]
        worth = sets.may_reach(one, other, similarity)
        ones.append(one[worth])
        others.append(other[worth])
    one, other = np.concatenate(ones), np.concatenate(others)
    alike = sets.jaccard(one, other)
    good = alike >= similarity
    return _Near(one[good], other[good], alike[good])


def _sorted(keys: NDArray[np.uint64]) -> tuple[NDArray[np.uint64], Positions]:
    """Return the keys in ascending order, and whose each is; their lower bits make room for that, and are lost.

    To sort one array of numbers takes a tenth of the time that sorting by another one does.
    """
    bits = np.uint64(len(keys).bit_length())
    both = np.sort((keys >> bits << bits) | np.arange(len(keys), dtype=np.uint64))
    return both >> bits, (both & ((np.uint64(1) << bits) - np.uint64(1))).astype(np.int64)


def _band_keys(sets: ShingleSets, band: int) -> NDArray[np.uint64]:
    """Return shape (n,), equal for texts that agree in all minima of the band."""
    seeds = mixed(np.arange(band * ROWS, (band + 1) * ROWS, dtype=np.uint64))
    keys = np.zeros(len(sets.starts) - 1, np.uint64)
    low = 0
    while low < len(keys):
        high = max(int(np.searchsorted(sets.starts, sets.starts[low] + SHINGLES_PER_BLOCK, side="right")) - 1, low + 1)
        shingles = sets.shingles[sets.starts[low] : sets.starts[high]]
        starts = sets.starts[low:high] - sets.starts[low]
        for seed in seeds:
            keys[low:high] = mixed(keys[low:high] + _minima(shingles, starts, int(seed)))
        low = high
    return keys


def _minima(shingles: Numbers, starts: Positions, seed: int) -> Numbers:
    """Return the least of each text's shingles under a permutation of the 32-bit numbers, an odd multiple and a sum."""
    permuted = shingles * np.uint32(seed & 0xFFFFFFFF | 1)
    permuted += np.uint32(seed >> 32)
    minima: Numbers = np.minimum.reduceat(permuted, starts)
    return minima
