from duckdb import DuckDBPyConnection

from tests.warehouse.rows import situation, too_short
from valueprism_build.records import Rejected, Stage
from warehouse import rejected


def subjects(db: DuckDBPyConnection) -> set[str]:
    return {subject for (subject,) in db.execute("SELECT subject_id FROM rejected").fetchall()}


def test_adding_twice_adds_none_and_remembers_the_run_that_saw_it_last(db: DuckDBPyConnection) -> None:
    rows = [too_short("a.csv", 1), too_short("a.csv", 2)]
    assert rejected.add(db, "run 1", rows) == 2
    assert rejected.add(db, "run 2", [*rows, too_short("a.csv", 3)]) == 1
    assert db.execute("SELECT DISTINCT run_id FROM rejected").fetchall() == [("run 2",)]


def test_one_subject_may_break_several_rules(db: DuckDBPyConnection) -> None:
    assert (
        rejected.add(db, "run", [too_short("a.csv", 1), Rejected("a.csv:1", Stage.FILTER, "question", "ends in ?")])
        == 2
    )


def test_repeats_of_one_reject_are_one_row_that_counts_them(db: DuckDBPyConnection) -> None:
    repeat = Rejected("0123", Stage.DEDUP, "duplicate", "same as item 0")
    assert rejected.add(db, "run", [repeat, repeat, repeat]) == 1
    assert db.execute("SELECT times FROM rejected").fetchall() == [(3,)]
    # Seen again it is three again, not six.
    rejected.add(db, "run", [repeat, repeat, repeat])
    assert db.execute("SELECT times FROM rejected").fetchall() == [(3,)]


def test_nothing_adds_nothing(db: DuckDBPyConnection) -> None:
    assert rejected.add(db, "run", []) == 0


def test_a_sweep_forgets_what_the_run_did_not_see_again_in_that_source(db: DuckDBPyConnection) -> None:
    rejected.add(db, "run 1", [too_short("a.csv", 1), too_short("a.csv", 2), too_short("b.csv", 1)])
    rejected.add(db, "run 2", [too_short("a.csv", 2)])
    assert rejected.sweep(db, "run 2", "a.csv") == 1
    assert subjects(db) == {"a.csv:2", "b.csv:1"}
    assert rejected.sweep(db, "run 2", "a.csv") == 0


def test_a_sweep_leaves_sources_whose_name_begins_alike(db: DuckDBPyConnection) -> None:
    rejected.add(db, "run 1", [too_short(source, 1) for source in ("a", "a:b", "a.csv", "A", "a%")])
    assert rejected.sweep(db, "run 2", "a") == 1
    assert subjects(db) == {"a:b:1", "a.csv:1", "A:1", "a%:1"}
    assert rejected.sweep(db, "run 2", "a:b") == 1


def test_a_sweep_leaves_the_later_stages(db: DuckDBPyConnection) -> None:
    rejected.add(db, "run 1", [Rejected("a:1", stage, "rule", "why") for stage in Stage])
    # Of all stages, reading and filtering go.
    assert rejected.sweep(db, "run 2", "a") == 2
    stages = {stage for (stage,) in db.execute("SELECT stage FROM rejected").fetchall()}
    assert stages == {*Stage} - {Stage.READ, Stage.FILTER}


def test_questions_without_a_reply_are_found_by_situation_and_stage_but_for_those_of_the_run_itself(
    db: DuckDBPyConnection,
) -> None:
    def failed(*subjects: str, stage: Stage = Stage.COVERAGE, rule: str = "teacher_busy") -> list[Rejected]:
        return [Rejected(subject, stage, rule, "503") for subject in subjects]

    one, other = situation(1).id, situation(2).id
    rejected.add_about(db, "run 1", {one: failed("a", "b"), other: failed("elsewhere")})
    rejected.add_about(db, "run 1", {one: [*failed("first", stage=Stage.ASK), *failed("said", rule="exact")]})
    rejected.add_about(db, "run 2", {one: failed("c")})
    assert sorted(rejected.unanswered(db, [one], [Stage.COVERAGE], but="run 2")) == ["a", "b"]
    assert sorted(rejected.unanswered(db, [one], [Stage.COVERAGE], but="run 3")) == ["a", "b", "c"]
    rejected.forget_unanswered(db, ["a", "b", "said"])
    assert subjects(db) == {"c", "elsewhere", "first", "said"}
