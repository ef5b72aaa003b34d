"""What a release reads: one row per consideration, in an order that only the content decides."""

from typing import Final

import pyarrow as pa
from duckdb import DuckDBPyConnection

from valueprism_build.contrasts.asked import SOURCE
from valueprism_build.tasks.full_table import FULL_SCHEMA

# Who changed the situations that came from contrasts. Where one is no contrast any more, by other limits, it can be
# anybody who was asked to change its origin. NULL AND false is false: one forbids for all, one who is silent leaves it
# open.
_WRITERS: Final = """
writer AS (
    SELECT situation.id AS changed_id, coalesce(contrast.teacher, answer.teacher) AS name
    FROM situation
    LEFT JOIN contrast ON contrast.situation_id = situation.id
    LEFT JOIN answer ON contrast.situation_id IS NULL AND answer.situation_id = situation.source_id
        AND answer.purpose = 'contrast'
    WHERE situation.source = $contrast AND coalesce(contrast.teacher, answer.teacher) IS NOT NULL
),
writers AS (
    SELECT
        changed_id,
        list_sort(list(DISTINCT writer.name)) AS names,
        bool_and(may_train) AND if(count(may_train) = count(*), true, NULL) AS allowed
    FROM writer LEFT JOIN teacher USING (name)
    GROUP BY changed_id
)"""


def releasable(db: DuckDBPyConnection, *, teacher: str | None = None, people_at_once: int = 1) -> pa.Table:
    """Return the considerations (that one teacher said, or all), shape and types as `FULL_SCHEMA`.

    What several teachers said has the words of one of them, which need not be the one that is asked for. Ordered by
    arrival of the situation, then teacher, point of view (none first), request, position. What a situation was changed
    to for a contrast stands behind it: when that arrived depends on where a run was stopped. What people
    asked for and a teacher put into words has "annotators" as its `consideration_source`. A row may train a model if
    that is allowed by the teacher that listed it and by all that wrote its situation.

    Args:
        db: the warehouse.
        teacher: who said it; None for all.
        people_at_once: how many asked for it is told in multiples of that, rounded down: of fewer, nothing is told, and
            from one release to the next nobody can be counted.
    """
    rows = db.sql(
        f"""
        WITH {_WRITERS}
        SELECT
            release_row.* EXCLUDE (arrival) REPLACE (
                release_row.may_train AND (writers.changed_id IS NULL OR writers.allowed) AS may_train
            ),
            coalesce(writers.names, []) AS situation_teachers,
            if(wished_hash IS NULL, 'teachers', 'annotators') AS consideration_source,
            (coalesce(asked.people, 0) // $people_at_once * $people_at_once)::INTEGER AS people,
            coalesce(asked.campaigns, []) AS campaigns
        FROM release_row
        LEFT JOIN (SELECT request_hash AS wished_hash FROM answer WHERE purpose = 'missing')
            ON wished_hash = release_row.request_hash
        LEFT JOIN (SELECT consideration_id AS asked_id, people, campaigns FROM asked_for) AS asked
            ON asked_id = release_row.consideration_id
        LEFT JOIN situation AS origin ON release_row.source = $contrast AND origin.id = release_row.source_id
        LEFT JOIN writers ON writers.changed_id = release_row.situation_id
        WHERE $teacher IS NULL OR list_contains(teachers, $teacher)
        ORDER BY
            coalesce(origin.arrival, release_row.arrival), if(origin.id IS NULL, NULL, situation_id) NULLS FIRST,
            teacher, point_of_view NULLS FIRST, request_hash, position, consideration_id
        """,
        params={"teacher": teacher, "contrast": SOURCE, "people_at_once": people_at_once},
    )
    return rows.to_arrow_table().select(FULL_SCHEMA.names).cast(FULL_SCHEMA)
