"""What the answer journal stores of an answer and of a failed try, there and back."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Final, TypeAlias

from valueprism_build.records import Answer, FailedTry, Purpose

COLUMNS: Final = (
    "request_hash, situation_id, teacher, model, prompt_version, params, text, finish_reason, "
    "prompt_tokens, completion_tokens, cost, latency, created_at, error, purpose, subject"
)
TRY_COLUMNS: Final = (
    "request_hash, situation_id, teacher, model, error, cost, outcome_known, latency, created_at, purpose"
)
Row: TypeAlias = tuple[
    str, str, str, str, str, str, str, str, int, int, str | None, float, str, str | None, str, str
]  # in the order of COLUMNS
TryRow: TypeAlias = tuple[str, str, str, str, str, str | None, int, float, str, str]  # in that of TRY_COLUMNS


def to_row(answer: Answer) -> Row:
    """Return what is stored of an answer."""
    return (
        answer.request_hash,
        answer.situation_id,
        answer.teacher,
        answer.model,
        answer.prompt_version,
        answer.params,
        answer.text,
        answer.finish_reason,
        answer.prompt_tokens,
        answer.completion_tokens,
        None if answer.cost is None else str(answer.cost),
        answer.latency,
        answer.created_at.astimezone(UTC).isoformat(),
        answer.error,
        answer.purpose,
        answer.subject,
    )


def to_answer(row: Row) -> Answer:
    """Return the answer that was stored as this row."""
    cost, created_at = row[10], row[12]
    return Answer(
        *row[:10],
        cost=None if cost is None else Decimal(cost),
        latency=row[11],
        created_at=datetime.fromisoformat(created_at),
        error=row[13],
        purpose=Purpose(row[14]),
        subject=row[15],
    )


def to_try_row(failed: FailedTry) -> TryRow:
    """Return what is stored of a failed try."""
    return (
        failed.request_hash,
        failed.situation_id,
        failed.teacher,
        failed.model,
        failed.error,
        None if failed.cost is None else str(failed.cost),
        failed.outcome_known,
        failed.latency,
        failed.created_at.astimezone(UTC).isoformat(),
        failed.purpose,
    )


def to_failed_try(row: TryRow) -> FailedTry:
    """Return the failed try that was stored as this row."""
    cost, outcome_known, latency, created_at, purpose = row[5:]
    return FailedTry(
        *row[:5],
        cost=None if cost is None else Decimal(cost),
        outcome_known=bool(outcome_known),
        latency=latency,
        purpose=Purpose(purpose),
        created_at=datetime.fromisoformat(created_at),
    )
