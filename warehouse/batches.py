"""A batch of records on its way into DuckDB: as Arrow, under one name, in one transaction."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress

import duckdb
import pyarrow as pa
from duckdb import DuckDBPyConnection


def to_arrow(rows: Sequence[object], schema: pa.Schema) -> pa.Table:
    """Return the fields that `schema` names of each row, as columns of the schema's types."""
    columns = [pa.array([getattr(row, field.name) for row in rows], type=field.type) for field in schema]
    return pa.Table.from_arrays(columns, schema=schema)


@contextmanager
def incoming(db: DuckDBPyConnection, batch: pa.Table) -> Iterator[None]:
    """Let SQL read the batch under the name `incoming`, and forget the name afterwards."""
    db.register("incoming", batch)
    try:
        yield
    finally:
        with suppress(duckdb.TransactionException):  # an aborted transaction takes the name with it when it is undone
            db.unregister("incoming")


@contextmanager
def transaction(db: DuckDBPyConnection) -> Iterator[None]:
    """Keep all that is written inside, or none of it; the transaction is the connection's own and does not nest."""
    db.begin()
    try:
        yield
    except BaseException:
        db.rollback()
        raise
    db.commit()


def changed(db: DuckDBPyConnection, sql: str, parameters: Mapping[str, object] | None = None) -> int:
    """Run one INSERT, UPDATE or DELETE and return how many rows it changed."""
    [(count,)] = db.execute(sql, parameters).fetchall()
    return int(count)
