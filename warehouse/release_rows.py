"""What a release reads: one row per consideration, in an order that only the content decides."""

import pyarrow as pa
from duckdb import DuckDBPyConnection

from valueprism_build.tasks.full_table import FULL_SCHEMA


def releasable(db: DuckDBPyConnection, *, teacher: str | None = None) -> pa.Table:
    """Return the considerations (that one teacher said, or all), shape and types as `FULL_SCHEMA`.

    What several teachers said has the words of one of them, which need not be the one that is asked for. Ordered by
    arrival of the situation, then teacher, point of view (none first), request, position.
    """
    rows = db.sql(
        """
        SELECT * EXCLUDE (arrival) FROM release_row
        WHERE $teacher IS NULL OR list_contains(teachers, $teacher)
        ORDER BY arrival, teacher, point_of_view NULLS FIRST, request_hash, position, consideration_id
        """,
        params={"teacher": teacher},
    )
    return rows.to_arrow_table().select(FULL_SCHEMA.names).cast(FULL_SCHEMA)
