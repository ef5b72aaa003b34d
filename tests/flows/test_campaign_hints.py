"""What hints name is pulled, and what they miss as well."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from annotation.exchange.server import ServerBusyError
from flows.campaign_hints import HintedPulls
from flows.campaign_pulling import Pulled
from flows.settings import Settings
from tests.annotation.exchange.scripted_server import Fault, ScriptedServer
from tests.flows.building import WAREHOUSE
from tests.flows.campaigning import STUDY, URL, WANTED, configured, created, pages_of, result_on, sit
from valueprism_build.campaigns import Seat
from warehouse import campaign_people
from warehouse.connect import open_warehouse

PULLED_SOON = f"""
[label_studio]
base_url = "{URL}"
[live]
hint_seconds = 0.01
pull_at_once = 2
[planting]
gold = 0
repeats = 0
"""
PATIENCE = 60.0

pytestmark = pytest.mark.usefixtures("no_waiting")


@pytest.fixture
def server() -> ScriptedServer:
    return ScriptedServer()


@pytest.fixture
def settings(server: ScriptedServer) -> Settings:
    settings = configured(PULLED_SOON)
    created(settings, server, WANTED._replace(people={"left": 4}))
    return settings


class Pulls:
    """What came in, to be waited for."""

    def __init__(self) -> None:
        self.pages: list[int] = []
        self.looked: list[int] = []
        self._news = threading.Condition()

    def take(self, pulled: Pulled) -> None:
        with self._news:
            self.pages.append(pulled.pages)
            self.looked.append(pulled.projects)
            self._news.notify_all()

    def wait_for(self, moment: Callable[[], bool]) -> None:
        with self._news:
            assert self._news.wait_for(moment, PATIENCE), (self.pages, self.looked)


@contextmanager
def pulling(settings: Settings, server: ScriptedServer) -> Iterator[tuple[HintedPulls, Pulls]]:
    seen = Pulls()
    pulls = HintedPulls(settings, "pilot", server, on_pull=seen.take)
    pulls.start()
    try:
        yield pulls, seen
    finally:
        pulls.stop(PATIENCE)
    assert not pulls.broke


def answer(server: ScriptedServer, seat: Seat, number: int, person: int) -> None:
    page = pages_of("pilot", seat)[number]
    server.answer(page.uid, result_on(STUDY, page), person=person)


def project(seat: Seat) -> int:
    with open_warehouse(WAREHOUSE, read_only=True) as db:
        return campaign_people.projects(db, "pilot")[seat.id]


def stored() -> int:
    with open_warehouse(WAREHOUSE, read_only=True) as db:
        return len(campaign_people.answered(db, "pilot"))


def test_what_a_hint_names_comes_in_and_nothing_else_is_looked_at(settings: Settings, server: ScriptedServer) -> None:
    seat, other = sit("pilot", "ann", "left", 1), sit("pilot", "bob", "left", 2)
    with pulling(settings, server) as (pulls, seen):
        seen.wait_for(lambda: sum(seen.looked) == 4)  # all four at first, two at once
        answer(server, seat, 1, 1)
        answer(server, other, 1, 2)
        pulls.hint(project(seat))
        seen.wait_for(lambda: sum(seen.pages) == 1)
        assert seen.looked == [2, 2, 1]
    assert stored() == 1


def test_a_lost_hint_is_made_up_for_by_looking_everywhere_from_time_to_time(
    settings: Settings, server: ScriptedServer
) -> None:
    often = settings.model_copy(update={"live": replace(settings.live, reconcile_seconds=0.05)})
    seat = sit("pilot", "ann", "left", 1)
    with pulling(often, server) as (_, seen):
        seen.wait_for(lambda: sum(seen.looked) >= 4)
        answer(server, seat, 1, 1)
        seen.wait_for(lambda: sum(seen.pages) == 1)
    assert stored() == 1


def test_hints_of_other_campaigns_and_repeated_ones_are_harmless(settings: Settings, server: ScriptedServer) -> None:
    seat = sit("pilot", "ann", "left", 1)
    with pulling(settings, server) as (pulls, seen):
        seen.wait_for(lambda: sum(seen.looked) == 4)
        answer(server, seat, 1, 1)
        for id_ in (*range(100_000, 100_100), *[project(seat)] * 3):
            pulls.hint(id_)
        seen.wait_for(lambda: sum(seen.pages) == 1)
        pulls.hint(project(seat))
        seen.wait_for(lambda: len(seen.looked) == 4)
        assert seen.looked == [2, 2, 1, 1]
    assert stored() == 1


def test_what_a_busy_server_did_not_give_is_asked_for_again(settings: Settings, server: ScriptedServer) -> None:
    seat = sit("pilot", "ann", "left", 1)
    with pulling(settings, server) as (pulls, seen):
        seen.wait_for(lambda: sum(seen.looked) == 4)
        answer(server, seat, 1, 1)
        # More refusals than one pull has attempts.
        server.faults = [Fault(server.calls + n, ServerBusyError("locked"), after=False) for n in range(1, 8)]
        pulls.hint(project(seat))
        seen.wait_for(lambda: sum(seen.pages) == 1)
    assert stored() == 1


def test_a_pull_that_takes_long_leaves_the_server_alone_for_four_times_as_long(
    settings: Settings, server: ScriptedServer
) -> None:
    seat, began = sit("pilot", "ann", "left", 1), list[float]()
    with pulling(settings, server) as (pulls, seen):
        seen.wait_for(lambda: sum(seen.looked) == 4)
        took, ended = 0.2, list[float]()

        def slow() -> None:
            began.append(time.monotonic())
            time.sleep(took)
            ended.append(time.monotonic())

        server.on_call = slow
        for looked in (3, 4):
            pulls.hint(project(seat))
            seen.wait_for(lambda looked=looked: len(seen.looked) == looked)  # type: ignore[misc]
    assert began[1] - ended[0] >= 4 * took
