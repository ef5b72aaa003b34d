"""The tables of runs and of what each of their stages did."""

from datetime import datetime
from typing import Literal, NamedTuple, TypeAlias

from duckdb import DuckDBPyConnection

from valueprism_build.records import Stage

Outcome: TypeAlias = Literal["done", "failed", "stopped"]


class StageCount(NamedTuple):
    """What one stage did: `came_in` is the sum of the other three. `held` was in the warehouse before."""

    stage: Stage
    came_in: int
    kept: int
    held: int
    rejected: int


def start(
    db: DuckDBPyConnection, run_id: str, *, command: str, started_at: datetime, settings: str, code_version: str
) -> None:
    """Record that a run began. `settings` is a JSON object and holds no secret; `started_at` has a time zone."""
    db.execute(
        "INSERT INTO run (run_id, command, started_at, settings, code_version) VALUES (?, ?, ?, ?, ?)",
        [run_id, command, started_at, settings, code_version],
    )


def finish(db: DuckDBPyConnection, run_id: str, *, finished_at: datetime, outcome: Outcome) -> None:
    """Record how a run ended; one that was killed never says."""
    db.execute("UPDATE run SET finished_at = ?, outcome = ? WHERE run_id = ?", [finished_at, outcome, run_id])


def last_settings(db: DuckDBPyConnection, *, command: str) -> str | None:
    """Return the settings of the latest run of a command as a JSON object, or None if there was none."""
    row = db.execute(
        "SELECT settings FROM run WHERE command = ? ORDER BY started_at DESC, run_id DESC LIMIT 1", [command]
    ).fetchone()
    return row[0] if row else None


def latest_first(db: DuckDBPyConnection) -> list[str]:
    """Return the ids of all runs, the latest first."""
    rows = db.execute("SELECT run_id FROM run ORDER BY started_at DESC, run_id DESC").fetchall()
    return [run_id for (run_id,) in rows]


def record_stage(db: DuckDBPyConnection, run_id: str, count: StageCount) -> None:
    """Set the counts of one stage of a run.

    Raises:
        ValueError: what came in is not what was kept, held and rejected.
    """
    if count.came_in != count.kept + count.held + count.rejected:
        raise ValueError(f"{count} of run {run_id} does not add up; count every row that came in once")
    db.execute("INSERT OR REPLACE INTO run_stage VALUES (?, ?, ?, ?, ?, ?)", [run_id, *count])
