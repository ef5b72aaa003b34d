from collections.abc import Iterator, Sequence

import pytest
import stamina

from annotation.exchange.push import push
from annotation.exchange.server import Block, ServerBusyError, ServerRefusedError, Task
from tests.annotation.exchange.scripted_server import Fault, ScriptedServer

CONFIG = "<View>\n  <Text name='text' value='$text'/>\n</View>"


@pytest.fixture(autouse=True)
def _no_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=5, cap=True):
        yield


def blocks(people: int = 3, each: int = 5) -> list[Block]:
    return [
        Block(f"study/{person}", CONFIG, tuple(Task(f"{person}-{i}", {"text": f"item {i}"}) for i in range(each)))
        for person in range(people)
    ]


def all_uids() -> list[str]:
    return sorted(task.uid for block in blocks() for task in block.tasks)


def test_every_task_is_there_once_and_a_second_push_sends_nothing() -> None:
    server = ScriptedServer()
    first = push(server, blocks(), prefix="study/", tasks_at_once=2)
    assert server.uids() == all_uids()
    assert first.added == 15
    assert push(server, blocks(), prefix="study/", tasks_at_once=2) == (first.project_ids, 0)
    assert server.uids() == all_uids()


# Listing, then for each of 3 blocks a project and 3 requests of at most 2 tasks: 1 + 3 * (1 + 3) calls.
@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("call", range(1, 14))
def test_a_push_that_is_killed_anywhere_and_run_again_leaves_every_task_once(call: int, after: bool) -> None:
    server = ScriptedServer([Fault(call, KeyboardInterrupt(), after)])
    with pytest.raises(KeyboardInterrupt):
        push(server, blocks(), prefix="study/", tasks_at_once=2)
    push(server, blocks(), prefix="study/", tasks_at_once=2)
    assert server.uids() == all_uids()
    assert len(server.projects("study/")) == 3


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("call", range(1, 14))
def test_a_request_whose_outcome_is_unknown_is_not_sent_again_blindly(call: int, after: bool) -> None:
    server = ScriptedServer([Fault(call, ServerBusyError("time-out"), after)])
    pushed = push(server, blocks(), prefix="study/", tasks_at_once=2)
    assert server.uids() == all_uids()
    assert sorted(pushed.project_ids.values()) == [each.id for each in server.projects("study/")]


class LateServer(ScriptedServer):
    """One that does what it is asked in this request of tasks, counted from 1, only after we have given it up."""

    def __init__(self, late: int, error: BaseException) -> None:
        super().__init__()
        self._late, self._error, self._requests = late, error, 0
        self._pending: tuple[int, Sequence[Task]] | None = None

    def add_tasks(self, project_id: int, tasks: Sequence[Task]) -> None:
        self._requests += 1
        if self._requests == self._late:
            self._pending = (project_id, tasks)
            raise self._error
        super().add_tasks(project_id, tasks)

    def catch_up(self) -> None:
        assert self._pending is not None
        if self._pending[0] in {project.id for project in self.projects("")}:
            super().add_tasks(*self._pending)


# Three blocks of three requests each.
@pytest.mark.parametrize("late", range(1, 10))
def test_tasks_that_arrive_after_we_have_given_them_up_are_not_there_twice(late: int) -> None:
    server = LateServer(late, ServerBusyError("time-out"))
    push(server, blocks(), prefix="study/", tasks_at_once=2)
    server.catch_up()
    assert server.uids() == all_uids()


@pytest.mark.parametrize("late", [1, 2, 3])
def test_tasks_that_arrive_after_a_killed_push_was_run_again_are_not_there_twice(late: int) -> None:
    server = LateServer(late, KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        push(server, blocks(), prefix="study/")
    push(server, blocks(), prefix="study/")
    server.catch_up()
    assert server.uids() == all_uids()


def test_after_a_failure_a_project_in_which_somebody_has_answered_stays() -> None:
    server = ScriptedServer()
    project_ids = push(server, blocks(1), prefix="study/").project_ids
    server.answer("0-3")
    [lost, *_] = server.placed_tasks(project_ids["study/0"])
    server.delete_task(lost.id)
    server.faults = [Fault(server.calls + 3, ServerBusyError("time-out"), after=False)]  # after two looks, a request
    assert push(server, blocks(1), prefix="study/") == (project_ids, 1)
    assert server.uids() == [f"0-{i}" for i in range(5)]


def test_after_a_failure_a_project_that_people_are_let_into_stays_though_nobody_has_answered_yet() -> None:
    server = ScriptedServer()
    project_ids = push(server, blocks(2), prefix="study/").project_ids
    some, whole = ([task.id for task in server.placed_tasks(id_)] for id_ in project_ids.values())
    for task_id in (some[0], *whole):
        server.delete_task(task_id)
    server.faults = [Fault(server.calls + 3, ServerBusyError("time-out"), after=False)]  # after two looks, a request
    assert push(server, blocks(2), prefix="study/", opened=project_ids.values()) == (project_ids, 6)
    assert server.uids() == [f"{block}-{i}" for block in range(2) for i in range(5)]


def test_a_server_that_stays_busy_ends_the_push_after_the_attempts() -> None:
    server = ScriptedServer([Fault(call, ServerBusyError("database is locked"), after=False) for call in range(1, 99)])
    with pytest.raises(ServerBusyError, match="locked"):
        push(server, blocks(), prefix="study/", attempts=3)
    assert server.calls == 3


def test_a_label_config_that_was_edited_by_hand_is_refused_with_what_differs() -> None:
    server = ScriptedServer()
    server.create_project("study/0", CONFIG.replace("$text", "$other"))
    with pytest.raises(ServerRefusedError, match=r"(?s)'study/0'.*-.*\$other.*\+.*\$text"):
        push(server, blocks(1), prefix="study/")


def test_tasks_that_were_deleted_by_hand_come_back_and_nothing_else() -> None:
    server = ScriptedServer()
    project_id = push(server, blocks(), prefix="study/").project_ids["study/1"]
    for task in server.placed_tasks(project_id)[:2]:
        server.delete_task(task.id)
    assert push(server, blocks(), prefix="study/").added == 2
    assert server.uids() == all_uids()


def test_of_a_task_that_is_there_twice_the_answered_one_stays() -> None:
    server = ScriptedServer()
    project_id = push(server, blocks(1), prefix="study/").project_ids["study/0"]
    server.answer("0-3")
    answered = server.state("0-3").id
    server.add_tasks(project_id, [Task("0-3", {"text": "item 3"})])
    push(server, blocks(1), prefix="study/")
    assert [task.id for task in server.placed_tasks(project_id) if task.uid == "0-3"] == [answered]


def test_an_empty_twin_of_a_project_is_deleted_and_a_full_one_is_refused() -> None:
    server = ScriptedServer()
    push(server, blocks(1), prefix="study/")
    twin = server.create_project("study/0", CONFIG)
    push(server, blocks(1), prefix="study/")
    assert twin.id not in [each.id for each in server.projects("study/")]
    full = server.create_project("study/0", CONFIG)
    server.add_tasks(full.id, [Task("0-0", {})])
    with pytest.raises(ServerRefusedError, match="two projects are called 'study/0'"):
        push(server, blocks(1), prefix="study/")


def test_a_project_of_another_campaign_with_a_longer_title_is_left_alone() -> None:
    server = ScriptedServer()
    other = server.create_project("study/00", "another config")
    assert push(server, blocks(1), prefix="study/").project_ids["study/0"] != other.id
