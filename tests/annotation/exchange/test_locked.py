"""A real Label Studio whose SQLite database somebody else holds for longer than the 5 s that the server waits for it.

Held by another writer, it can still be read. A write is then refused with 500 and a page; but an import of tasks
the server tries again after 3, 6, 12 and so on seconds, ten times, whether or not somebody still waits for the reply.
Held alone, as while a large transaction is committed, everything is refused so.
"""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Literal

import httpx
import pytest

from annotation.exchange.accounts import sign_up
from annotation.exchange.hooks import register
from annotation.exchange.label_studio import LabelStudioServer
from annotation.exchange.pull import pull
from annotation.exchange.push import push
from annotation.exchange.server import ServerBusyError, Task
from tests.annotation.exchange.conftest import CREDENTIALS, Running, personal_token
from tests.annotation.exchange.person import Person
from tests.annotation.exchange.test_label_studio import blocks, uids

pytestmark = pytest.mark.slow

PATIENCE = 60.0
HERE = "http://127.0.0.1:9/changed"


@contextmanager
def held(data: Path, mode: Literal["IMMEDIATE", "EXCLUSIVE"], seconds: float) -> Iterator[None]:
    """Hold the server's database from now on for so long, and wait for that in the end."""
    path = data / "label_studio.sqlite3"
    with closing(sqlite3.connect(path, timeout=PATIENCE, isolation_level=None, check_same_thread=False)) as db:
        db.execute(f"BEGIN {mode}")
        letting_go = threading.Timer(seconds, db.rollback)
        letting_go.start()
        try:
            yield
        finally:
            letting_go.join()


class HinderedServer(LabelStudioServer):
    """One whose database somebody else begins to write to as soon as we send it tasks."""

    def __init__(self, base_url: str, timeout: float, hinder: Callable[[], None]) -> None:
        super().__init__(base_url, CREDENTIALS.token, timeout=timeout)
        self._hinder, self.requests = hinder, 0

    def add_tasks(self, project_id: int, tasks: Sequence[Task]) -> None:
        self.requests += 1
        if self.requests == 1:
            self._hinder()
        super().add_tasks(project_id, tasks)


def wait_for_the_late_import(data: Path) -> None:
    """Wait until the server has tried it again, and says that its project is gone; or long enough."""
    until = time.monotonic() + 20
    while "Project matching query does not exist" not in (data / "server.log").read_text() and time.monotonic() < until:
        time.sleep(0.2)


def test_tasks_that_the_server_imports_after_we_have_given_it_up_are_not_there_twice(
    label_studio: Running, adapter: LabelStudioServer
) -> None:
    base_url, data, study = label_studio.server.base_url, label_studio.data, blocks("late", people=1)
    with ExitStack() as lock:
        # The server waits for 5 s and tries again 3 s later; we have lost patience by then, and the lock is gone.
        hinder = partial(lock.enter_context, held(data, "IMMEDIATE", seconds=7.5))
        with HinderedServer(base_url, 6.0, hinder) as hindered:
            push(hindered, study, prefix="late/")
    assert hindered.requests > 1
    wait_for_the_late_import(data)
    assert uids(adapter, "late") == sorted(task.uid for task in study[0].tasks)
    assert len(adapter.projects("late/")) == 1
    assert push(adapter, study, prefix="late/").added == 0


def pulled(server: LabelStudioServer, project_id: int) -> dict[str, int]:
    """Return how many answers each task has that a first pull brings."""
    windows = pull(server, {project_id: None})
    return {state.uid: len(state.annotations) for window in windows for state in window.states}


def test_what_goes_on_while_the_database_is_held_is_done_once_when_it_is_let_go(
    label_studio: Running, adapter: LabelStudioServer, person: Person
) -> None:
    base_url, study, other = label_studio.server.base_url, blocks("held", people=1), blocks("beside", people=2)
    project_id = push(adapter, study, prefix="held/").project_ids["held/0"]
    first, second = adapter.placed_tasks(project_id)[:2]
    person.answer(first.id, "yes")
    token = personal_token(label_studio, timedelta(hours=1))
    with (
        LabelStudioServer(base_url, token) as personal,  # whose exchange for another is refused, too
        held(label_studio.data, "EXCLUSIVE", seconds=9.0),
        ThreadPoolExecutor() as pool,
    ):
        pushing = pool.submit(push, personal, other, prefix="beside/")
        pulling = pool.submit(pulled, adapter, project_id)
        answering = pool.submit(person.answer, second.id, "no")
        hooking = pool.submit(register, base_url, token, HERE, "a secret", [project_id])
        joining = pool.submit(sign_up, base_url, token, "ann@participants.invalid", "a word of ann 1")
    with pytest.raises(httpx.HTTPStatusError, match="500"):  # so the page says to whoever submits, and nothing is kept
        answering.result()
    for asked in (hooking, joining):
        with pytest.raises(ServerBusyError):  # not a word of the token, or of an address that is taken
            asked.result()
    assert pushing.result().added == 10
    assert uids(adapter, "beside") == sorted(task.uid for block in other for task in block.tasks)
    assert pulling.result() == {first.uid: 1}
    person.answer(second.id, "no")
    assert pulled(adapter, project_id) == {first.uid: 1, second.uid: 1}
