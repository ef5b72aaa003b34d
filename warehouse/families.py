"""The tables of situation families: who belongs together, and which families were merged, and why."""

from typing import Final, NamedTuple

import pyarrow as pa
from duckdb import DuckDBPyConnection

from valueprism_build.situations.families import Families, Family, Member, Newcomer
from warehouse.batches import changed, incoming, to_arrow, transaction

_TEXT: Final = pa.string()
_FAMILY: Final = pa.schema([(name, _TEXT) for name in Family.__dataclass_fields__])
_MEMBER: Final = pa.schema([(name, _TEXT) for name in Member.__dataclass_fields__])


class Mark(NamedTuple):
    """How many rows the tables hold, and how many families were merged: another mark, another writer."""

    families: int
    merged: int
    members: int


class Stored(NamedTuple):
    """All that is stored, and what it was like when it was read."""

    families: Families
    mark: Mark


def newcomers(db: DuckDBPyConnection) -> list[Newcomer]:
    """Return the situations that have no family yet, in order of arrival."""
    rows = db.execute(
        "SELECT id, text FROM situation ANTI JOIN family_member ON situation_id = id ORDER BY arrival"
    ).fetchall()
    return [Newcomer(*row) for row in rows]


def read(db: DuckDBPyConnection) -> Stored:
    """Return the families in the order of founding, and their members in the order of joining."""
    families = db.execute("SELECT id, into_id, reason FROM family ORDER BY founded").fetchall()
    members = db.execute("SELECT situation_id, text, family_id FROM family_member ORDER BY joined").fetchall()
    return Stored(
        Families(tuple(Family(*row) for row in families), tuple(Member(*row) for row in members)),
        _mark(db),
    )


def store(db: DuckDBPyConnection, run_id: str, before: Stored, after: Families) -> bool:
    """Store what an update has added, in one transaction.

    Args:
        db: the warehouse.
        run_id: goes with the mergers.
        before: what the update started from.
        after: what it came to.

    Returns:
        Whether it was stored: nothing is when somebody else has written since `before` was read.
    """
    known = before.families
    founded = after.families[len(known.families) :]
    merged = [new for old, new in zip(known.families, after.families, strict=False) if new != old]
    joined = after.members[len(known.members) :]
    with transaction(db):
        if _mark(db) != before.mark:
            return False
        with incoming(db, _numbered(to_arrow(founded, _FAMILY), len(known.families))):
            changed(db, "INSERT INTO family (id, founded) SELECT id, number FROM incoming")
        with incoming(db, to_arrow(merged, _FAMILY)):
            changed(
                db,
                """
                UPDATE family SET into_id = incoming.into_id, reason = incoming.reason, run_id = $run_id
                FROM incoming WHERE family.id = incoming.id
                """,
                {"run_id": run_id},
            )
        with incoming(db, _numbered(to_arrow(joined, _MEMBER), len(known.members))):
            changed(db, "INSERT INTO family_member SELECT situation_id, number, text, family_id FROM incoming")
    return True


def _numbered(rows: pa.Table, before: int) -> pa.Table:
    return rows.append_column("number", pa.array(range(before + 1, before + 1 + rows.num_rows), pa.int64()))


def _mark(db: DuckDBPyConnection) -> Mark:
    [row] = db.execute(
        """
        SELECT (SELECT count(*) FROM family), (SELECT count(into_id) FROM family), (SELECT count(*) FROM family_member)
        """
    ).fetchall()
    return Mark(*row)
