"""What the answer journal stores of batches: of each, and of the requests in them whose outcome is not known yet."""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import fields
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final, TypeAlias

from valueprism_build.records import Purpose
from valueprism_build.teachers.batches import Batch, BatchRequest

CREATE: Final = (
    """
CREATE TABLE batch (
    endpoint   TEXT NOT NULL,
    file_id    TEXT NOT NULL,
    teacher    TEXT NOT NULL,
    model      TEXT NOT NULL,
    requests   INTEGER NOT NULL,
    created_at TEXT NOT NULL,    -- ISO 8601, UTC
    batch_id   TEXT,             -- NULL while it is not known to have been made
    status     TEXT NOT NULL,
    answered   INTEGER NOT NULL,
    failed     INTEGER NOT NULL,
    PRIMARY KEY (endpoint, file_id) -- file ids are an endpoint's own
) STRICT
""",
    # A request that is here is not asked by anybody else; it goes when its outcome comes.
    """
CREATE TABLE batch_request (
    request_hash   TEXT PRIMARY KEY,
    endpoint       TEXT NOT NULL,
    file_id        TEXT NOT NULL,
    situation_id   TEXT NOT NULL,
    prompt_version TEXT NOT NULL,
    params         TEXT NOT NULL,
    purpose        TEXT NOT NULL,
    subject        TEXT NOT NULL,
    worst          TEXT           -- US dollars, NULL without a price
) STRICT
""",
    "CREATE INDEX request_batch ON batch_request (endpoint, file_id)",
)
BATCH_COLUMNS: Final = ", ".join(field.name for field in fields(Batch))
REQUEST_COLUMNS: Final = "request_hash, situation_id, prompt_version, params, purpose, subject, worst"

BatchRow: TypeAlias = tuple[str, str, str, str, int, str, str | None, str, int, int]  # as BATCH_COLUMNS
RequestRow: TypeAlias = tuple[str, str, str, str, str, str, str | None]  # as REQUEST_COLUMNS


def waiting(db: sqlite3.Connection, hashes: Sequence[str]) -> set[str]:
    """Return those requests that are in a batch under way."""
    rows = db.execute(
        "SELECT request_hash FROM batch_request WHERE request_hash IN (SELECT value FROM json_each(?))",
        (json.dumps(list(hashes)),),
    )
    return {request_hash for (request_hash,) in rows}


def to_row(batch: Batch) -> BatchRow:
    """Return what is stored of a batch."""
    made = batch.created_at.astimezone(UTC).isoformat(timespec="microseconds")
    return (
        batch.endpoint,
        batch.file_id,
        batch.teacher,
        batch.model,
        batch.requests,
        made,
        batch.batch_id,
        batch.status,
        batch.answered,
        batch.failed,
    )


def to_batch(row: BatchRow) -> Batch:
    """Return what a row stores."""
    return Batch(*row[:5], datetime.fromisoformat(row[5]), *row[6:])


def to_request_row(request: BatchRequest) -> RequestRow:
    """Return what is stored of a request."""
    worst = None if request.worst is None else str(request.worst)
    return (
        request.request_hash,
        request.situation_id,
        request.prompt_version,
        request.params,
        request.purpose.value,
        request.subject,
        worst,
    )


def to_request(row: RequestRow) -> BatchRequest:
    """Return what a row stores."""
    return BatchRequest(*row[:4], Purpose(row[4]), row[5], None if row[6] is None else Decimal(row[6]))
