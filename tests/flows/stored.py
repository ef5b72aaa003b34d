"""What a build left on disk, read past the program."""

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from tests.flows import questions
from warehouse.connect import open_warehouse
from warehouse.journal import JOURNAL_FILE

DOMAIN_TABLES: Final = (
    "situation",
    "rejected",
    "answer",
    "consideration",
    "said",
    "contrast",
    "derived",
    "embedding",
    "canonical",
    "canonical_member",
    "family",
    "family_member",
)


class Reject(NamedTuple):
    """A row of the table of rejects."""

    subject: str
    rule: str
    stage: str
    detail: str


def row_counts(warehouse: Path) -> dict[str, int]:
    """Return the rows of every table but those of the runs themselves, and of the journal."""
    counts = {"journal": len(answered(warehouse))}
    with open_warehouse(warehouse, read_only=True) as db:
        for table in DOMAIN_TABLES:
            [[counts[table]]] = db.execute(f"SELECT count(*) FROM {table}").fetchall()
    return counts


def rejects(warehouse: Path) -> list[Reject]:
    """Return what was set aside, ordered by subject."""
    with open_warehouse(warehouse, read_only=True) as db:
        rows = db.execute("SELECT subject_id, rule, stage, detail FROM rejected ORDER BY ALL").fetchall()
    return [Reject(*row) for row in rows]


def outcomes(warehouse: Path) -> list[str | None]:
    """Return how the runs ended, the first first."""
    with open_warehouse(warehouse, read_only=True) as db:
        return [outcome for (outcome,) in db.execute("SELECT outcome FROM run ORDER BY started_at").fetchall()]


def answered(warehouse: Path) -> list[str]:
    """Return the ids of the situations that the journal holds a reply for, once for each question."""
    return [question.situation_id for question in questions.answered(warehouse)]


def failed_tries(warehouse: Path) -> list[str | None]:
    """Return what each failed try in the journal has cost, in US dollars."""
    with closing(sqlite3.connect(warehouse / JOURNAL_FILE)) as journal:
        return [cost for (cost,) in journal.execute("SELECT cost FROM failed_try ORDER BY created_at").fetchall()]


def data_digests(release: Path) -> dict[str, str]:
    """Return the sha256 of each data file of a release."""
    files = sorted((release / "data").rglob("*.parquet"))
    assert files
    return {str(path.relative_to(release)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def task_set(release: Path, config: str) -> pa.Table:
    """Return all splits of one config, one after the other."""
    files = sorted((release / "data" / config).glob("*.parquet"))
    return pa.concat_tables([pq.read_table(path) for path in files])
