"""The parts that relatedness is made of: what speaks for it that a consideration bears on a situation."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from valueprism_build.embedding import Encoder, Vectors
from valueprism_build.tasks.nearest_situations import Nearest, nearest
from valueprism_build.tasks.negative_corpus import Codes, Corpus, grouped_sum, unit, vectors_of

Matrix: TypeAlias = NDArray[np.float32]
Flags: TypeAlias = NDArray[np.bool_]

REASONS: Final = 16
NEAR_COSINE: Final = 0.5
NEAR_SHARE: Final = 0.1
"""At least this share of the situations counts as naming something near, so that a rare one is not thought absent."""
COMMON_COSINE: Final = 0.4
ROWS_AT_ONCE: Final = 128


@dataclass(frozen=True, slots=True)
class Named:
    """What situations name, and why.

    Attributes:
        own: shape (rows, d), vector of the consideration of each row, grouped by situation.
        why: shape (rows, d), of its explanation, likewise.
        starts: shape (situations,), where each situation's rows begin.
        concern: shape (rows,), likewise grouped.
        columns: shape (columns, d); `column_concern` their codes.
        reasons: shape (reasons, d), of at most `REASONS` explanations of each column, grouped by column.
        reason_starts: shape (columns,), where each column's begin.
        texts: shape (situations, d), of the situation alone.
    """

    own: Vectors
    why: Vectors
    starts: Codes
    concern: Codes
    columns: Vectors
    column_concern: Codes
    reasons: Vectors
    reason_starts: Codes
    texts: Vectors

    def nearest_own(self, situations: Codes) -> Matrix:
        """Return shape (situations, columns): cosine to the nearest consideration named there; 1 for its concern."""
        rows, offsets = self._rows(situations)
        cosines = self.own[rows] @ self.columns.T
        cosines[self.concern[rows][:, None] == self.column_concern] = 1
        found: Matrix = np.maximum.reduceat(cosines, offsets, axis=0)
        return found

    def nearest_why(self, situations: Codes) -> Matrix:
        """Return shape (situations, columns): of the situation's explanations and the column's, the nearest two."""
        rows, offsets = self._rows(situations)
        by_situation = np.maximum.reduceat(self.why[rows] @ self.reasons.T, offsets, axis=0)
        found: Matrix = np.maximum.reduceat(by_situation, self.reason_starts, axis=1)
        return found

    def nearest_reason(self, situations: Codes) -> Matrix:
        """Return shape (situations, columns): cosine of the situation and the nearest of the column's explanations."""
        found: Matrix = np.maximum.reduceat(self.texts[situations] @ self.reasons.T, self.reason_starts, axis=1)
        return found

    def vagueness(self) -> Matrix:
        """Return shape (columns,): how little the reasons that are given for a consideration resemble its name."""
        counts = np.diff(np.append(self.reason_starts, len(self.reasons)))
        cosines = np.einsum("ij,ij->i", self.reasons, np.repeat(self.columns, counts, axis=0))
        found: Matrix = (-np.add.reduceat(cosines, self.reason_starts) / counts).astype(np.float32)
        return found

    def _rows(self, situations: Codes) -> tuple[Codes, Codes]:
        """Return the rows of so many situations, and where each one's begin among them."""
        ends = np.append(self.starts[1:], len(self.own))
        counts = ends[situations] - self.starts[situations]
        offsets = np.cumsum(counts) - counts
        return np.repeat(self.starts[situations] - offsets, counts) + np.arange(counts.sum()), offsets


class Parts(NamedTuple):
    """All five of them for all situations and columns.

    Attributes:
        near: shape (situations, columns): does the situation name the consideration, or something near it?
        common: shape (columns,), share of the situations that name something of a cosine from `COMMON_COSINE` on.
        vague: shape (columns,), as `Named.vagueness` gives it.
        vectors: shape (situations, d), unit; what each situation is about.
    """

    named: Named
    near: Flags
    common: Matrix
    vague: Matrix
    nearest: Nearest
    vectors: Vectors

    def of(self, situations: Codes) -> Sequence[Matrix]:
        """Return the parts of so many situations, shape (situations, columns) each."""
        shape = (len(situations), len(self.common))
        neighbours = np.stack([self.nearest.share(situation, self.near) for situation in situations])
        pairs = [neighbours, self.named.nearest_reason(situations), self.named.nearest_why(situations)]
        return [*pairs, np.broadcast_to(self.common, shape), np.broadcast_to(self.vague, shape)]


def measured(corpus: Corpus, encoder: Encoder, core_vectors: Vectors, chosen: Codes, sample: Codes) -> Parts:
    """Return what relatedness is made of.

    Args:
        corpus: the rows.
        encoder: embeds situations and explanations.
        core_vectors: shape (len(corpus.cores), d).
        chosen: canonical codes, one for each column, ascending.
        sample: situations that tell how near is near.
    """
    canonicals = corpus.canonical_vectors(core_vectors)
    named = _named(corpus, encoder, canonicals, chosen)
    vectors = unit(named.texts + unit(grouped_sum(canonicals[corpus.canonical], corpus.situation)))
    least = np.quantile(named.nearest_own(sample), 1 - NEAR_SHARE, axis=0)
    least = np.minimum(least, NEAR_COSINE).astype(np.float32)
    near = np.empty((len(named.starts), len(chosen)), np.bool_)
    common = np.zeros(len(chosen), np.float32)
    for low in range(0, len(near), ROWS_AT_ONCE):
        block = np.arange(low, min(low + ROWS_AT_ONCE, len(near)))
        cosines = named.nearest_own(block)
        near[block] = cosines >= least
        common += (cosines >= COMMON_COSINE).sum(axis=0)
    return Parts(named, near, common / np.float32(len(near)), named.vagueness(), nearest(vectors), vectors)


def _named(corpus: Corpus, encoder: Encoder, canonicals: Vectors, chosen: Codes) -> Named:
    order = np.argsort(corpus.situation, kind="stable")
    concern_of = np.zeros(len(canonicals), np.int64)
    concern_of[corpus.canonical] = corpus.concern
    why = vectors_of(encoder, corpus.explanations.to_pylist())
    pool, starts = _pools(corpus, chosen)
    return Named(
        own=canonicals[corpus.canonical[order]],
        why=why[order],
        starts=np.flatnonzero(np.diff(corpus.situation[order], prepend=-1)),
        concern=corpus.concern[order],
        columns=canonicals[chosen],
        column_concern=concern_of[chosen],
        reasons=why[pool],
        reason_starts=starts,
        texts=vectors_of(encoder, corpus.situations),
    )


def _pools(corpus: Corpus, chosen: Codes) -> tuple[Codes, Codes]:
    """Return at most `REASONS` rows of each column, those of the least keys, and where each column's begin."""
    order = np.lexsort((corpus.key, corpus.canonical))
    ordered = corpus.canonical[order]
    starts = np.searchsorted(ordered, chosen)
    counts = np.minimum(np.searchsorted(ordered, chosen, side="right") - starts, REASONS)
    begins = np.cumsum(counts) - counts
    return order[np.repeat(starts - begins, counts) + np.arange(counts.sum())], begins
