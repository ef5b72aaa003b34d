"""The table of situations: what was kept, in the order in which it first came."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Final

import pyarrow as pa
from duckdb import DuckDBPyConnection

from valueprism_build.records import Situation
from warehouse.batches import changed, incoming, to_arrow

_SCHEMA: Final = pa.schema(
    [(name, pa.string()) for name in ("id", "text", "source", "source_id", "licence", "language")]
    + [("flags", pa.list_(pa.string()))]
)
_FIELDS: Final = "id, text, source, source_id, licence, language, flags"


def add(db: DuckDBPyConnection, rows: Sequence[Situation]) -> int:
    """Insert the situations whose id is new and return how many were; the first of equal ids is the one that counts.

    They are numbered on from those already here, in the order given.
    """
    first: dict[str, Situation] = {}
    for row in rows:
        first.setdefault(row.id, row)
    batch = to_arrow(list(first.values()), _SCHEMA).append_column("place", pa.array(range(len(first)), pa.int64()))
    with incoming(db, batch):
        return changed(
            db,
            """
            INSERT INTO situation (id, arrival, text, source, source_id, licence, language, flags)
            SELECT
                id,
                (SELECT coalesce(max(arrival), 0) FROM situation) + row_number() OVER (ORDER BY place),
                text, source, source_id, licence, language, flags
            FROM incoming ANTI JOIN situation USING (id)
            """,
        )


def relabel(db: DuckDBPyConnection, rows: Sequence[Situation]) -> int:
    """Give the situations that are here the licence and language of these rows; return how many had another."""
    with incoming(db, to_arrow(rows, _SCHEMA)):
        return changed(
            db,
            """
            UPDATE situation SET licence = incoming.licence, language = incoming.language
            FROM incoming
            WHERE situation.id = incoming.id
                AND (situation.licence, situation.language) <> (incoming.licence, incoming.language)
            """,
        )


def held(db: DuckDBPyConnection, *, batch_rows: int = 10_000) -> Iterator[Situation]:
    """Yield every situation in order of arrival, holding `batch_rows` of them in memory."""
    with closing(db.cursor()) as reader:  # its own cursor, so that the caller may use the connection meanwhile
        relation = reader.sql(f"SELECT {_FIELDS} FROM situation ORDER BY arrival")
        for batch in relation.to_arrow_reader(batch_rows):
            yield from _records(batch)


def read(db: DuckDBPyConnection, ids: Sequence[str]) -> list[Situation]:
    """Return those of the situations that are here, in order of arrival."""
    wanted = db.sql(
        f"SELECT {_FIELDS} FROM situation SEMI JOIN (SELECT unnest($ids) AS id) USING (id) ORDER BY arrival",
        params={"ids": list(ids)},
    )
    return _records(wanted.to_arrow_table())


def ids(db: DuckDBPyConnection) -> list[str]:
    """Return the id of every situation, in order of arrival."""
    return [id_ for (id_,) in db.execute("SELECT id FROM situation ORDER BY arrival").fetchall()]


def _records(batch: pa.Table | pa.RecordBatch) -> list[Situation]:
    columns = [batch.column(name).to_pylist() for name in _SCHEMA.names]
    return [
        Situation(id_, text, source, source_id, licence, language, tuple(flags))
        for id_, text, source, source_id, licence, language, flags in zip(*columns, strict=True)
    ]
