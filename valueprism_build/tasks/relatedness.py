"""How likely a consideration bears on a situation that does not name it: the lists are never complete.

Nobody is asked. Five things are measured, each as the share of random pairs that are less related (0 to 1), and the
mean of the five is the relatedness. Three are of the pair:

- neighbours: how many of the situations nearest to this one name it or something near it, the nearer the more;
- reason: the cosine between the situation and the nearest of the reasons that are given for it elsewhere;
- why: of these reasons and those of what the situation does name, the cosine of the nearest two.

Two are of the consideration, since what fits nearly everywhere is hardly ever unrelated:

- common: how many situations name something near it;
- vague: how little the reasons that are given for it resemble its name, as of "Trust" or "Stability".

The nearest reason tells more than the mean of all (area under the curve .71 against .48 on 549 pairs judged by hand
among those that are little related), and the cosine to the nearest of the situation's own considerations told
nothing more. What few situations name is not known well enough: `tests/data/judged_negatives.md` has the figures.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from valueprism_build.embedding import Encoder, Vectors
from valueprism_build.tasks.negative_corpus import Codes, Corpus, mixed, vectors_of
from valueprism_build.tasks.related_parts import ROWS_AT_ONCE, Matrix, Parts, measured

Columns: TypeAlias = NDArray[np.int64]

SITUATION_SAMPLE: Final = 4096
PAIR_SAMPLE: Final = 1 << 16
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


def apart(corpus: Corpus, encoder: Encoder, core_vectors: Vectors, *, share: float, least: int) -> Apart:
    """Return which considerations are unrelated to which situations.

    Memory: two bytes for each pair of a situation and a column, the vectors of all explanations, and blocks.

    Args:
        corpus: the rows.
        encoder: embeds situations and explanations.
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
    parts = measured(corpus, encoder, core_vectors, chosen, _sample(corpus))
    return Apart(column, _distances(corpus, parts, column[corpus.canonical], share), parts.vectors)


def _distances(corpus: Corpus, parts: Parts, columns: Columns, share: float) -> NDArray[np.uint8]:
    """Return shape (situations, columns), as `Apart.distance` has it.

    Args:
        corpus: the rows.
        parts: of their situations.
        columns: shape (rows,), the column of each row or -1.
        share: 0 to 1.
    """
    distances = np.zeros(parts.near.shape, np.uint8)
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


def _scale(corpus: Corpus, parts: Parts, columns: Columns, share: float) -> _Scale:
    rows = np.flatnonzero(columns >= 0)
    rows = rows[np.argsort(corpus.key[rows], kind="stable")]
    sample = _sample(corpus)
    each = -(-PAIR_SAMPLE // len(sample))
    draws = mixed(np.arange(len(sample) * each, dtype=np.uint64), 0) % np.uint64(len(rows))
    drawn = columns[rows[draws.astype(np.int64)]].reshape(len(sample), each)
    taken: list[list[Matrix]] = []
    for low in range(0, len(sample), ROWS_AT_ONCE):
        found = parts.of(sample[low : low + ROWS_AT_ONCE])
        taken.append([np.take_along_axis(part, drawn[low : low + ROWS_AT_ONCE], 1) for part in found])
    values = [np.concatenate(blocks) for blocks in zip(*taken, strict=True)]
    grids = [np.quantile(part, np.linspace(0, 1, LEVELS)).astype(np.float32) for part in values]
    placed = _placed(values, grids)
    return _Scale(grids, float(np.quantile(placed, share)), float(np.quantile(placed, share / 2)))


def _placed(parts: Sequence[Matrix], grids: Sequence[Matrix]) -> Matrix:
    """Return the mean over the parts of the share of random pairs that lie below."""
    places = [np.searchsorted(grid, part.ravel()).reshape(part.shape) for part, grid in zip(parts, grids, strict=True)]
    mean: Matrix = (np.sum(places, axis=0) / (len(places) * LEVELS)).astype(np.float32)
    return mean


def _sample(corpus: Corpus) -> Codes:
    """Return at most so many situations, the same whatever the order of the rows."""
    firsts = np.full(len(corpus.situations), np.iinfo(np.uint64).max, np.uint64)
    np.minimum.at(firsts, corpus.situation, corpus.key)
    return np.argsort(firsts, kind="stable")[:SITUATION_SAMPLE]
