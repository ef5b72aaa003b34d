"""What a campaign can ask about: the considerations, with what a sample is stratified by beside them."""

import pyarrow as pa
from duckdb import DuckDBPyConnection

from warehouse.release_rows import releasable
from warehouse.said import UNPROMPTED


def candidates(db: DuckDBPyConnection) -> pa.Table:
    """Return the full table with two further columns, strings that are never null.

    `topic` is the first sensitive topic of the situation, or "everyday". `disagreement` is "disputed" where teachers
    gave the consideration different valences or one of them listed its contrary, "agreed" where several gave one
    valence, and "alone" where one teacher named it.
    """
    full = releasable(db)
    found = db.sql(
        f"""
        SELECT
            consideration.id,
            coalesce(situation.flags[1], 'everyday') AS topic,
            CASE
                WHEN consideration.conflict_id IS NOT NULL OR sayers.valences > 1 THEN 'disputed'
                WHEN sayers.teachers > 1 THEN 'agreed'
                ELSE 'alone'
            END AS disagreement
        FROM consideration
        JOIN situation ON situation.id = consideration.situation_id
        LEFT JOIN (
            SELECT consideration_id, count(DISTINCT teacher) AS teachers, count(DISTINCT valence) AS valences
            FROM {UNPROMPTED} AS said GROUP BY consideration_id
        ) AS sayers ON sayers.consideration_id = consideration.id
        """
    ).fetchall()
    columns = {id_: (topic, disagreement) for id_, topic, disagreement in found}
    beside = [columns[id_] for id_ in full["consideration_id"].to_pylist()]
    for place, name in enumerate(("topic", "disagreement")):
        full = full.append_column(name, pa.array([row[place] for row in beside], pa.string()))
    return full
