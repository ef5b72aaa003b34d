"""The table that says from which answers, and by which version of us, a situation's considerations were derived."""

from collections.abc import Mapping, Sequence
from typing import Final

import pyarrow as pa
from duckdb import DuckDBPyConnection

from warehouse.batches import incoming

_SCHEMA: Final = pa.schema([("situation_id", pa.string()), ("fingerprint", pa.string())])


def fingerprints(db: DuckDBPyConnection, ids: Sequence[str]) -> dict[str, str]:
    """Return, by situation id, the fingerprints of those of the situations that something was derived from."""
    rows = db.execute(
        "SELECT situation_id, fingerprint FROM derived WHERE situation_id IN (SELECT unnest($ids))", {"ids": list(ids)}
    )
    return dict(rows.fetchall())


def mark(db: DuckDBPyConnection, marks: Mapping[str, str]) -> None:
    """Set the fingerprints, by situation id. The caller holds the transaction that writes what was derived."""
    batch = pa.Table.from_arrays(
        [pa.array(marks.keys(), pa.string()), pa.array(marks.values(), pa.string())], schema=_SCHEMA
    )
    with incoming(db, batch):
        db.execute("INSERT OR REPLACE INTO derived BY NAME SELECT * FROM incoming")
