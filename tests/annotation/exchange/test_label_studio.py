"""Push and pull against a real Label Studio."""

import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from annotation.exchange.label_studio import LabelStudioServer
from annotation.exchange.local_server import LocalServer, local_label_studio
from annotation.exchange.pull import pull
from annotation.exchange.push import push
from annotation.exchange.server import Block, NoProjectError, ServerBusyError, ServerRefusedError, Task
from tests.annotation.exchange.conftest import CREDENTIALS, EXECUTABLE, Running
from tests.annotation.exchange.person import Person

pytestmark = pytest.mark.slow

CONFIG = """<View>
  <Text name="situation" value="$situation"/>
  <Choices name="agree" toName="situation"><Choice value="yes"/><Choice value="no"/></Choices>
  <TextArea name="missing" toName="situation"/>
</View>"""
HOSTILE = "<script>alert(1)</script> & $situation \N{ROLLING ON THE FLOOR LAUGHING} " + "x" * 10_000


def blocks(study: str, people: int = 2, each: int = 5) -> list[Block]:
    return [
        Block(
            f"{study}/{person}",
            CONFIG,
            tuple(Task(f"{study}-{person}-{i}", {"situation": HOSTILE}) for i in range(each)),
        )
        for person in range(people)
    ]


def uids(server: LabelStudioServer, study: str) -> list[str]:
    return sorted(task.uid for project in server.projects(f"{study}/") for task in server.placed_tasks(project.id))


@contextmanager
def running(data: Path) -> Iterator[tuple[LocalServer, LabelStudioServer]]:
    with (
        local_label_studio(EXECUTABLE, data, CREDENTIALS) as server,
        LabelStudioServer(server.base_url, CREDENTIALS.token) as adapter,
    ):
        yield server, adapter


def push_forever(server: LabelStudioServer, study: list[Block]) -> None:
    while True:
        push(server, study, prefix="killed/", attempts=1)
        time.sleep(0.01)


def test_what_is_pulled_is_what_was_answered_edited_skipped_and_withdrawn(
    adapter: LabelStudioServer, person: Person
) -> None:
    project_id = push(adapter, blocks("answers"), prefix="answers/").project_ids["answers/0"]
    tasks = adapter.placed_tasks(project_id)
    given = [person.answer(task.id, "yes", HOSTILE, skip=i == 2) for i, task in enumerate(tasks[:4])]
    windows = list(pull(adapter, {project_id: None}, tasks_at_once=3))
    states = {state.uid: state for window in windows for state in window.states}
    assert sorted(states) == [f"answers-0-{i}" for i in range(4)]  # the fifth has no answer
    first = states["answers-0-0"].annotations[0]
    assert (first.id, first.seconds, first.skipped) == (given[0], 3.5, False)
    assert json.loads(first.result)[1]["value"]["text"] == [HOSTILE]
    assert states["answers-0-2"].annotations[0].skipped
    person.edit(given[0], "no")
    person.withdraw(given[1])
    later = {state.uid: state for window in pull(adapter, {project_id: windows[-1].cursor}) for state in window.states}
    assert json.loads(later["answers-0-0"].annotations[0].result)[0]["value"] == {"choices": ["no"]}
    assert later["answers-0-1"].annotations == ()


def test_a_second_push_adds_nothing_and_a_deleted_project_comes_back(adapter: LabelStudioServer) -> None:
    first = push(adapter, blocks("again"), prefix="again/")
    assert push(adapter, blocks("again"), prefix="again/") == (first.project_ids, 0)
    adapter.delete_project(first.project_ids["again/1"])
    assert push(adapter, blocks("again"), prefix="again/").added == 5
    assert uids(adapter, "again") == sorted(task.uid for block in blocks("again") for task in block.tasks)


def test_an_edited_label_config_is_refused(adapter: LabelStudioServer) -> None:
    adapter.create_project("edited/0", CONFIG.replace('"no"', '"never"'))
    with pytest.raises(ServerRefusedError, match=r"(?s)was edited on the server.*never"):
        push(adapter, blocks("edited", people=1), prefix="edited/")


def test_a_project_that_is_not_there_is_told_from_a_server_that_is_not(adapter: LabelStudioServer) -> None:
    with pytest.raises(NoProjectError):
        adapter.changed_tasks(999_999, None, 10)
    with (
        LabelStudioServer("http://127.0.0.1:9", CREDENTIALS.token) as nobody,
        pytest.raises(ServerBusyError, match="does not answer"),
    ):
        nobody.projects("x")


def test_a_refused_token_is_explained_without_being_shown(label_studio: Running) -> None:
    token = "0000000000000000000000000000000000000000"
    with (
        LabelStudioServer(label_studio.server.base_url, token) as adapter,
        pytest.raises(ServerRefusedError, match="personal access token") as refused,
    ):
        adapter.projects("x")
    assert token not in str(refused.value)
    assert "cookie" not in str(refused.value)


def test_a_server_that_is_killed_while_we_push_holds_every_task_once_in_the_end(data: Path) -> None:
    study = blocks("killed", people=12)
    with running(data) as (server, adapter):
        killer = threading.Timer(0.7, os.kill, (server.pid, signal.SIGKILL))
        killer.start()
        with pytest.raises(ServerBusyError):
            push_forever(adapter, study)
    with running(data) as (_, adapter):
        push(adapter, study, prefix="killed/")
        assert uids(adapter, "killed") == sorted(task.uid for block in study for task in block.tasks)


def test_cursors_hold_over_a_restart_of_the_server(data: Path) -> None:
    with running(data) as (server, adapter), Person(server.base_url, CREDENTIALS.token) as person:
        project_id = push(adapter, blocks("restart", people=1), prefix="restart/").project_ids["restart/0"]
        first, second = adapter.placed_tasks(project_id)[:2]
        person.answer(first.id, "yes")
        cursor = next(pull(adapter, {project_id: None})).cursor
    with running(data) as (server, adapter), Person(server.base_url, CREDENTIALS.token) as person:
        person.answer(second.id, "no")
        states = [state for window in pull(adapter, {project_id: cursor}) for state in window.states]
    assert second.uid in [state.uid for state in states]
