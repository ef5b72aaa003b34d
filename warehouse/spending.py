"""The table of what each run has spent, by teacher, model and stage. The answer journal is where it comes from."""

from collections.abc import Mapping, Sequence
from typing import Final

from duckdb import DuckDBPyConnection

from valueprism_build.records import Stage
from valueprism_build.teachers.spending import Spending, summed

# A run without an end goes on, or was killed; what came before runs were noted has no run to end.
_OPEN: Final = "SELECT run_id FROM run WHERE finished_at IS NULL UNION ALL SELECT ''"


def store(db: DuckDBPyConnection, by_run: Mapping[str, Sequence[Spending]]) -> None:
    """Set what these runs have spent, costs rounded to the column's 12 places; repeating it changes nothing."""
    for run_id, rows in by_run.items():
        for row in rows:
            db.execute(
                "INSERT OR REPLACE INTO spending VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    run_id,
                    row.teacher,
                    row.model,
                    row.stage,
                    row.answered,
                    row.failed_tries,
                    row.prompt_tokens,
                    row.completion_tokens,
                    row.answers_cost,
                    row.failed_cost,
                    row.unpriced,
                ],
            )


def settled(db: DuckDBPyConnection) -> dict[str, list[Spending]]:
    """Return by run id what those runs have spent of which all is known here, in the order of `summed`."""
    found: dict[str, list[Spending]] = {}
    for run_id, teacher, model, stage, *counts in db.execute(
        f"SELECT * FROM spending WHERE run_id NOT IN ({_OPEN}) ORDER BY run_id"
    ).fetchall():
        found.setdefault(run_id, []).append(Spending(teacher, model, Stage(stage), *counts))
    return {run_id: summed(rows) for run_id, rows in found.items()}
