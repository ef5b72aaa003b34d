"""With the server that Prefect embeds and an empty home, as on a machine that has never seen the program."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.flows.command_line import Ran, ended, started
from tests.flows.jobs import good_reply, write_lines
from tests.flows.stored import answered, outcomes
from tests.teacher_faults import Fault
from tests.teacher_server import TeacherServer
from valueprism_build.ids import situation_id
from warehouse.journal import JOURNAL_FILE, AnswerJournal

KEY = "canary-4cf1e0b7"
TEXTS = [
    "Feeding seagulls on the deck of a ferry",
    "Lending a ladder to the new neighbours",
    "Painting over graffiti in the underpass",
    "Selling home-made jam without a permit",
    "Learning the language of my grandparents",
    "Cancelling a holiday to look after a sick dog",
]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks for processes in /proc"),
]


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "home"
    folder.mkdir()
    yield folder
    assert processes_of(folder) == []


def environment(home: Path) -> dict[str, str]:
    """Return a home of its own, and no server that is there already."""
    return {"HOME": str(home), "PREFECT_HOME": str(home / ".prefect")}


def processes_of(home: Path) -> list[str]:
    """Return the command lines of the processes that were started with this home, in ten seconds from now."""
    mark = f"HOME={home}".encode()
    for _ in range(100):
        found = [process for process in Path("/proc").glob("[0-9]*") if mark in _read(process / "environ").split(b"\0")]
        if not found:
            break
        time.sleep(0.1)
    return [_read(process / "cmdline").replace(b"\0", b" ").decode() for process in found]


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # it has ended, or is somebody else's
        return b""


def run(home: Path, *arguments: str, **more: str) -> Ran:
    err = home.parent / "err.txt"
    return ended(started(list(arguments), environment(home) | more, err), err)


def files_with(needle: str, folder: Path) -> list[str]:
    found = [path for path in folder.rglob("*") if path.is_file() and needle.encode() in path.read_bytes()]
    return [str(path.relative_to(folder)) for path in found]


def test_a_key_is_written_and_said_nowhere_whether_it_is_right_or_wrong(home: Path, tmp_path: Path) -> None:
    situations = write_lines(tmp_path / "mine.jsonl", TEXTS[:2])
    with TeacherServer({}, default=good_reply("It"), key=KEY) as server:
        build = ("build", "--situations", situations.name, "--teacher", "openai", "--base-url", server.base_url)
        good = run(home, *build, "--licence", "CC0-1.0", "--json", VALUEPRISM_TEACHERS__OPENAI__API_KEY=KEY)
        server.key = "another"
        situations = write_lines(situations, TEXTS[:3])
        wrong = run(home, *build, VALUEPRISM_TEACHERS__OPENAI__API_KEY=KEY)
    released = run(home, "release", "create", "--version", "0.1.0", "--waive", "licences_known")

    assert (good.summary["asked"], good.complaints) == (2, [])
    assert [request.authorization for request in server.received] == [f"Bearer {KEY}"] * 3
    assert wrong.code == 1
    assert "refused the key (401)" in wrong.complaint
    assert (released.code, released.complaints) == (0, [])
    for ran in (good, wrong, released):
        assert KEY not in ran.out + ran.err
    # Prefect's own database is among them, so that the flow's parameters are looked through as well.
    names = {path.name for path in tmp_path.rglob("*")}
    assert {"warehouse.duckdb", "answers.sqlite", "manifest.json", "prefect.db"} <= names
    assert files_with(TEXTS[0], tmp_path)  # the search finds what is there
    assert files_with(KEY, tmp_path) == []


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_run_keeps_its_replies_accounts_for_what_was_under_way_and_leaves_no_process_behind(
    home: Path, tmp_path: Path, sent: signal.Signals
) -> None:
    situations = write_lines(tmp_path / "mine.jsonl", TEXTS)
    faults = {text: [Fault.HANG] for text in TEXTS[4:]}
    with TeacherServer({text: good_reply(text) for text in TEXTS}, faults=faults) as server:
        build = ["build", "--situations", situations.name, "--teacher", "openai", "--base-url", server.base_url]
        err = tmp_path / "err.txt"
        process = started(build, environment(home), err)
        try:
            while len(answered(tmp_path / "warehouse_data")) < 4 or len(server.received) < 6:
                assert process.poll() is None, err.read_text()
                time.sleep(0.01)
            if sent == signal.SIGINT:
                os.killpg(process.pid, sent)  # as a terminal does, to the embedded server too
            else:
                process.send_signal(sent)
            stopped = ended(process, err, seconds=30)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            raise
        assert processes_of(home) == []
        assert stopped.code == 130
        assert stopped.complaint == "stopped; what was done is kept, the same command goes on from here"
        assert stopped.out == ""
        assert answered(tmp_path / "warehouse_data") == sorted(map(situation_id, TEXTS[:4]))
        assert outcomes(tmp_path / "warehouse_data") == ["stopped"]
        with AnswerJournal(tmp_path / "warehouse_data" / JOURNAL_FILE) as journal:
            assert [lost.error for lost in journal.failed_tries()] == ["given up while under way"] * 2
