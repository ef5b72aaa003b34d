"""How likely a consideration bears on a situation that does not name it: the lists are never complete.

Nobody is asked. Three things are measured, each as the share of random pairs that are less related (0 to 1), and the
mean of the three is the relatedness:

- neighbours: how many of the situations nearest to this one name it or something near it, the nearer the more;
- own: the cosine between it and the nearest of the situation's own considerations;
- reasons: the cosine between the situation and the reasons that are given for it, and for what is nearest to it, where
  it is named.

A consideration that fits nearly everywhere, such as respect, is near something on every list; it is hardly ever
unrelated. On 330 pairs of 316 real situations judged by hand, where 28 % of the foreign considerations were in truth
relevant, the mean told relevant from irrelevant with an area under the curve of .80; 3 of the 215 judged pairs in the
lowest tenth were relevant, two of them by one text that a single situation named.
"""

from dataclasses import dataclass
from typing import Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from valueprism_build.embedding import Encoder, Vectors
from valueprism_build.tasks.nearest_situations import Nearest, nearest
from valueprism_build.tasks.negative_corpus import Codes, Corpus, grouped_sum, mixed, unit, vectors_of

Columns: TypeAlias = NDArray[np.int64]
Matrix: TypeAlias = NDArray[np.float32]
Flags: TypeAlias = NDArray[np.bool_]

REASONS: Final = 16
NEAR_COSINE: Final = 0.5
NEAR_SHARE: Final = 0.1
"""At least this share of the situations counts as naming something near, so that a rare one is not thought absent."""
SITUATION_SAMPLE: Final = 4096
PAIR_SAMPLE: Final = 1 << 16
ROWS_AT_ONCE: Final = 512
LEVELS: Final = 257


class Apart(NamedTuple):
    """Which considerations are unrelated to which situations.

    Attributes:
        column: shape (canonicals,), the column of each canonical code, -1 for those that are named too seldom.
        distance: shape (situations, columns); 0 where they may be related, 1 unrelated, 2 among the less related half
            of what is unrelated.
        vectors: shape (situations, d), unit; what each situation is about.
    """

    column: Columns
    distance: NDArray[np.uint8]
    vectors: Vectors


@dataclass(frozen=True, slots=True)
class _Measured:
    """The parts that relatedness is made of.

    Attributes:
        own: shape (rows, d), vector of the consideration of each row, grouped by situation.
        starts: shape (situations,), where each situation's rows begin.
        own_concern: shape (rows,), likewise grouped.
        columns: shape (columns, d); `concern` their codes; `reasons` shape (columns, d).
        least: shape (columns,), cosine from which something named is near.
        texts: shape (situations, d), of the situation alone.
    """

    own: Vectors
    starts: Codes
    own_concern: Codes
    columns: Vectors
    concern: Codes
    reasons: Vectors
    texts: Vectors

    def nearest_own(self, situations: Codes) -> Matrix:
        """Return shape (situations, columns): cosine to the nearest consideration named there; 1 for its concern."""
        ends = np.append(self.starts[1:], len(self.own))
        counts = ends[situations] - self.starts[situations]
        offsets = np.cumsum(counts) - counts
        rows = np.repeat(self.starts[situations] - offsets, counts) + np.arange(counts.sum())
        cosines = self.own[rows] @ self.columns.T
        cosines[self.own_concern[rows][:, None] == self.concern] = 1
        nearest: Matrix = np.maximum.reduceat(cosines, offsets, axis=0)
        return nearest


def apart(corpus: Corpus, encoder: Encoder, core_vectors: Vectors, *, share: float, least: int) -> Apart:
    """Return which considerations are unrelated to which situations.

    Memory: two bytes for each pair of a situation and a column, and blocks.

    Args:
        corpus: the rows.
        encoder: embeds situations, and up to `REASONS` explanations for each column.
        core_vectors: shape (len(corpus.cores), d).
        share: of all pairs, each consideration as often as it is named: the least related ones are unrelated.
        least: situations that must name a consideration for it to have a column.
    """
    named = np.unique(np.stack([corpus.canonical, corpus.situation]), axis=1)[0]
    chosen = np.flatnonzero(np.bincount(named, minlength=corpus.canonical.max(initial=-1) + 1) >= least)
    column = np.full(corpus.canonical.max(initial=-1) + 1, -1, np.int64)
    column[chosen] = np.arange(len(chosen))
    if not len(chosen):  # a handful of situations that have nothing in common
        nothing = np.zeros((len(corpus.situations), 0), np.uint8)
        return Apart(column, nothing, vectors_of(encoder, corpus.situations))
    canonicals = corpus.canonical_vectors(core_vectors)
    measured = _measured(corpus, encoder, canonicals, chosen)
    vectors = unit(measured.texts + unit(grouped_sum(canonicals[corpus.canonical], corpus.situation)))
    near = _near(measured, corpus)
    parts = _Parts(measured, near, nearest(vectors))
    return Apart(column, _distances(corpus, parts, column[corpus.canonical], share), vectors)


def _measured(corpus: Corpus, encoder: Encoder, canonicals: Vectors, chosen: Codes) -> _Measured:
    order = np.argsort(corpus.situation, kind="stable")
    concern_of = np.zeros(len(canonicals), np.int64)
    concern_of[corpus.canonical] = corpus.concern
    pools = _pools(corpus, canonicals, chosen, concern_of)
    texts = corpus.explanations.take(pools.ravel()).to_pylist()
    reasons = vectors_of(encoder, texts).reshape(*pools.shape, -1).mean(axis=1)
    return _Measured(
        own=canonicals[corpus.canonical[order]],
        starts=np.flatnonzero(np.diff(corpus.situation[order], prepend=-1)),
        own_concern=corpus.concern[order],
        columns=canonicals[chosen],
        concern=concern_of[chosen],
        reasons=unit(reasons),
        texts=vectors_of(encoder, corpus.situations),
    )


def _pools(corpus: Corpus, canonicals: Vectors, chosen: Codes, concern_of: Codes) -> Codes:
    """Return shape (columns, pool): the rows whose consideration is nearest to the column's, its own rows first."""
    size = min(REASONS, len(corpus.key))
    order = np.lexsort((corpus.key, corpus.canonical))
    starts = np.searchsorted(corpus.canonical[order], np.arange(len(canonicals) + 1))
    pools = np.empty((len(chosen), size), np.int64)
    for low in range(0, len(chosen), ROWS_AT_ONCE):
        block = chosen[low : low + ROWS_AT_ONCE]
        cosines = canonicals[block] @ canonicals.T
        cosines[concern_of[block][:, None] == concern_of] += 2
        cosines[np.arange(len(block)), block] += 4
        reach = min(size, cosines.shape[1])
        nearest = np.argpartition(-cosines, reach - 1, axis=1)[:, :reach]
        ranks = np.argsort(-np.take_along_axis(cosines, nearest, 1), axis=1, kind="stable")
        for row, others in enumerate(np.take_along_axis(nearest, ranks, 1)):
            rows = [order[starts[other] : min(starts[other] + size, starts[other + 1])] for other in others]
            pools[low + row] = np.concatenate(rows)[:size]
    return pools


def _near(measured: _Measured, corpus: Corpus) -> Flags:
    """Return shape (situations, columns): does the situation name the consideration, or something near it?"""
    count = len(measured.starts)
    least = np.quantile(measured.nearest_own(_sample(corpus)), 1 - NEAR_SHARE, axis=0)
    least = np.minimum(least, NEAR_COSINE).astype(np.float32)
    near = np.empty((count, len(measured.columns)), np.bool_)
    for low in range(0, count, ROWS_AT_ONCE):
        block = np.arange(low, min(low + ROWS_AT_ONCE, count))
        near[block] = measured.nearest_own(block) >= least
    return near


class _Parts(NamedTuple):
    """What the three parts of relatedness are read from; `near` has shape (situations, columns)."""

    measured: _Measured
    near: Flags
    nearest: Nearest

    def of(self, situations: Codes) -> list[Matrix]:
        """Return the three parts of so many situations, shape (situations, columns) each."""
        neighbours = np.stack([self.nearest.share(situation, self.near) for situation in situations])
        reasons = self.measured.texts[situations] @ self.measured.reasons.T
        return [neighbours, self.measured.nearest_own(situations), reasons]


def _distances(corpus: Corpus, parts: _Parts, columns: Columns, share: float) -> NDArray[np.uint8]:
    """Return shape (situations, columns), as `Apart.distance` has it.

    Args:
        corpus: the rows.
        parts: of their situations.
        columns: shape (rows,), the column of each row or -1.
        share: 0 to 1.
    """
    distances = np.zeros(parts.near.shape, np.uint8)
    if not parts.near.size:
        return distances
    scale = _scale(corpus, parts, columns, share)
    for low in range(0, len(distances), ROWS_AT_ONCE):
        block = np.arange(low, min(low + ROWS_AT_ONCE, len(distances)))
        placed = _placed(parts.of(block), scale.grids)
        distances[block] = (placed <= scale.limit).astype(np.uint8) + (placed <= scale.strict)
    return distances


class _Scale(NamedTuple):
    """Quantiles of each part over random pairs, and up to which relatedness two are unrelated; `strict` is half so."""

    grids: list[Matrix]
    limit: float
    strict: float


def _scale(corpus: Corpus, parts: _Parts, columns: Columns, share: float) -> _Scale:
    rows = np.flatnonzero(columns >= 0)
    rows = rows[np.argsort(corpus.key[rows], kind="stable")]
    sample = _sample(corpus)
    each = -(-PAIR_SAMPLE // len(sample))
    draws = mixed(np.arange(len(sample) * each, dtype=np.uint64), 0) % np.uint64(len(rows))
    drawn = columns[rows[draws.astype(np.int64)]].reshape(len(sample), each)
    taken: list[list[Matrix]] = [[], [], []]
    for low in range(0, len(sample), ROWS_AT_ONCE):
        found = parts.of(sample[low : low + ROWS_AT_ONCE])
        for values, part in zip(taken, found, strict=True):
            values.append(np.take_along_axis(part, drawn[low : low + ROWS_AT_ONCE], 1))
    values = [np.concatenate(part) for part in taken]
    grids = [np.quantile(part, np.linspace(0, 1, LEVELS)).astype(np.float32) for part in values]
    placed = _placed(values, grids)
    return _Scale(grids, float(np.quantile(placed, share)), float(np.quantile(placed, share / 2)))


def _placed(parts: list[Matrix], grids: list[Matrix]) -> Matrix:
    """Return the mean over the parts of the share of random pairs that lie below."""
    places = [np.searchsorted(grid, part.ravel()).reshape(part.shape) for part, grid in zip(parts, grids, strict=True)]
    mean: Matrix = (np.sum(places, axis=0) / (len(places) * LEVELS)).astype(np.float32)
    return mean


def _sample(corpus: Corpus) -> Codes:
    """Return at most so many situations, the same whatever the order of the rows."""
    firsts = np.full(len(corpus.situations), np.iinfo(np.uint64).max, np.uint64)
    np.minimum.at(firsts, corpus.situation, corpus.key)
    return np.argsort(firsts, kind="stable")[:SITUATION_SAMPLE]
