"""What a release reads: one row per consideration, in an order that only the content decides."""

import pyarrow as pa
from duckdb import DuckDBPyConnection

from valueprism_build.tasks.full_table import FULL_SCHEMA


def releasable(db: DuckDBPyConnection, *, teacher: str | None = None) -> pa.Table:
    """Return the considerations (of one teacher, or of all), shape and types as `FULL_SCHEMA`.

    Ordered by arrival of the situation, then teacher, point of view (none first), request, position.
    """
    rows = db.sql(
        """
        SELECT * EXCLUDE (arrival) FROM release_row
        WHERE $teacher IS NULL OR teacher = $teacher
        ORDER BY arrival, teacher, point_of_view NULLS FIRST, request_hash, position, consideration_id
        """,
        params={"teacher": teacher},
    )
    return rows.to_arrow_table().select(FULL_SCHEMA.names).cast(FULL_SCHEMA)
