"""Situations that say nearly the same in other letters: by the cosine of their sentence embeddings."""

from typing import Final

import numpy as np

from valueprism_build.embedding import Vectors
from valueprism_build.situations.links import Links

ROUTE: Final = "meaning"
CELLS_PER_BLOCK: Final = 1 << 25
"""Cosines in memory at a time: 134 MB."""


def link_by_meaning(vectors: Vectors, links: Links, *, cosine: float, known: int = 0) -> None:
    """Link the situations whose vectors have a cosine of at least `cosine`.

    Every newcomer is compared with everything before it: 100 newcomers to 31,000 known ones are 3 million cosines,
    some 0.1 s; 31,000 newcomers are 480 million and seconds; a million would be hours, and want an index.

    Args:
        vectors: shape (n, d), each row of L2 norm 1, in the order of `links`.
        links: told of each pair that is needed to hold a family together.
        cosine: in [-1, 1].
        known: so many rows at the beginning have been compared with each other before.
    """
    low = known
    while low < len(vectors):
        high = min(low + max(CELLS_PER_BLOCK // len(vectors), 1), len(vectors))
        cosines = vectors[low:high] @ vectors[:high].T
        rows, earlier = np.nonzero(cosines >= cosine)
        alike = cosines[rows, earlier]
        rows += low
        worth = (earlier < rows) & links.apart(earlier, rows)
        links.join(earlier[worth], rows[worth], alike[worth], ROUTE)
        low = high
