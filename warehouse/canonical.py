"""The tables of the canonical inventory: labels, wordings, what people have judged, what that has moved."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import pyarrow as pa
from duckdb import DuckDBPyConnection

from valueprism_build.canonical.clusters import How, Label
from valueprism_build.canonical.inventory import Change, Inventory, Member, Surface, Updated, followed
from valueprism_build.records import SamePair, Vrd
from warehouse.batches import changed, incoming, to_arrow, transaction

_TEXT: Final = pa.string()
_MEMBER: Final = pa.schema([("vrd", _TEXT), ("text", _TEXT), ("canonical_id", _TEXT), ("how", _TEXT)])
_PAIR: Final = pa.schema(
    [("vrd_one", _TEXT), ("one", _TEXT), ("vrd_other", _TEXT), ("other", _TEXT), ("same", pa.bool_())]
)
_CHANGE: Final = pa.schema([(name, _TEXT) for name in Change.__dataclass_fields__])


class Mark(NamedTuple):
    """How many rows the tables hold: another mark, another writer."""

    labels: int
    members: int
    judgements: int
    changes: int


class Stored(NamedTuple):
    """All that is stored, and what it was like when it was read."""

    inventory: Inventory
    judgements: list[SamePair]
    mark: Mark


def new_surfaces(db: DuckDBPyConnection) -> list[Surface]:
    """Return the wordings of considerations that the inventory does not hold yet, with how often each is there."""
    rows = db.execute(
        """
        SELECT vrd, text, count(*) FROM consideration ANTI JOIN canonical_member USING (vrd, text)
        GROUP BY vrd, text ORDER BY vrd, text
        """
    ).fetchall()
    return [Surface(Vrd(vrd), text, times) for vrd, text, times in rows]


def read(db: DuckDBPyConnection) -> Stored:
    """Return the inventory, labels in the order of founding, and the judgements in the order in which they came."""
    labels = db.execute("SELECT id, vrd, label, concern_id FROM canonical ORDER BY founded").fetchall()
    members = db.execute("SELECT vrd, text, canonical_id, how FROM canonical_member ORDER BY vrd, text").fetchall()
    moves = db.execute("SELECT from_id, to_id FROM canonical_change ORDER BY arrival").fetchall()
    pairs = db.execute(
        "SELECT vrd_one, one, vrd_other, other, same FROM canonical_judgement ORDER BY arrival"
    ).fetchall()
    return Stored(
        Inventory(
            labels=tuple(Label(id_, Vrd(vrd), label) for id_, vrd, label, _ in labels),
            members=tuple(Member(Vrd(vrd), text, home, How(how)) for vrd, text, home, how in members),
            concerns={id_: concern for id_, _, _, concern in labels},
            forerunners=followed(moves),
        ),
        [SamePair(Vrd(vrd), one, Vrd(vrd_other), other, same) for vrd, one, vrd_other, other, same in pairs],
        _mark(db),
    )


def store(db: DuckDBPyConnection, run_id: str, before: Stored, after: Updated, judgements: Sequence[SamePair]) -> bool:
    """Store an updated inventory in one transaction and give every consideration the id of its wording.

    Args:
        db: the warehouse.
        run_id: goes with the changes.
        before: what the update started from.
        after: what it came to.
        judgements: all of them, old and new.

    Returns:
        Whether it was stored: nothing is when somebody else has written since `before` was read.
    """
    labels = pa.table(
        {
            "id": pa.array([label.id for label in after.inventory.labels], _TEXT),
            "founded": pa.array(range(1, len(after.inventory.labels) + 1), pa.int64()),
            "vrd": pa.array([label.vrd for label in after.inventory.labels], _TEXT),
            "label": pa.array([label.label for label in after.inventory.labels], _TEXT),
            "concern_id": pa.array([after.inventory.concerns[label.id] for label in after.inventory.labels], _TEXT),
        }
    )
    known = set(before.inventory.members)
    members = [member for member in after.inventory.members if member not in known]
    with transaction(db):
        if _mark(db) != before.mark:
            return False
        with incoming(db, labels):
            changed(
                db,
                """
                INSERT INTO canonical SELECT * FROM incoming
                ON CONFLICT (id) DO UPDATE SET concern_id = excluded.concern_id
                """,
            )
        with incoming(db, to_arrow(members, _MEMBER)):
            changed(db, "INSERT OR REPLACE INTO canonical_member SELECT * FROM incoming")
        changed(db, "DELETE FROM canonical_judgement")
        with incoming(db, to_arrow(judgements, _PAIR)):
            changed(db, "INSERT INTO canonical_judgement SELECT row_number() OVER (), * FROM incoming")
        with incoming(db, to_arrow(after.changes, _CHANGE)):
            changed(
                db,
                "INSERT INTO canonical_change SELECT $before + row_number() OVER (), *, $run_id FROM incoming",
                {"before": before.mark.changes, "run_id": run_id},
            )
        assign(db)
    return True


def assign(db: DuckDBPyConnection) -> int:
    """Give every consideration the canonical id of its wording, as far as the inventory holds it; return how many."""
    return changed(
        db,
        """
        UPDATE consideration SET canonical_id = member.canonical_id FROM canonical_member AS member
        WHERE member.vrd = consideration.vrd AND member.text = consideration.text
            AND consideration.canonical_id IS DISTINCT FROM member.canonical_id
        """,
    )


def _mark(db: DuckDBPyConnection) -> Mark:
    [row] = db.execute(
        """
        SELECT (SELECT count(*) FROM canonical), (SELECT count(*) FROM canonical_member),
            (SELECT count(*) FROM canonical_judgement), (SELECT count(*) FROM canonical_change)
        """
    ).fetchall()
    return Mark(*row)
