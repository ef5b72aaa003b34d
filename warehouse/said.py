"""The table of who said what: every item of every answer, with the consideration that stands for it."""

from collections.abc import Sequence
from typing import Final

import pyarrow as pa
from duckdb import DuckDBPyConnection

from valueprism_build.records import Said
from valueprism_build.teachers.teacher import LOCAL
from warehouse.batches import changed, incoming, to_arrow

_SCHEMA: Final = pa.schema(
    [
        *((name, pa.string()) for name in ("consideration_id", "situation_id", "teacher", "request_hash")),
        ("position", pa.int32()),
        ("valence", pa.string()),
        ("text", pa.string()),
    ]
)

UNPROMPTED: Final = """(
    SELECT said.* FROM said JOIN answer USING (request_hash) JOIN consideration ON consideration.id = consideration_id
    WHERE answer.purpose <> 'missing' OR consideration.request_hash = said.request_hash
)"""
"""What was said without the entries of a list that a teacher repeats to tell what people mean: these are no voices of
its own, neither for the entry nor for its valence."""


def replace(db: DuckDBPyConnection, situation_ids: Sequence[str], rows: Sequence[Said]) -> None:
    """Put the rows in the place of all that was said of these situations.

    The caller holds the transaction, in which the answers were added: the model is theirs.
    """
    db.execute("DELETE FROM said WHERE situation_id IN (SELECT unnest($ids))", {"ids": list(situation_ids)})
    with incoming(db, to_arrow(rows, _SCHEMA)):
        changed(
            db,
            "INSERT INTO said BY NAME SELECT incoming.*, answer.model FROM incoming JOIN answer USING (request_hash)",
        )


def brought(db: DuckDBPyConnection, situation_ids: Sequence[str]) -> dict[str, int]:
    """Return, for each answer that was the first to say any, how many considerations of these situations it was.

    The order is that of deduplication: first questions before those for what is missing, then by time, and the
    demonstration teacher last. A later answer may have given a consideration its words, where these are more relevant.
    """
    rows = db.execute(
        """
        SELECT first, count(*) FROM (
            SELECT arg_min(
                said.request_hash,
                (said.teacher = $local, answer.purpose IN ('coverage', 'missing'), answer.created_at, said.request_hash)
            ) AS first
            FROM said JOIN answer USING (request_hash)
            WHERE said.situation_id IN (SELECT unnest($ids))
            GROUP BY said.consideration_id
        )
        GROUP BY first
        """,
        {"local": LOCAL, "ids": list(situation_ids)},
    ).fetchall()
    return dict(rows)
