"""What `valueprism status` tells of the rows: counts, the funnel of the last run, and the last runs."""

from datetime import datetime
from typing import NamedTuple

from duckdb import DuckDBPyConnection

from valueprism_build.records import Stage
from warehouse import contrasts, wishes
from warehouse.contrasts import ContrastCounts
from warehouse.runs import StageCount
from warehouse.wishes import WishCounts


class Totals(NamedTuple):
    """Rows in the warehouse. `rejected` counts every repeat of a rejected row."""

    situations: int
    pending: int
    answers: int
    considerations: int
    conflicts: int
    rejected: int


class RuleCount(NamedTuple):
    """How many rows one rule of one stage set aside."""

    stage: Stage
    rule: str
    rows: int


class KindCount(NamedTuple):
    """How many considerations one teacher gave of one type and valence."""

    teacher: str
    vrd: str
    valence: str
    rows: int


class TeacherUse(NamedTuple):
    """How many answers of one model of one teacher are here, and how many considerations have their words."""

    teacher: str
    model: str
    answers: int
    considerations: int


class PointOfViewUse(NamedTuple):
    """What the questions from one point of view brought.

    Attributes:
        nothing_new: questions whose answer brought no consideration that was not listed.
    """

    point_of_view: str
    questions: int
    nothing_new: int
    considerations: int


class RunRow(NamedTuple):
    """One run; `outcome` is None while it runs and after it was killed."""

    run_id: str
    command: str
    started_at: datetime
    finished_at: datetime | None
    code_version: str
    outcome: str | None


class Status(NamedTuple):
    """All of it. `funnel` is that of the last run that recorded a stage, in the order of `Stage`."""

    totals: Totals
    funnel: list[StageCount]
    rejected: list[RuleCount]
    kinds: list[KindCount]
    teachers: list[TeacherUse]
    points_of_view: list[PointOfViewUse]
    contrasts: ContrastCounts
    wishes: list[WishCounts]
    runs: list[RunRow]


def read_status(db: DuckDBPyConnection, *, last_runs: int = 5) -> Status:
    """Return the state of the warehouse, with at most `last_runs` runs, the latest first."""
    return Status(
        _totals(db),
        _funnel(db),
        _by_rule(db),
        _by_kind(db),
        _by_teacher(db),
        _by_point_of_view(db),
        contrasts.count(db),
        wishes.count(db),
        _runs(db, last_runs),
    )


def _totals(db: DuckDBPyConnection) -> Totals:
    [row] = db.execute(
        """
        SELECT
            (SELECT count(*) FROM situation),
            (SELECT count(*) FROM situation ANTI JOIN derived ON derived.situation_id = situation.id),
            (SELECT count(*) FROM answer),
            (SELECT count(*) FROM consideration),
            (SELECT count(*) FROM consideration WHERE conflict_id IS NOT NULL),
            (SELECT coalesce(sum(times), 0)::BIGINT FROM rejected)
        """
    ).fetchall()
    return Totals(*row)


def _funnel(db: DuckDBPyConnection) -> list[StageCount]:
    rows = db.execute(
        """
        SELECT stage, came_in, kept, held, rejected FROM run_stage
        WHERE run_id = (
            SELECT run_id FROM run SEMI JOIN run_stage USING (run_id) ORDER BY started_at DESC, run_id DESC LIMIT 1
        )
        """
    ).fetchall()
    by_stage = {stage: StageCount(Stage(stage), *counts) for stage, *counts in rows}
    return [by_stage[stage] for stage in Stage if stage in by_stage]


def _by_rule(db: DuckDBPyConnection) -> list[RuleCount]:
    rows = db.execute(
        "SELECT stage, rule, sum(times)::BIGINT AS rows FROM rejected GROUP BY ALL ORDER BY rows DESC, stage, rule"
    ).fetchall()
    return [RuleCount(Stage(stage), rule, count) for stage, rule, count in rows]


def _by_kind(db: DuckDBPyConnection) -> list[KindCount]:
    rows = db.execute(
        "SELECT teacher, vrd, valence, count(*) FROM consideration GROUP BY ALL ORDER BY teacher, vrd, valence"
    ).fetchall()
    return [KindCount(*row) for row in rows]


def _by_teacher(db: DuckDBPyConnection) -> list[TeacherUse]:
    rows = db.execute(
        """
        SELECT
            teacher,
            model,
            count(*),
            coalesce(sum(kept), 0)::BIGINT
        FROM answer
        LEFT JOIN (SELECT request_hash, count(*) AS kept FROM consideration GROUP BY request_hash) USING (request_hash)
        GROUP BY teacher, model
        ORDER BY teacher, model
        """
    ).fetchall()
    return [TeacherUse(*row) for row in rows]


def _by_point_of_view(db: DuckDBPyConnection) -> list[PointOfViewUse]:
    rows = db.execute(
        """
        SELECT subject, count(*), count(*) - count(kept), coalesce(sum(kept), 0)::BIGINT
        FROM answer
        LEFT JOIN (SELECT request_hash, count(*) AS kept FROM consideration GROUP BY request_hash) USING (request_hash)
        WHERE purpose = 'coverage'
        GROUP BY subject
        ORDER BY subject
        """
    ).fetchall()
    return [PointOfViewUse(*row) for row in rows]


def _runs(db: DuckDBPyConnection, last_runs: int) -> list[RunRow]:
    rows = db.execute(
        """
        SELECT run_id, command, started_at, finished_at, code_version, outcome
        FROM run ORDER BY started_at DESC, run_id DESC LIMIT ?
        """,
        [last_runs],
    ).fetchall()
    return [RunRow(*row) for row in rows]
