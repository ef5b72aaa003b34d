from datetime import timedelta
from decimal import Decimal

from duckdb import DuckDBPyConnection

from tests.warehouse.rows import DAY
from valueprism_build.records import Stage
from valueprism_build.teachers.spending import Spending
from warehouse import runs, spending

ASKED = Spending("t", "m", Stage.ASK, 2, 3, 20, 40, Decimal("0.11"), Decimal("0.06"), unpriced=1)
DOUBT = Spending("t", "m", Stage.RELEVANCE, 1, 0, 10, 1, Decimal("0.01"))


def run(db: DuckDBPyConnection, run_id: str, *, ended: bool, hours: int = 0) -> None:
    started = DAY + timedelta(hours=hours)
    runs.start(db, run_id, command="build", started_at=started, settings="{}", code_version="0")
    if ended:
        runs.finish(db, run_id, finished_at=started, outcome="done")


def test_what_a_run_has_spent_is_as_it_was_stored_last(db: DuckDBPyConnection) -> None:
    run(db, "a", ended=True)
    spending.store(db, {"a": [DOUBT]})
    for _ in range(2):
        spending.store(db, {"a": [DOUBT, ASKED]})
    assert spending.settled(db) == {"a": [ASKED, DOUBT]}  # in the order of the stages


def test_a_run_that_has_no_end_is_not_settled_and_what_is_of_no_run_never(db: DuckDBPyConnection) -> None:
    run(db, "killed", ended=False)
    run(db, "idle", ended=True)
    spending.store(db, {"killed": [ASKED], "": [ASKED], "of another warehouse": [DOUBT]})
    assert spending.settled(db) == {"of another warehouse": [DOUBT]}


def test_costs_are_rounded_to_twelve_places(db: DuckDBPyConnection) -> None:
    spending.store(db, {"a": [Spending("t", "m", Stage.ASK, answers_cost=Decimal("0.12345678901250000001"))]})
    assert spending.settled(db)["a"][0].answers_cost == Decimal("0.123456789013")


def test_runs_come_latest_first(db: DuckDBPyConnection) -> None:
    for hours, run_id in enumerate("bac"):
        run(db, run_id, ended=False, hours=hours)
    assert runs.latest_first(db) == ["c", "a", "b"]
