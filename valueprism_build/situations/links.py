"""Links between situations that are alike, and which situations they hold together."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

Positions = NDArray[np.int64]


class Link(NamedTuple):
    """Two situations, by position, that are one family.

    Attributes:
        route: by what they are alike: "letters", "meaning" or "making".
        similarity: as the route measures it; 1 where one was made of the other.
    """

    one: int
    other: int
    route: str
    similarity: float


class Links:
    """Grows by pairs, and knows which positions are together by now, so that nobody compares these any more."""

    def __init__(self, groups: Sequence[int]) -> None:
        """Begin with what is together already.

        Args:
            groups: one number for each position, from 0, without a gap; equal ones are together.
        """
        self._groups: Positions = np.array(groups, np.int64)
        self.found: list[Link] = []

    def apart(self, one: Positions, other: Positions) -> NDArray[np.bool_]:
        """Return for each pair of positions whether nothing holds them together yet."""
        different: NDArray[np.bool_] = self._groups[one] != self._groups[other]
        return different

    def join(self, one: Positions, other: Positions, similarity: NDArray[np.floating], route: str) -> None:
        """Link each pair; of several pairs between the same two groups the first one stands for all."""
        groups = np.sort(np.stack([self._groups[one], self._groups[other]]), axis=0)
        first = np.sort(np.unique(groups, axis=1, return_index=True)[1])
        first = first[groups[0, first] != groups[1, first]]
        if not len(first):
            return
        pairs = zip(one[first].tolist(), other[first].tolist(), similarity[first].tolist(), strict=True)
        self.found += [Link(a, b, route, alike) for a, b, alike in pairs]
        count = int(self._groups.max()) + 1
        edges = coo_array((np.ones(len(first), np.int8), groups[:, first]), shape=(count, count))
        self._groups = connected_components(edges, directed=False)[1].astype(np.int64)[self._groups]
