"""The table of answers: what each cost and who gave it. The raw text stays in the answer journal."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

import pyarrow as pa
from duckdb import DuckDBPyConnection

from valueprism_build.records import Answer
from warehouse.batches import changed, incoming, to_arrow

COST_STEP: Final = Decimal("1e-12")  # US dollars; as fine as the column
_SCHEMA: Final = pa.schema(
    [
        *((name, pa.string()) for name in ("request_hash", "situation_id", "teacher", "model", "prompt_version")),
        *((name, pa.string()) for name in ("params", "purpose", "subject")),
        ("finish_reason", pa.string()),
        ("prompt_tokens", pa.int64()),
        ("completion_tokens", pa.int64()),
        ("cost", pa.decimal128(24, 12)),
        ("latency", pa.float64()),
        ("created_at", pa.timestamp("us", tz="UTC")),
    ]
)


def add(db: DuckDBPyConnection, rows: Sequence[Answer]) -> int:
    """Insert the answers whose request is new and return how many were; costs are rounded to `COST_STEP`.

    Raises:
        ValueError: one of them holds an error; a request without a reply is a `Rejected`, not an answer.
    """
    failed = next((row for row in rows if row.error is not None), None)
    if failed is not None:
        raise ValueError(f"answer {failed.request_hash} holds an error ({failed.error}); give it to rejected.add")
    with incoming(db, to_arrow([_rounded(row) for row in rows], _SCHEMA)):
        return changed(db, "INSERT INTO answer BY NAME SELECT * FROM incoming ON CONFLICT DO NOTHING")


def _rounded(row: Answer) -> Answer:
    return row if row.cost is None else replace(row, cost=row.cost.quantize(COST_STEP))
