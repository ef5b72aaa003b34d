"""What a release reads: one row per consideration, in an order that only the content decides."""

from typing import Final

import pyarrow as pa
from duckdb import DuckDBPyConnection

RELEASE_SCHEMA: Final = pa.schema(
    [
        *((name, pa.string()) for name in ("situation", "vrd", "text", "explanation", "valence")),
        *((name, pa.string()) for name in ("situation_id", "consideration_id", "teacher", "model")),
        ("prompt_version", pa.string()),
        ("request_hash", pa.string()),
        ("position", pa.int32()),
        ("relevance", pa.float64()),
        ("conflict_id", pa.string()),
        ("flags", pa.list_(pa.string())),
        *((name, pa.string()) for name in ("source", "source_id", "licence", "language")),
    ]
)


def releasable(db: DuckDBPyConnection, *, teacher: str | None = None) -> pa.Table:
    """Return the considerations (of one teacher, or of all), shape and types as `RELEASE_SCHEMA`.

    Ordered by arrival of the situation, then teacher, request, position.
    """
    rows = db.sql(
        """
        SELECT * EXCLUDE (arrival) FROM release_row
        WHERE $teacher IS NULL OR teacher = $teacher
        ORDER BY arrival, teacher, request_hash, position, consideration_id
        """,
        params={"teacher": teacher},
    )
    return rows.to_arrow_table().select(RELEASE_SCHEMA.names).cast(RELEASE_SCHEMA)
