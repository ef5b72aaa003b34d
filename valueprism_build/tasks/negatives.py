"""One negative per positive: a consideration of the same type that belongs to other situations and not to this one.

A draw depends on the positive's id, the seed, and the pool rows next to it on a ring of hashed ids. So the order of
the table does not matter, a text is drawn as often as it occurs, and a table that grows keeps nearly all its pairs.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from valueprism_build.embedding import Encoder
from valueprism_build.records import Rejected, Stage
from valueprism_build.tasks.likeness import Likeness, core

Rows = NDArray[np.int64]
Keys = NDArray[np.uint64]

DRAWS: Final = 16
"""Random draws before the whole pool is searched. About one in ten is refused, so the search is rare."""
PAIRS_PER_BLOCK: Final = 1 << 15
"""Pairs compared at once: two vectors of 384 floats for each make 100 MB."""


class Negatives(NamedTuple):
    """Pairs of row numbers of the full table, ordered by positive, and the positives that got none.

    Attributes:
        positives: shape (k,), rows that have a negative.
        sources: shape (k,), for each the row whose vrd and text make the negative.
        rejected: one for each positive without one.
    """

    positives: Rows
    sources: Rows
    rejected: list[Rejected]


@dataclass(frozen=True, slots=True)
class _Ring:
    """Pool rows of one type by hashed id, and of them one per distinct core, for the full search."""

    keys: Keys
    rows: Rows
    distinct_keys: Keys
    distinct_rows: Rows


class _Corpus:
    """The full table as numbers: shape (n,) each, and for each family its distinct cores."""

    def __init__(self, full: pa.Table, seed: int) -> None:
        self.situation = _codes(full["situation_id"])[0]
        self.family = _codes(full["family_id"])[0]
        self.vrd = _codes(full["vrd"])[0]
        text_codes, texts = _codes(full["text"])
        cores = [core(text) for text in texts]
        self.cores = sorted(set(cores))
        number = {text: i for i, text in enumerate(self.cores)}
        self.core = np.array([number[text] for text in cores], np.int64)[text_codes]
        self.key = _keys(full["consideration_id"].to_pylist(), seed)
        own = np.unique(self.family * len(self.cores) + self.core)
        self.own_core = own % max(len(self.cores), 1)
        families = np.arange(int(self.family.max(initial=-1)) + 2, dtype=np.int64)
        self.own_start = np.searchsorted(own, families * len(self.cores))
        self.rings = [self._ring(vrd) for vrd in range(int(self.vrd.max(initial=-1)) + 1)]

    def _ring(self, vrd: int) -> _Ring:
        rows = np.flatnonzero(self.vrd == vrd)
        rows = rows[np.argsort(self.key[rows], kind="stable")]
        first = np.sort(np.unique(self.core[rows], return_index=True)[1])
        return _Ring(self.key[rows], rows, self.key[rows[first]], rows[first])

    def pairing(self, positives: Rows, sources: Rows) -> Rows:
        """Return one number for each (situation, core of its negative)."""
        numbers: Rows = self.situation[positives] * len(self.cores) + self.core[sources]
        return numbers


def draw(full: pa.Table, encoder: Encoder, *, seed: int, least: float) -> Negatives:
    """Draw a negative for every row.

    A negative is never alike (`Likeness.alike`) to any consideration, of any type, of a situation of the positive's
    family, and no situation gets the same negative twice.

    Args:
        full: needs situation_id, family_id, vrd, text and consideration_id, the last unique.
        encoder: embeds the distinct texts, folded and without prefix, in one call.
        seed: another one draws other negatives.
        least: cosine in [-1, 1] from which two texts are alike.
    """
    corpus = _Corpus(full, seed)
    vectors = encoder.encode(corpus.cores) if corpus.cores else np.empty((0, 0), np.float32)
    likeness = Likeness(corpus.cores, vectors, least)
    chosen = np.full(full.num_rows, -1, np.int64)
    # The hashed id, not the row number, says who goes first: the order of the table must not matter.
    pending: Rows = np.argsort(corpus.key, kind="stable")
    for attempt in range(DRAWS):
        pending = _draw_once(corpus, likeness, chosen, pending, attempt)
    for positive in pending:
        chosen[positive] = _search(corpus, likeness, chosen, int(positive))
    return _sorted_out(full, chosen)


def _draw_once(corpus: _Corpus, likeness: Likeness, chosen: Rows, pending: Rows, attempt: int) -> Rows:
    """Give each pending positive one candidate, keep the good ones in `chosen`, return who is still pending."""
    sources = np.empty_like(pending)
    draws = _mixed(corpus.key[pending], attempt)
    for vrd, ring in enumerate(corpus.rings):
        mine = corpus.vrd[pending] == vrd
        sources[mine] = ring.rows[np.searchsorted(ring.keys, draws[mine]) % len(ring.rows)]
    taken = np.flatnonzero(chosen >= 0)
    pairings = corpus.pairing(pending, sources)
    good = ~np.isin(pairings, corpus.pairing(taken, chosen[taken]))
    good &= ~_clashing(corpus, likeness, pending, sources)
    winners = np.flatnonzero(good)
    winners = winners[np.unique(pairings[winners], return_index=True)[1]]
    chosen[pending[winners]] = sources[winners]
    still: Rows = np.delete(pending, winners)
    return still


def _search(corpus: _Corpus, likeness: Likeness, chosen: Rows, positive: int) -> int:
    """Return the first good source on the ring from the positive's own draw on, or -1."""
    ring = corpus.rings[corpus.vrd[positive]]
    start = np.searchsorted(ring.distinct_keys, _mixed(corpus.key[[positive]], 0))[0]
    sources = np.roll(ring.distinct_rows, -start)
    siblings = np.flatnonzero(corpus.situation == corpus.situation[positive])
    used = corpus.core[chosen[siblings[chosen[siblings] >= 0]]]
    sources = sources[~np.isin(corpus.core[sources], used)]
    clashing = _clashing(corpus, likeness, np.full(len(sources), positive, np.int64), sources)
    good = sources[~clashing]
    return int(good[0]) if len(good) else -1


def _clashing(corpus: _Corpus, likeness: Likeness, positives: Rows, sources: Rows) -> NDArray[np.bool_]:
    """Return for each pair whether the source is alike to anything that the positive's family holds."""
    starts = corpus.own_start[corpus.family[positives]]
    counts = corpus.own_start[corpus.family[positives] + 1] - starts
    ends = np.cumsum(counts)
    result = np.zeros(len(positives), np.bool_)
    low = 0
    while low < len(positives):
        before = ends[low] - counts[low]
        high = max(int(np.searchsorted(ends, before + PAIRS_PER_BLOCK, side="right")), low + 1)
        block = np.repeat(np.arange(low, high), counts[low:high])
        offsets = np.arange(len(block)) - (ends[block] - counts[block] - before)
        own = corpus.own_core[starts[block] + offsets]
        result[block[likeness.alike(corpus.core[sources[block]], own)]] = True
        low = high
    return result


def _sorted_out(full: pa.Table, chosen: Rows) -> Negatives:
    positives = np.flatnonzero(chosen >= 0)
    lacking = full.take(pa.array(np.flatnonzero(chosen < 0)))
    rejected = [
        Rejected(
            row["consideration_id"],
            Stage.NEGATIVES,
            "no_negative",
            f"no other {row['vrd']} is unlike all of situation {row['situation_id']}'s own",
        )
        for row in lacking.select(["consideration_id", "vrd", "situation_id"]).to_pylist()
    ]
    return Negatives(positives, chosen[positives], rejected)


def _codes(column: pa.ChunkedArray) -> tuple[Rows, list[str]]:
    """Return each row's number and the distinct values that the numbers stand for."""
    encoded = column.combine_chunks().dictionary_encode()
    return encoded.indices.to_numpy().astype(np.int64), encoded.dictionary.to_pylist()


def _keys(ids: Sequence[str], seed: int) -> Keys:
    digests = (hashlib.blake2b(f"{seed}\x1f{text}".encode(), digest_size=8).digest() for text in ids)
    return np.frombuffer(b"".join(digests), dtype=">u8").astype(np.uint64)


def _mixed(keys: Keys, attempt: int) -> Keys:
    """Return a fresh hash of each key for the attempt: the finaliser of SplitMix64 (Steele et al., 2014)."""
    z = keys + np.uint64((attempt + 1) * 0x9E3779B97F4A7C15 % 2**64)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: Keys = z ^ (z >> np.uint64(31))
    return mixed
