"""What a release reads: one row per consideration, in an order that only the content decides."""

import pyarrow as pa
from duckdb import DuckDBPyConnection

from valueprism_build.contrasts.asked import SOURCE
from valueprism_build.tasks.full_table import FULL_SCHEMA


def releasable(db: DuckDBPyConnection, *, teacher: str | None = None) -> pa.Table:
    """Return the considerations (that one teacher said, or all), shape and types as `FULL_SCHEMA`.

    What several teachers said has the words of one of them, which need not be the one that is asked for. Ordered by
    arrival of the situation, then teacher, point of view (none first), request, position. What a situation was changed
    to for a contrast stands behind it: when that arrived depends on where a run was stopped.
    """
    rows = db.sql(
        """
        SELECT release_row.* EXCLUDE (arrival)
        FROM release_row LEFT JOIN situation AS origin
        ON release_row.source = $contrast AND origin.id = release_row.source_id
        WHERE $teacher IS NULL OR list_contains(teachers, $teacher)
        ORDER BY
            coalesce(origin.arrival, release_row.arrival), if(origin.id IS NULL, NULL, situation_id) NULLS FIRST,
            teacher, point_of_view NULLS FIRST, request_hash, position, consideration_id
        """,
        params={"teacher": teacher, "contrast": SOURCE},
    )
    return rows.to_arrow_table().select(FULL_SCHEMA.names).cast(FULL_SCHEMA)
