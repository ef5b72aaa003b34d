import itertools
import random
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from duckdb import DuckDBPyConnection

from tests.warehouse.rows import answer, consideration, derived, situation
from valueprism_build.records import Rejected, Stage
from warehouse import considerations, rejected, situations
from warehouse.checks import run_checks
from warehouse.connect import open_warehouse
from warehouse.considerations import Derived, Replaced
from warehouse.derived import fingerprints
from warehouse.rejected import Rule

PROJECT = Path(__file__).resolve().parents[2]
SITUATIONS = 50
ITEMS = 4

# Replaces everything derived of all situations over and over, and tells the fingerprint after each commit.
WRITE = f"""
import itertools, sys
from pathlib import Path
from tests.warehouse.rows import derived, situation
from warehouse import considerations, situations
from warehouse.connect import open_warehouse
with open_warehouse(Path(sys.argv[1])) as db:
    rows = [situation(number) for number in range({SITUATIONS})]
    situations.add(db, rows)
    for turn in itertools.count(int(sys.argv[2])):
        considerations.replace(db, "run", [derived(row, str(turn), items={ITEMS}) for row in rows])
        print(turn, flush=True)
"""
TABLES = ("answer", "consideration", "rejected", "derived")


def contents(db: DuckDBPyConnection) -> dict[str, list[tuple[object, ...]]]:
    return {table: db.execute(f"SELECT * FROM {table} ORDER BY ALL").fetchall() for table in TABLES}


def parse_reject(about: Derived, position: int) -> Rejected:
    return Rejected(f"{about.answers[0].request_hash}:{position}", Stage.PARSE, "no_text", "item has no text")


def test_replacing_twice_changes_nothing(db: DuckDBPyConnection) -> None:
    situations.add(db, [situation(1), situation(2)])
    batch = [derived(situation(1), rejected=[parse_reject(derived(situation(1)), 5)]), derived(situation(2))]
    # Two considerations each; one reject.
    assert considerations.replace(db, "run", batch) == Replaced(0, considerations=4, rejected=1, new_answers=2)
    before = contents(db)
    assert considerations.replace(db, "run", batch) == Replaced(4, considerations=4, rejected=1, new_answers=0)
    assert contents(db) == before


def test_a_new_derivation_leaves_nothing_of_the_old_one(db: DuckDBPyConnection) -> None:
    old = derived(situation(1), "1", items=3)
    gone = Rejected(old.considerations[0].id, Stage.DEDUP, "rouge", "same as item 1")
    considerations.replace(db, "run", [replace(old, rejected=(parse_reject(old, 5), gone))])
    considerations.replace(db, "run", [derived(situation(1), "2", items=1)])
    assert db.execute("SELECT explanation FROM consideration").fetchall() == [("2",)]
    assert db.execute("SELECT count(*) FROM rejected").fetchall() == [(0,)]
    assert fingerprints(db, [situation(1).id, "unknown"]) == {situation(1).id: "2"}
    assert fingerprints(db, []) == {}


def test_other_situations_are_left_alone(db: DuckDBPyConnection) -> None:
    other = derived(situation(2))
    considerations.replace(db, "run", [derived(situation(1)), replace(other, rejected=(parse_reject(other, 9),))])
    considerations.replace(db, "run", [derived(situation(1), "2", items=0)])
    assert db.execute("SELECT DISTINCT situation_id FROM consideration").fetchall() == [(situation(2).id,)]
    assert db.execute("SELECT situation_id FROM rejected").fetchall() == [(situation(2).id,)]


def test_a_failed_request_is_on_record_until_it_is_asked_again_not_until_a_derivation(db: DuckDBPyConnection) -> None:
    request_hash = answer(situation(1)).request_hash
    failed = [Rejected(request_hash, stage, "teacher_busy", "503") for stage in (Stage.ASK, Stage.RELEVANCE)]
    irrelevant = Rejected("h:1", Stage.RELEVANCE, "irrelevant", "relevance 0.1")
    rejected.add_about(db, "run 1", {situation(1).id: failed})
    considerations.replace(db, "run 2", [derived(situation(1), rejected=(irrelevant,))])
    stages = "SELECT stage, rule FROM rejected ORDER BY ALL"
    assert db.execute(stages).fetchall() == [
        ("ask", "teacher_busy"), ("relevance", "irrelevant"), ("relevance", "teacher_busy")
    ]  # fmt: skip
    assert rejected.by_rule(db, [situation(1).id]) == {Rule(Stage.RELEVANCE, "irrelevant"): 1}
    rejected.forget_unanswered(db, [request_hash])
    assert db.execute(stages).fetchall() == [("relevance", "irrelevant")]
    considerations.replace(db, "run 4", [derived(situation(1))])
    assert db.execute(stages).fetchall() == []


def test_considerations_are_counted_by_situation(db: DuckDBPyConnection) -> None:
    considerations.replace(db, "run", [derived(situation(1), items=3), derived(situation(2), items=2)])
    assert considerations.count(db, [situation(1).id, situation(2).id, "unknown"]) == 5
    assert considerations.count(db, []) == 0


def test_three_exact_duplicates_of_a_survivor_are_counted_as_three(db: DuckDBPyConnection) -> None:
    one = derived(situation(1))
    repeat = Rejected(one.considerations[0].id, Stage.DEDUP, "exact", "same as item 0")
    assert considerations.replace(db, "run", [replace(one, rejected=(repeat,) * 3)]).rejected == 1
    assert db.execute("SELECT sum(times) FROM rejected").fetchall() == [(3,)]


def test_a_replacement_that_fails_midway_changes_nothing(db: DuckDBPyConnection) -> None:
    considerations.replace(db, "run", [derived(situation(1))])
    before = contents(db)
    twice = consideration(answer(situation(2)), 0)
    bad = Derived(situation(2).id, "1", (answer(situation(2)),), (twice, twice), ())
    with pytest.raises(duckdb.ConstraintException, match="duplicate key"):
        considerations.replace(db, "run", [derived(situation(1), "2", items=0), bad])
    assert contents(db) == before
    # And the connection serves on.
    considerations.replace(db, "run", [derived(situation(2))])


def test_a_situation_given_twice_is_refused(db: DuckDBPyConnection) -> None:
    with pytest.raises(ValueError, match="1 situations come twice"):
        considerations.replace(db, "run", [derived(situation(1)), derived(situation(1))])


def test_rows_of_another_situation_are_refused(db: DuckDBPyConnection) -> None:
    mixed = replace(derived(situation(1)), considerations=derived(situation(2)).considerations)
    with pytest.raises(ValueError, match=f"rows of situation {situation(2).id} came with situation {situation(1).id}"):
        considerations.replace(db, "run", [mixed])


def test_nothing_replaces_nothing(db: DuckDBPyConnection) -> None:
    assert considerations.replace(db, "run", []) == Replaced(0, 0, 0, 0)


def write_until_killed(directory: Path, first_turn: int, commits: int, seconds: float) -> int:
    """Let a process write, kill it some time after so many commits, and return the last turn that it told."""
    command = [sys.executable, "-c", WRITE, str(directory), str(first_turn)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=PROJECT) as process:
        assert process.stdout is not None
        told = list(itertools.islice(process.stdout, commits))
        time.sleep(seconds)
        process.kill()
        told += list(process.stdout)
    return int(told[-1])


def test_a_writer_killed_at_any_moment_leaves_a_sound_warehouse_with_all_that_it_committed(tmp_path: Path) -> None:
    rng = random.Random(1)
    turn = 0
    for _ in range(5):
        told = write_until_killed(tmp_path, turn + 1, commits=rng.randrange(1, 4), seconds=rng.random() * 0.05)
        with open_warehouse(tmp_path) as db:
            assert run_checks(db) == []
            assert list(situations.held(db)) == [situation(number) for number in range(SITUATIONS)]
            # Every consideration's explanation is the fingerprint of the one transaction that wrote it.
            [(explanation, rows)] = db.execute(
                "SELECT explanation, count(*) FROM consideration GROUP BY ALL"
            ).fetchall()
            assert rows == SITUATIONS * ITEMS
            ids = [row.id for row in situations.held(db)]
            assert fingerprints(db, ids) == dict.fromkeys(ids, explanation)
        turn = int(explanation)
        # A commit may be done and not yet told; a told one is never lost.
        assert turn in (told, told + 1)
