"""Votes of tests, written as tables: a row per person, a column per item, NaN where there is no vote."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from annotation.agreement.ratings import Ratings

NAN = float("nan")
# Krippendorff, "Computing Krippendorff's alpha-reliability" (2011), section C: 4 observers, 12 units, answers 1 to 5.
# Gwet's examples of four raters (Handbook, 4th ed., table 2.10) are the same votes.
PUBLISHED: NDArray[np.float64] = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, NAN, NAN, NAN],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NAN, 3],
        [NAN, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, NAN],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NAN],
    ]
)
# Fleiss (1971), table 1: 30 patients, 6 psychiatrists each, five diagnoses; counts.
FLEISS: NDArray[np.int64] = np.array(
    [
        [0, 0, 0, 6, 0], [0, 3, 0, 0, 3], [0, 1, 4, 0, 1], [0, 0, 0, 0, 6], [0, 3, 0, 3, 0], [2, 0, 4, 0, 0],
        [0, 0, 4, 0, 2], [2, 0, 3, 1, 0], [2, 0, 0, 4, 0], [0, 0, 0, 0, 6], [1, 0, 0, 5, 0], [1, 1, 0, 4, 0],
        [0, 3, 3, 0, 0], [1, 0, 0, 5, 0], [0, 2, 0, 3, 1], [0, 0, 5, 0, 1], [3, 0, 0, 1, 2], [5, 1, 0, 0, 0],
        [0, 2, 0, 4, 0], [1, 0, 2, 0, 3], [0, 0, 0, 0, 6], [0, 1, 0, 5, 0], [0, 2, 0, 1, 3], [2, 0, 0, 4, 0],
        [1, 0, 0, 4, 1], [0, 5, 0, 1, 0], [4, 0, 0, 0, 2], [0, 2, 0, 4, 0], [1, 0, 5, 0, 0], [0, 0, 0, 0, 6],
    ]
)  # fmt: skip


def ratings(table: NDArray[np.float64] | Sequence[Sequence[float]], categories: int, first: int = 0) -> Ratings:
    """Return the votes of a table, shape (people, items), whose answers are numbered from `first`."""
    votes = np.asarray(table, dtype=np.float64)
    annotator, item = np.nonzero(~np.isnan(votes))
    code = (votes[annotator, item] - first).astype(np.int32)
    people, items = votes.shape
    return Ratings(item.astype(np.int32), annotator.astype(np.int32), code, items, people, categories)


def scattered(seed: int, people: int = 12, items: int = 40, categories: int = 4) -> NDArray[np.float64]:
    """Return a table with votes that lean to one answer per item, a third of them missing."""
    rng = np.random.default_rng(seed)
    answers = rng.integers(categories, size=(people, items))
    leaning = np.where(rng.random((people, items)) < 0.5, rng.integers(categories, size=items), answers).astype(float)
    leaning[rng.random((people, items)) < 1 / 3] = NAN
    return leaning
