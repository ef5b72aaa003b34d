"""The table of who is left out of what is counted. Nothing is deleted: neither their answers, nor what was decided."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import pyarrow as pa
from duckdb import DuckDBPyConnection

from valueprism_build.campaigns import Exclusion
from warehouse.batches import changed, incoming, to_arrow

_MOMENT: Final = pa.timestamp("us", tz="UTC")
_EXCLUSION: Final = pa.schema(
    [
        *((name, pa.string()) for name in ("annotator_id", "rule", "detail")),
        ("excluded_at", _MOMENT),
        ("readmitted_at", _MOMENT),
    ]
)


def exclude(db: DuckDBPyConnection, campaign_id: str, rows: Sequence[Exclusion]) -> int:
    """Store exclusions and return how many are new; of one that stands already, the first row stays."""
    with incoming(db, to_arrow(rows, _EXCLUSION)):
        return changed(
            db,
            """
            INSERT INTO exclusion BY NAME
            SELECT $id AS campaign_id, incoming.* FROM incoming ANTI JOIN exclusion AS before
            ON before.campaign_id = $id AND before.annotator_id = incoming.annotator_id
                AND before.rule = incoming.rule AND before.readmitted_at IS NULL
            """,
            {"id": campaign_id},
        )


def readmit(db: DuckDBPyConnection, campaign_id: str, annotator_id: str, *, at: datetime) -> int:
    """Count a person's answers again and return how many exclusions stood against it."""
    return changed(
        db,
        """
        UPDATE exclusion SET readmitted_at = $at
        WHERE campaign_id = $campaign AND annotator_id = $annotator AND readmitted_at IS NULL
        """,
        {"at": at, "campaign": campaign_id, "annotator": annotator_id},
    )


def excluded(db: DuckDBPyConnection, campaign_id: str) -> frozenset[str]:
    """Return the ids of those who are left out now."""
    rows = db.execute("SELECT annotator_id FROM excluded WHERE campaign_id = $id", {"id": campaign_id}).fetchall()
    return frozenset(id_ for (id_,) in rows)


def read(db: DuckDBPyConnection, campaign_id: str) -> list[Exclusion]:
    """Return all exclusions of a campaign, past ones among them, ordered by person and time."""
    rows = db.execute(
        """
        SELECT annotator_id, rule, detail, excluded_at, readmitted_at FROM exclusion
        WHERE campaign_id = $id ORDER BY annotator_id, excluded_at, rule
        """,
        {"id": campaign_id},
    ).fetchall()
    return [Exclusion(*row) for row in rows]
