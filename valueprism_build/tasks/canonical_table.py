"""The canonical considerations that the rows of a release stand for, one row each."""

from collections.abc import Sequence
from typing import Final

import pyarrow as pa

from valueprism_build.records import Canonical

CANONICAL_SCHEMA: Final = pa.schema(
    [
        pa.field("canonical_id", pa.string()),
        pa.field("vrd", pa.string()),
        pa.field("label", pa.string()),
        pa.field("concern_id", pa.string()),  # equal for the value, the right and the duty of one concern
        pa.field("considerations", pa.int64()),  # rows of the full table
        pa.field("wordings", pa.list_(pa.string())),  # of those rows, sorted
    ]
)


def build(full: pa.Table, canonicals: Sequence[Canonical]) -> pa.Table:
    """Return those that rows stand for, ordered by id, shape and types as `CANONICAL_SCHEMA`.

    Args:
        full: needs canonical_id and text.
        canonicals: every id of the full table is among them.

    Raises:
        KeyError: an id is not.
    """
    by_id = {canonical.id: canonical for canonical in canonicals}
    held = full.group_by(["canonical_id"]).aggregate([([], "count_all"), ("text", "distinct")]).sort_by("canonical_id")
    rows = [
        {
            "canonical_id": row["canonical_id"],
            "vrd": str(by_id[row["canonical_id"]].vrd),
            "label": by_id[row["canonical_id"]].label,
            "concern_id": by_id[row["canonical_id"]].concern_id,
            "considerations": row["count_all"],
            "wordings": sorted(row["text_distinct"]),
        }
        for row in held.to_pylist()
    ]
    return pa.Table.from_pylist(rows, CANONICAL_SCHEMA)
