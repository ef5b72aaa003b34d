"""A real Label Studio that is killed while a campaign is pulled, and comes back at another address."""

import os
import signal
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import pytest

from annotation.exchange.label_studio import LabelStudioServer
from annotation.exchange.local_server import LocalServer, local_label_studio
from annotation.exchange.server import ServerBusyError, TaskState
from annotation.vocabulary import load_study
from flows.campaign_pulling import pull_campaign
from flows.settings import load
from tests.annotation.exchange import conftest as shared
from tests.annotation.exchange.conftest import CREDENTIALS, EXECUTABLE
from tests.annotation.exchange.person import Person
from tests.annotation.exchange.test_study_on_server import as_result, said_on
from tests.flows.building import WAREHOUSE
from tests.flows.campaigning import KEY, pages_of, sit, write_items
from tests.flows.test_campaign_on_server import PEOPLE, TOKEN, campaign, configure, stored
from valueprism_build.campaigns import Page, PageKind, Seat
from valueprism_build.records import Vote

pytestmark = pytest.mark.slow

data, prepared_data = shared.data, shared.prepared_data  # a data directory of ours alone
STUDY = load_study("agreement")[0]
IN_FLIGHT = 0.01
"""Seconds into a request after which the server is killed: it takes some three times as long."""


class Answer(NamedTuple):
    """What somebody has answered, and the numbers that it, its task and its person have on the server."""

    id: int
    task: int
    person: int
    seat: Seat
    page: Page

    def choosing(self, choice: str) -> list[dict[str, object]]:
        """Return another answer to the page, which holds one question, as the server takes it."""
        return [{**part, "value": {"choices": [choice]}} for part in as_result(STUDY, self.page)]

    def votes(self, **other: str) -> list[Vote]:
        """Return the votes that this is, `other` instead of what they always say."""
        about = {} if self.page.kind is PageKind.INTRO else said_on(STUDY, self.page) | other
        of = self.page.item_id or self.page.situation_id
        return [Vote(of, self.seat.annotator_id or "", question, said, 3.5) for question, said in about.items()]


class DoomedServer(LabelStudioServer):
    """One that is killed, and all that it has started, while it answers this read, counted from 1."""

    def __init__(self, server: LocalServer, read: int) -> None:
        super().__init__(server.base_url, CREDENTIALS.token)
        self._group, self._last, self._reads = server.pid, read, 0

    def changed_tasks(self, project_id: int, since: datetime | None, limit: int) -> list[TaskState]:
        self._reads += 1
        if self._reads == self._last:
            threading.Timer(IN_FLIGHT, os.killpg, (self._group, signal.SIGKILL)).start()
        return super().changed_tasks(project_id, since, limit)


@contextmanager
def running(data: Path) -> Iterator[tuple[LocalServer, LabelStudioServer, Person]]:
    with (
        local_label_studio(EXECUTABLE, data, CREDENTIALS) as server,
        LabelStudioServer(server.base_url, CREDENTIALS.token) as adapter,
        Person(server.base_url, CREDENTIALS.token) as person,
    ):
        configure(server.base_url, pull_tasks=3, store_tasks=3)
        yield server, adapter, person


def answered(adapter: LabelStudioServer, person: Person, name: str, seat: Seat, number: int) -> list[Answer]:
    [project] = adapter.projects(f"{name}/{seat.id}")
    tasks = {task.uid: task.id for task in adapter.placed_tasks(project.id)}
    given = []
    for page in pages_of(name, seat):
        id_ = person.answer_all(tasks[page.uid], list(as_result(STUDY, page)), completed_by=number)
        given.append(Answer(id_, tasks[page.uid], number, seat, page))
    return given


def votes_of(answers: Sequence[Answer]) -> list[Vote]:
    return [vote for one in answers for vote in one.votes()]


def test_a_server_that_is_killed_while_we_pull_and_comes_back_elsewhere_loses_nothing_and_doubles_nothing(
    data: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(TOKEN, CREDENTIALS.token)
    monkeypatch.setenv("VALUEPRISM_CAMPAIGN__PARTICIPANT_KEYS", KEY)
    write_items()
    with running(data) as (before, adapter, person):
        campaign("create", "fallen", *PEOPLE)
        given = []
        for participant, stratum in [("p1", "left"), ("p2", "right")]:
            number = adapter.add_person(f"{participant}@participants.invalid")
            given += answered(adapter, person, "fallen", sit("fallen", participant, stratum, number), number)
        # The first person's 12 pages are read by threes, each window beginning with the last page of the one before it.
        with DoomedServer(before, read=4) as doomed, pytest.raises(ServerBusyError, match="does not answer"):
            pull_campaign(load({"warehouse": str(WAREHOUSE)}), "fallen", doomed)
    kept = stored("fallen")
    assert 0 < kept.total() < len(votes_of(given))
    items = [one for one in given if one.page.kind is PageKind.ITEM]
    edited, withdrawn, vague, *_ = [one for one in items if kept >= Counter(one.votes())]
    edited_unread, withdrawn_unread, twice, *_ = [one for one in items if not kept >= Counter(one.votes())]

    with running(data) as (after, _, person):
        assert after.base_url != before.base_url
        for one in (edited, edited_unread):
            person.edit_all(one.id, one.choosing("No"))
        for one in (withdrawn, withdrawn_unread):
            person.withdraw(one.id)
        person.edit_all(vague.id, vague.choosing("Perhaps"))  # which the study does not have; the server takes it
        person.answer_all(twice.task, twice.choosing("No"), completed_by=twice.person)
        changed = (edited, edited_unread, withdrawn, withdrawn_unread, vague, twice)
        wanted = votes_of([one for one in given if one not in changed])
        wanted += [vote for one in (edited, edited_unread, twice) for vote in one.votes(agree="No")]
        pulled = campaign("pull", "fallen").summary
        assert (pulled["refused"], pulled["gone"]) == ({"unknown_answer": 1, "answered_again": 1}, [])
        assert stored("fallen") == Counter(wanted)
        assert campaign("pull", "fallen").summary["pages"] == 0
        assert stored("fallen") == Counter(wanted)
