from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import stamina

from annotation.exchange.pull import Window, pull
from annotation.exchange.push import push
from annotation.exchange.server import Block, ServerBusyError, Task, TaskState
from tests.annotation.exchange.scripted_server import EPOCH, Fault, ScriptedServer

NO_DELAY = timedelta()


@pytest.fixture(autouse=True)
def _no_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=5, cap=True):
        yield


@pytest.fixture
def server() -> ScriptedServer:
    """Two people's projects of ten tasks each, "0-0" to "1-9"."""
    server = ScriptedServer()
    blocks = [
        Block(f"study/{person}", "<View/>", tuple(Task(f"{person}-{i}", {}) for i in range(10))) for person in range(2)
    ]
    push(server, blocks, prefix="study/")
    return server


def cursors(server: ScriptedServer) -> dict[int, datetime | None]:
    return {project.id: None for project in server.projects("study/")}


class Store:
    """What a warehouse would keep: the latest state of each task, and the cursors."""

    def __init__(self, server: ScriptedServer) -> None:
        self.states: dict[str, TaskState] = {}
        self.cursors = cursors(server)

    def take(self, window: Window) -> None:
        self.states |= {state.uid: state for state in window.states}
        self.cursors[window.project_id] = window.cursor

    def annotations(self) -> list[tuple[str, int, str]]:
        return sorted((uid, each.id, each.result) for uid, state in self.states.items() for each in state.annotations)


def on_server(server: ScriptedServer) -> list[tuple[str, int, str]]:
    states = [server.state(uid) for uid in server.uids()]
    return sorted((state.uid, each.id, each.result) for state in states for each in state.annotations)


def test_the_first_pull_brings_what_was_answered_and_no_task_that_was_not(server: ScriptedServer) -> None:
    for uid in ("0-1", "0-4", "1-0"):
        server.answer(uid)
    windows = list(pull(server, cursors(server)))
    assert [state.uid for window in windows for state in window.states] == ["0-1", "0-4", "1-0"]


def test_a_later_pull_brings_edits_deletions_and_skips_and_nothing_else(server: ScriptedServer) -> None:
    first, second = server.answer("0-1"), server.answer("0-2")
    server.answer("0-3")
    store = Store(server)
    for window in pull(server, store.cursors.copy(), commit_delay=NO_DELAY):
        store.take(window)
    server.edit("0-1", first, '["edited"]')
    server.withdraw("0-2", second)
    server.answer("0-7", skipped=True)
    again = list(pull(server, store.cursors.copy(), commit_delay=NO_DELAY))
    # "0-3" carries the moment of the cursor itself, so it is read once more.
    assert [state.uid for window in again for state in window.states] == ["0-3", "0-1", "0-2", "0-7"]
    for window in again:
        store.take(window)
    assert store.annotations() == on_server(server)


def test_a_task_that_changes_while_we_read_is_met_again(server: ScriptedServer) -> None:
    for i in range(9):
        server.answer(f"0-{i}")
    store = Store(server)
    changes = iter(["0-0", "0-5", "0-1"])
    for window in pull(server, store.cursors.copy(), tasks_at_once=3):
        store.take(window)
        if uid := next(changes, None):
            server.answer(uid)
    assert store.annotations() == on_server(server)


def test_more_tasks_of_one_moment_than_a_window_holds_are_all_read(server: ScriptedServer) -> None:
    moment = server.clock + timedelta(seconds=1)
    for i in range(10):
        server.answer(f"0-{i}", at=moment)
    store = Store(server)
    for window in pull(server, store.cursors.copy(), tasks_at_once=2):
        store.take(window)
    assert store.annotations() == on_server(server)
    assert len(store.states) == 10


@pytest.mark.parametrize("stop_after", range(1, 8))
def test_a_pull_that_is_killed_goes_on_at_its_cursor_and_loses_nothing(server: ScriptedServer, stop_after: int) -> None:
    for uid in server.uids():
        server.answer(uid)
    store = Store(server)
    for count, window in enumerate(pull(server, store.cursors.copy(), tasks_at_once=3), start=1):
        store.take(window)
        if count == stop_after:
            break
    for window in pull(server, store.cursors.copy(), tasks_at_once=3):
        store.take(window)
    assert store.annotations() == on_server(server)


def test_a_change_that_became_visible_late_is_read_within_the_commit_delay(server: ScriptedServer) -> None:
    server.answer("0-1", at=EPOCH + timedelta(seconds=1000))
    store = Store(server)
    for window in pull(server, store.cursors.copy()):
        store.take(window)
    server.answer("0-2", at=EPOCH + timedelta(seconds=950))  # stamped before the cursor, committed after our reading
    for window in pull(server, store.cursors.copy(), commit_delay=timedelta(seconds=60)):
        store.take(window)
    assert store.annotations() == on_server(server)


def test_a_project_that_was_deleted_by_hand_is_reported_and_the_others_are_read(server: ScriptedServer) -> None:
    first, second = cursors(server)
    server.answer("1-0")
    server.delete_project(first)
    windows = list(pull(server, {first: EPOCH, second: None}))
    assert windows[0] == Window(first, (), EPOCH, gone=True)
    assert [state.uid for state in windows[1].states] == ["1-0"]


def test_a_busy_server_is_asked_again(server: ScriptedServer) -> None:
    server.answer("0-1")
    projects = cursors(server)
    server.faults = [Fault(server.calls + 1, ServerBusyError("locked"), after=False)]
    assert [state.uid for window in pull(server, projects) for state in window.states] == ["0-1"]
