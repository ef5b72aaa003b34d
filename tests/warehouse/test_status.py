from datetime import timedelta

import pytest
from duckdb import DuckDBPyConnection

from tests.warehouse.rows import DAY, answer, consideration, derived, situation, too_short
from valueprism_build.records import Rejected, Stage, Valence
from warehouse import considerations, rejected, runs, situations
from warehouse.considerations import Derived
from warehouse.runs import StageCount
from warehouse.status import KindCount, PointOfViewUse, RuleCount, RunRow, TeacherUse, Totals, read_status


def start(db: DuckDBPyConnection, run_id: str, hours: int) -> None:
    started = DAY + timedelta(hours=hours)
    runs.start(db, run_id, command="build", started_at=started, settings='{"limit": 3}', code_version="0.1.0")


def test_an_empty_warehouse_has_a_status(db: DuckDBPyConnection) -> None:
    status = read_status(db)
    assert status.totals == Totals(0, 0, 0, 0, 0, 0)
    assert (status.funnel, status.rejected, status.kinds, status.teachers, status.runs) == ([], [], [], [], [])
    assert status.points_of_view == []


def test_rows_are_counted_by_rule_kind_and_teacher(db: DuckDBPyConnection) -> None:
    situations.add(db, [situation(1), situation(2), situation(3)])
    rejected.add(
        db, "run", [too_short("a", 1), too_short("a", 2), Rejected("a:3", Stage.READ, "broken_json", "line 3")]
    )
    free = answer(situation(2), "local", cost=None)
    repeat = Rejected("an id", Stage.DEDUP, "exact", "same")
    pair = (consideration(free, 0, "Trust", Valence.OPPOSES), consideration(free, 1, "Trust", Valence.EITHER))
    considerations.replace(
        db, "run", [derived(situation(1), items=2), Derived(situation(2).id, "1", (free,), pair, (repeat, repeat))]
    )
    status = read_status(db)
    # Three rejected rows of the source and one duplicate seen twice; situation 3 is still to be asked about.
    assert status.totals == Totals(situations=3, pending=1, answers=2, considerations=4, conflicts=0, rejected=5)
    assert status.rejected == [
        RuleCount(Stage.DEDUP, "exact", 2),
        RuleCount(Stage.FILTER, "too_short", 2),
        RuleCount(Stage.READ, "broken_json", 1),
    ]
    assert status.kinds == [
        KindCount("local", "Value", "Either", 1),
        KindCount("local", "Value", "Opposes", 1),
        KindCount("openai", "Value", "Supports", 2),
    ]
    assert status.teachers == [
        TeacherUse("local", "model-1", answers=1, considerations=2),
        TeacherUse("openai", "model-1", answers=1, considerations=2),
    ]


def test_an_answer_counts_once_whatever_the_number_of_its_survivors(db: DuckDBPyConnection) -> None:
    situations.add(db, [situation(1), situation(2)])
    considerations.replace(db, "run", [derived(situation(1), items=0), derived(situation(2), items=7)])
    assert read_status(db).teachers == [TeacherUse("openai", "model-1", answers=2, considerations=7)]


def test_what_each_point_of_view_brought_is_counted_and_the_first_question_is_not(db: DuckDBPyConnection) -> None:
    batch = []
    for number, listed in enumerate([{"carer": 2, "elder": 0}, {"elder": 1}, {"elder": 0}]):
        replies = {name: answer(situation(number), point_of_view=name) for name in listed}
        kept = [
            consideration(replies[name], place, f"{name} {place}") for name, n in listed.items() for place in range(n)
        ]
        first = answer(situation(number))
        kept.append(consideration(first, 0))
        batch.append(Derived(situation(number).id, "1", (first, *replies.values()), tuple(kept), ()))
    considerations.replace(db, "run", batch)
    assert read_status(db).points_of_view == [
        PointOfViewUse("carer", questions=1, nothing_new=0, considerations=2),
        PointOfViewUse("elder", questions=3, nothing_new=2, considerations=1),
    ]


def test_the_funnel_is_that_of_the_last_run_that_recorded_a_stage(db: DuckDBPyConnection) -> None:
    start(db, "old", 0)
    runs.record_stage(db, "old", StageCount(Stage.READ, 9, 9, 0, 0))
    start(db, "new", 1)
    runs.record_stage(db, "new", StageCount(Stage.FILTER, 8, 4, 3, 1))
    runs.record_stage(db, "new", StageCount(Stage.READ, 10, 8, 0, 2))
    start(db, "idle", 2)
    assert read_status(db).funnel == [StageCount(Stage.READ, 10, 8, 0, 2), StageCount(Stage.FILTER, 8, 4, 3, 1)]


def test_a_stage_recorded_again_takes_the_place_of_the_first_record(db: DuckDBPyConnection) -> None:
    start(db, "run", 0)
    runs.record_stage(db, "run", StageCount(Stage.READ, 1, 1, 0, 0))
    runs.record_stage(db, "run", StageCount(Stage.READ, 2, 1, 1, 0))
    assert read_status(db).funnel == [StageCount(Stage.READ, 2, 1, 1, 0)]


def test_a_stage_that_lost_a_row_is_refused(db: DuckDBPyConnection) -> None:
    # 5 + 2 + 2 = 9 of the 10 that came in.
    with pytest.raises(ValueError, match="does not add up"):
        runs.record_stage(db, "run", StageCount(Stage.READ, 10, 5, 2, 2))


def test_the_last_runs_come_first_and_a_killed_one_has_no_outcome(db: DuckDBPyConnection) -> None:
    for hours, run_id in enumerate(["first", "killed", "last"]):
        start(db, run_id, hours)
    later = DAY + timedelta(hours=5)
    runs.finish(db, "last", finished_at=later, outcome="done")
    assert read_status(db, last_runs=2).runs == [
        RunRow("last", "build", DAY + timedelta(hours=2), later, "0.1.0", "done"),
        RunRow("killed", "build", DAY + timedelta(hours=1), None, "0.1.0", None),
    ]
