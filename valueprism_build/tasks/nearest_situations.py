"""For each situation the others that are nearest to it, and how many of them have something in common."""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from valueprism_build.embedding import Vectors

NEIGHBOURS: Final = 64
SHARPNESS: Final = 16.0
"""Of the kernel exp(sharpness * cosine) that weighs neighbours: one whose cosine is lower by .1 counts a fifth."""
ROWS_AT_ONCE: Final = 512


class Nearest(NamedTuple):
    """Shape (situations, k) each; k is `NEIGHBOURS`, or one less than the situations there are.

    Attributes:
        others: the nearest ones, in no order.
        weights: what each of them counts; those of a situation sum up to 1.
    """

    others: NDArray[np.int64]
    weights: NDArray[np.float32]

    def share(self, situation: int, flags: NDArray[np.bool_]) -> NDArray[np.float32]:
        """Return shape (columns,): the weighted share of the neighbours that have the flag.

        Args:
            situation: whose neighbours.
            flags: shape (situations, columns).
        """
        shares: NDArray[np.float32] = self.weights[situation] @ flags[self.others[situation]].astype(np.float32)
        return shares


def nearest(vectors: Vectors) -> Nearest:
    """Return the neighbours of each situation by cosine; vectors have shape (situations, d), each of L2 norm 1.

    Nadaraya-Watson weights ("On estimating regression", 1964) over the k nearest.
    """
    count = len(vectors)
    size = min(NEIGHBOURS, max(count - 1, 0))
    found = Nearest(np.empty((count, size), np.int64), np.empty((count, size), np.float32))
    for low in range(0, count if size else 0, ROWS_AT_ONCE):
        cosines = vectors[low : low + ROWS_AT_ONCE] @ vectors.T
        rows = np.arange(len(cosines))
        cosines[rows, low + rows] = -np.inf
        others = np.argpartition(-cosines, size - 1, axis=1)[:, :size]
        weights = np.exp(SHARPNESS * (np.take_along_axis(cosines, others, 1) - 1))
        found.others[low : low + len(rows)] = others
        found.weights[low : low + len(rows)] = weights / weights.sum(axis=1, keepdims=True)
    return found
