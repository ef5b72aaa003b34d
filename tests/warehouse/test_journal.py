import os
import resource
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest

from valueprism_build.errors import WarehouseError
from valueprism_build.records import Answer, FailedTry, Purpose
from warehouse.journal import MIGRATIONS, AnswerJournal

REPLY = Answer(
    request_hash="0",
    situation_id="s0",
    teacher="t",
    model="m",
    prompt_version="v-json",
    params="{}",
    text='{"considerations": []} ♥',
    finish_reason="stop",
    prompt_tokens=10,
    completion_tokens=20,
    cost=Decimal("0.1000000000000000000001"),
    latency=0.25,
    created_at=datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC),
)
FAILURE = replace(REPLY, text="", error="it broke", cost=None)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "new" / "answers.sqlite"


@pytest.fixture
def journal(path: Path) -> Iterator[AnswerJournal]:
    with AnswerJournal(path) as opened:
        yield opened


def test_an_answer_comes_back_as_it_went_in_to_the_last_digit_of_its_cost(journal: AnswerJournal) -> None:
    free = replace(REPLY, request_hash="1", cost=None)
    journal.add([REPLY, free])
    assert journal.for_situations(["s0"], tuple(Purpose)) == [REPLY, free]


def test_times_are_kept_in_utc(journal: AnswerJournal) -> None:
    noon_in_tokyo = datetime(2026, 1, 1, 12, tzinfo=timezone(timedelta(hours=9)))
    journal.add([replace(REPLY, created_at=noon_in_tokyo)])
    assert (
        journal.for_situations(["s0"], tuple(Purpose))[0].created_at.isoformat() == "2026-01-01T03:00:00+00:00"
    )  # 12 - 9


def test_a_stored_reply_is_never_overwritten(journal: AnswerJournal) -> None:
    journal.add([REPLY])
    journal.add([replace(REPLY, text="another"), FAILURE])
    assert journal.for_situations(["s0"], tuple(Purpose)) == [REPLY]


def test_a_stored_error_counts_as_not_answered_and_gives_way(journal: AnswerJournal) -> None:
    journal.add([FAILURE])
    assert (journal.answered(["0"]), journal.for_situations(["s0"], tuple(Purpose)), journal.count()) == (set(), [], 0)
    journal.add([replace(FAILURE, error="it broke again")])
    assert [answer.error for answer in journal.errors()] == ["it broke again"]
    journal.add([REPLY])
    assert (journal.answered(["0"]), journal.errors(), journal.count()) == ({"0"}, [], 1)


def test_replies_come_ordered_by_situation_teacher_model_prompt_and_hash(journal: AnswerJournal) -> None:
    mixed = [
        replace(REPLY, request_hash=h, situation_id=s, teacher=t)
        for h, s, t in [("3", "b", "t"), ("1", "b", "u"), ("2", "a", "u"), ("0", "b", "t")]
    ]
    journal.add(mixed)
    found = journal.for_situations(["b", "a", "nobody"], tuple(Purpose))
    assert [(a.situation_id, a.teacher, a.request_hash) for a in found] == [
        ("a", "u", "2"),
        ("b", "t", "0"),
        ("b", "t", "3"),
        ("b", "u", "1"),
    ]


def test_any_number_of_hashes_can_be_looked_up_at_once(journal: AnswerJournal) -> None:
    journal.add([replace(REPLY, request_hash=str(i)) for i in range(0, 50_000, 1000)])
    # More than SQLite's 32,766 variables; every thousandth is stored: 50.
    assert len(journal.answered([str(i) for i in range(50_000)])) == 50
    assert journal.answered([]) == set()


def test_another_process_sees_what_this_one_added(journal: AnswerJournal, path: Path) -> None:
    journal.add([REPLY])
    with AnswerJournal(path) as other:
        assert other.for_situations(["s0"], tuple(Purpose)) == [REPLY]
        other.add([replace(REPLY, request_hash="1")])
    assert journal.count() == 2


WRITER = """
import sys
from dataclasses import replace
from pathlib import Path
from tests.warehouse.test_journal import REPLY
from warehouse.journal import MIGRATIONS, AnswerJournal
with AnswerJournal(Path(sys.argv[1])) as journal:
    for i in range(int(sys.argv[3])):
        name = f"{sys.argv[2]}-{i}"
        journal.add([replace(REPLY, request_hash=name, text=name * 200)])
        sys.stdout.write(name + "\\n")
        sys.stdout.flush()
"""


def writer(path: Path, name: str, count: int) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", WRITER, str(path), name, str(count)]
    root = Path(__file__).resolve().parents[2]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root)


def test_whatever_was_acknowledged_survives_sigkill(path: Path) -> None:
    with writer(path, "w", 1_000_000) as process:
        assert process.stdout is not None
        acknowledged = [process.stdout.readline().strip() for _ in range(50)]
        os.kill(process.pid, signal.SIGKILL)
        acknowledged += process.stdout.read().split("\n")[:-1]  # what it had said before it died, whole lines only
    with AnswerJournal(path) as journal:
        assert journal.answered(acknowledged) == set(acknowledged)
        assert journal.count() - len(acknowledged) in {0, 1}  # at most one was committed and not yet said
        journal.add([REPLY])


def test_processes_that_create_and_write_the_same_journal_at_once_lose_nothing(path: Path) -> None:
    processes = [writer(path, f"p{i}", 40) for i in range(4)]
    for process in processes:
        process.communicate(timeout=60)
        assert process.returncode == 0
    with AnswerJournal(path) as journal:
        assert journal.count() == 4 * 40


def test_a_file_that_is_no_database_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "answers.sqlite"
    path.write_text("these are my notes\n" * 100)
    with pytest.raises(WarehouseError, match=r"answers\.sqlite: file is not a database; move the file away"):
        AnswerJournal(path)


def test_some_other_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "answers.sqlite"
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE mine (x)")
    db.close()
    with pytest.raises(WarehouseError, match="some other SQLite database"):
        AnswerJournal(path)


def test_a_journal_of_a_later_version_is_refused(path: Path) -> None:
    AnswerJournal(path).close()
    db = sqlite3.connect(path)
    db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(WarehouseError, match=f"version 99, this program knows {len(MIGRATIONS)}: update"):
        AnswerJournal(path)


def test_a_directory_in_place_of_the_file_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(WarehouseError, match="cannot open the answer journal") as caught:
        AnswerJournal(tmp_path)
    assert "\n" not in str(caught.value)


def test_a_file_in_place_of_the_directory_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(WarehouseError, match="check that the directory exists and may be written"):
        AnswerJournal(tmp_path / "file" / "answers.sqlite")


def test_a_read_only_directory_is_one_clear_line(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may write anywhere")
    tmp_path.chmod(0o500)
    with pytest.raises(WarehouseError, match="may be written"):
        AnswerJournal(tmp_path / "answers.sqlite")


def test_a_writer_that_holds_the_file_is_waited_for_and_then_named_as_the_cause(path: Path) -> None:
    AnswerJournal(path).close()
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with AnswerJournal(path, busy_seconds=0.2) as journal:
        started = time.monotonic()
        with pytest.raises(WarehouseError, match="another process is writing"):
            journal.add([REPLY])
        assert time.monotonic() - started >= 0.2
        holder.execute("ROLLBACK")
        journal.add([REPLY])
        assert journal.count() == 1
    holder.close()


def test_another_process_that_makes_the_file_just_now_is_waited_for(path: Path) -> None:
    # Two builds that start together: SQLite gives the second up at once, without its usual wait.
    path.parent.mkdir()
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    done = threading.Timer(0.3, other.execute, ["ROLLBACK"])
    done.start()
    with AnswerJournal(path, busy_seconds=10) as journal:
        journal.add([REPLY])
        assert journal.count() == 1
    done.join()
    other.close()


def test_a_full_disk_is_one_clear_line_and_loses_nothing_stored(path: Path) -> None:
    with AnswerJournal(path) as journal:
        journal.add([REPLY])
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))  # no file of this process may grow beyond
        try:
            with pytest.raises(WarehouseError, match="free some disk space"):
                journal.add([replace(REPLY, request_hash="1", text="x" * 1_000_000)])
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert journal.count() == 1
        journal.add([replace(REPLY, request_hash="2")])
        assert journal.count() == 2


@pytest.mark.parametrize("replaced", [False, True])
def test_a_journal_that_somebody_deletes_takes_no_more_answers(path: Path, replaced: bool) -> None:
    with AnswerJournal(path) as journal:
        journal.add([REPLY])
        path.rename(path.with_name("aside"))
        if replaced:
            AnswerJournal(path).close()
        with pytest.raises(WarehouseError, match="was deleted or replaced while it was in use"):
            journal.add([replace(REPLY, request_hash="1")])


def test_a_failed_try_comes_back_as_it_went_in(journal: AnswerJournal) -> None:
    refused = FailedTry("0", "s0", "t", "m", "answered 500", Decimal(0), True, 0.5, REPLY.created_at)
    lost = replace(refused, error="broke", cost=Decimal("0.0201"), outcome_known=False)
    unpriced = replace(lost, cost=None)
    journal.add([REPLY], [refused, lost, unpriced])
    journal.add([], [refused])
    assert journal.failed_tries() == [refused, lost, unpriced, refused]


def test_a_journal_of_the_first_version_is_brought_up_to_date_and_keeps_its_replies(path: Path) -> None:
    path.parent.mkdir()
    old = sqlite3.connect(path)
    for statement in (*MIGRATIONS[0], "PRAGMA user_version = 1"):
        old.execute(statement)
    old.execute("INSERT INTO answer VALUES ('0', 's', 't', 'm', 'v', '{}', 'text', 'stop', 1, 2, NULL, 0, ?, NULL)",
                (REPLY.created_at.isoformat(),))  # fmt: skip
    old.commit()
    old.close()
    with AnswerJournal(path) as journal:
        assert journal.answered(["0"]) == {"0"}
        assert journal.failed_tries() == []


def test_a_teacher_has_replied_once_it_was_not_an_error(journal: AnswerJournal) -> None:
    journal.add([replace(REPLY, request_hash="1", teacher="lost", error="broke")])
    assert not journal.has_replied("lost")
    journal.add([REPLY])
    assert journal.has_replied(REPLY.teacher)
    assert not journal.has_replied("lost")


def test_replies_are_found_by_what_was_asked_for(journal: AnswerJournal) -> None:
    coverage = replace(REPLY, request_hash="1", purpose=Purpose.COVERAGE, subject="children")
    doubted = FailedTry("2", "s0", "t", "m", "broke", None, False, 0.5, REPLY.created_at, Purpose.RELEVANCE)
    journal.add([REPLY, coverage], [doubted])
    assert journal.for_situations(["s0"], [Purpose.CONSIDERATIONS]) == [REPLY]
    assert journal.for_situations(["s0"], [Purpose.COVERAGE]) == [coverage]
    assert [failed.purpose for failed in journal.failed_tries()] == [Purpose.RELEVANCE]
