"""The table of who said what: every item of every answer, with the consideration that stands for it."""

from collections.abc import Sequence
from typing import Final

import pyarrow as pa
from duckdb import DuckDBPyConnection

from valueprism_build.records import Said
from warehouse.batches import changed, incoming, to_arrow

_SCHEMA: Final = pa.schema(
    [
        *((name, pa.string()) for name in ("consideration_id", "situation_id", "teacher", "request_hash")),
        ("position", pa.int32()),
        ("valence", pa.string()),
        ("text", pa.string()),
    ]
)


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
