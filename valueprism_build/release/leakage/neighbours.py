"""How near the test rows are to train: the nearest situation, and whether the consideration itself was seen."""

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from valueprism_build.embedding import Encoder, Vectors
from valueprism_build.records import Split
from valueprism_build.release.numbers import named, one_per

CELLS_PER_BLOCK: Final = 1 << 25
"""Cosines in memory at a time: 134 MB."""

NEIGHBOURS: Final = pa.schema(
    [
        pa.field("consideration_id", pa.string()),
        pa.field("situation_id", pa.string()),
        pa.field("nearest_situation_id", pa.string()),
        pa.field("cosine", pa.float32()),
        pa.field("text_in_train", pa.bool_()),
        pa.field("canonical_in_train", pa.bool_()),
    ]
)


def neighbours(full: pa.Table, encoder: Encoder) -> pa.Table:
    """Return one row of `NEIGHBOURS` for each test row, in the order of the table; none where train is empty.

    Args:
        full: needs situation, situation_id, consideration_id, vrd, text, canonical_id and split.
        encoder: embeds the situations of train and test, in one call.
    """
    situations = one_per(full, "situation_id")
    train, test = (situations.filter(pc.equal(situations["split"], str(split))) for split in (Split.TRAIN, Split.TEST))
    if not train.num_rows or not test.num_rows:
        return NEIGHBOURS.empty_table()
    vectors = encoder.encode([*test["situation"].to_pylist(), *train["situation"].to_pylist()])
    best, cosines = nearest(vectors[: test.num_rows], vectors[test.num_rows :])
    rows = full.filter(pc.equal(full["split"], str(Split.TEST)))
    at = pc.index_in(rows["situation_id"], value_set=test["situation_id"].combine_chunks())
    seen = full.filter(pc.equal(full["split"], str(Split.TRAIN)))
    columns = [
        rows["consideration_id"],
        rows["situation_id"],
        train["situation_id"].take(pa.array(best)).take(at),
        pa.array(cosines).take(at.combine_chunks()),
        pc.is_in(named(rows), value_set=named(seen)),
        pc.is_in(rows["canonical_id"], value_set=seen["canonical_id"].combine_chunks()),
    ]
    return pa.table(columns, names=NEIGHBOURS.names).cast(NEIGHBOURS).combine_chunks()


def nearest(queries: Vectors, held: Vectors) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return for each query the row of the nearest vector, the first of equals, and its cosine.

    Args:
        queries: shape (n, d), rows of L2 norm 1.
        held: shape (m, d), m at least 1, likewise.
    """
    best = np.empty(len(queries), np.int64)
    cosines = np.empty(len(queries), np.float32)
    step = max(CELLS_PER_BLOCK // len(held), 1)
    for start in range(0, len(queries), step):
        block = queries[start : start + step] @ held.T
        best[start : start + step] = block.argmax(axis=1)
        cosines[start : start + step] = block.max(axis=1)
    return best, cosines
