"""A campaign that runs: how far it is, whom it goes on without, and whom it forgets."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import stamina
from duckdb import DuckDBPyConnection

from annotation.exchange.server import ServerRefusedError
from annotation.pseudonyms import pseudonyms
from annotation.simulated_people import Crowd
from annotation.vocabulary import load_study
from flows.campaign_creating import create
from flows.campaign_forgetting import Forgotten, forget
from flows.campaign_planning import Wanted
from flows.campaign_pulling import pull_campaign
from flows.campaign_redealing import Redealt, redeal_campaign
from flows.campaign_simulating_on_server import simulate_on_server
from flows.campaign_status import Status, status
from flows.campaign_status_page import page as page_of
from flows.campaign_status_shown import of_status
from flows.settings import Settings, load
from tests.annotation.exchange.scripted_server import EPOCH, Fault, ScriptedServer
from tests.flows.building import WAREHOUSE
from tests.flows.campaigning import KEY, pages_of, result_on, sit, write_items
from valueprism_build.campaigns import PageKind, Seat, SeatState
from valueprism_build.errors import BuildError
from warehouse import campaigns, votes
from warehouse.checks import run_checks
from warehouse.connect import open_warehouse

STUDY = load_study("agreement")[0]
URL = "http://server.test"
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _no_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=5, cap=True):
        yield


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("VALUEPRISM_CAMPAIGN__PARTICIPANT_KEYS", f"another-key-of-the-tests {KEY}")
    Path("valueprism.toml").write_text(f'[label_studio]\nbase_url = "{URL}"\n[planting]\ngold = 0\nrepeats = 0\n')
    write_items()
    return load({"warehouse": str(WAREHOUSE)})


@pytest.fixture
def server(settings: Settings) -> ScriptedServer:
    """One on which two people of each group shall judge 2 of 4 situations with 3 items each: 1 + 2 * 5 pages."""
    server = ScriptedServer()
    create(settings, "pilot", Wanted("agreement", {"left": 2, "right": 2}, 4, 2, None, 0), server)
    return server


def answer(server: ScriptedServer, seat: Seat, person: int, pages: int) -> None:
    for page in pages_of("pilot", seat)[:pages]:
        server.answer(page.uid, result_on(STUDY, page), person=person)


def status_at(settings: Settings, now: datetime, stopped_after: timedelta = 24 * HOUR) -> Status:
    return status(settings, "pilot", now=now, stopped_after=stopped_after)


def everything() -> str:
    """Return all that the warehouse holds, as text."""

    def rows(db: DuckDBPyConnection, table: str) -> str:
        return str(db.execute(f"SELECT * FROM {table}").fetchall())

    with open_warehouse(WAREHOUSE, read_only=True) as db:
        assert run_checks(db) == []
        tables = db.execute("SELECT table_name FROM duckdb_tables()").fetchall()
        return "".join(rows(db, table) for (table,) in tables)


def seats() -> dict[str, SeatState]:
    with open_warehouse(WAREHOUSE, read_only=True) as db:
        return {seat.id: seat.state for seat in campaigns.seats(db, "pilot")}


def usable(kind: PageKind = PageKind.ITEM) -> int:
    with open_warehouse(WAREHOUSE, read_only=True) as db:
        return len(votes.read(db, "pilot", [kind]))


def test_status_sets_answers_against_quotas_and_tells_the_pace(settings: Settings, server: ScriptedServer) -> None:
    answer(server, sit("pilot", "p1", "left", 1), 1, 11)
    answer(server, sit("pilot", "p2", "right", 2), 2, 6)
    pull_campaign(settings, "pilot", server)
    found = status_at(settings, EPOCH + 2 * HOUR)
    standing = found.standing
    assert (standing.answered, standing.left) == (17, 4 * 11 - 17)
    # 17 pages since the first one two hours ago, all but: the server's clock ticks in seconds.
    assert standing.per_hour == pytest.approx(17 / 2, rel=0.05)
    assert standing.hours_left == pytest.approx(27 / (17 / 2), rel=0.05)
    # 4 situations of 3 items, one person of each group for each. The first situation's pages are 2 to 6: all its items.
    assert [one._asdict() for one in standing.strata] == [
        {"stratum": "left", "free": 1, "taken": 0, "done": 1, "closed": 0, "wanted": 12, "got": 6},
        {"stratum": "right", "free": 1, "taken": 1, "done": 0, "closed": 0, "wanted": 12, "got": 3},
    ]
    assert Counter((one.stratum, one.wanted, one.got) for one in standing.items) == {
        ("left", 1, 1): 6,
        ("left", 1, 0): 6,
        ("right", 1, 1): 3,
        ("right", 1, 0): 9,
    }
    assert found.refused == {}


def test_status_of_a_campaign_that_nobody_has_answered_knows_no_pace(
    settings: Settings, server: ScriptedServer
) -> None:
    found = status_at(settings, EPOCH)
    assert (found.standing.answered, found.standing.left, found.standing.per_hour) == (0, 44, None)
    told = "".join(str(part) for part in of_status(found, items=5).shown)
    assert "19 more items lack answers" in told  # 12 items for two strata
    assert "time left unknown" in told
    assert "right on gold items: none yet" in told
    with pytest.raises(BuildError, match="holds no campaign 'other'"):
        status(settings, "other", now=EPOCH, stopped_after=HOUR)


def test_only_who_has_a_seat_and_has_not_answered_for_long_has_stopped(
    settings: Settings, server: ScriptedServer
) -> None:
    begun, done = sit("pilot", "p1", "left", 1), sit("pilot", "p2", "right", 2)
    server.clock = datetime.now(UTC)
    answer(server, begun, 1, 3)
    answer(server, done, 2, 11)
    pull_campaign(settings, "pilot", server)
    last = server.state(pages_of("pilot", begun)[2].uid).annotations[0].updated_at
    assert status_at(settings, last + HOUR, HOUR).standing.stopped == ()
    [stopped] = status_at(settings, last + HOUR + timedelta(seconds=1), HOUR).standing.stopped
    assert (stopped.seat_id, stopped.answered, stopped.pages, stopped.last) == (begun.id, 3, 11, last)


def test_the_page_shows_what_the_terminal_shows_and_no_markup_of_others(
    settings: Settings, server: ScriptedServer
) -> None:
    answer(server, sit("pilot", "p1", "left", 1), 1, 11)
    pull_campaign(settings, "pilot", server)
    found = status_at(settings, EPOCH + 2 * HOUR)
    items = {id_: replace(item, situation="<script>alert(1)</script>") for id_, item in found.items.items()}
    shown = page_of(replace(found, items=items, refused={"not_dealt": 3}), "What matters to you?")
    assert "<script" not in shown
    assert "&lt;script&gt;alert(1)" in shown
    assert "11 of 44" in shown
    assert '<td>not_dealt</td><td class="n">3</td>' in shown
    assert shown.count("<meter") == 2 + 24  # two strata, and 12 items for each
    assert "http" not in shown.replace(URL, "")  # it needs nothing else


def redealt(settings: Settings, server: ScriptedServer, now: datetime, hours: float | None, **people: int) -> Redealt:
    stopped_after = None if hours is None else timedelta(hours=hours)
    return redeal_campaign(settings, "pilot", server, people=people, stopped_after=stopped_after, now=now)


def test_pages_of_who_has_stopped_are_dealt_again_and_the_quotas_are_met(
    settings: Settings, server: ScriptedServer
) -> None:
    gone = sit("pilot", "p1", "left", 1)
    server.clock = datetime.now(UTC)
    answer(server, gone, 1, 6)  # consent and one whole situation
    later = server.clock + 30 * HOUR
    for number, stratum in [(2, "left"), (3, "right"), (4, "right")]:
        server.clock = later
        answer(server, sit("pilot", f"p{number}", stratum, number), number, 11)
    done = redealt(settings, server, later + HOUR, 24, left=1)
    # One situation of the two is left: consent and 5 pages for somebody new.
    assert ([one.seat_id for one in done.stopped], done.seats, done.pages) == ([gone.id], 1, 6)
    assert done.on_server.added == 6
    assert seats()["left-0001"] is SeatState.CLOSED
    newcomer = sit("pilot", "p5", "left", 5)
    assert newcomer.id == "left-0003"
    answer(server, newcomer, 5, 6)
    pull_campaign(settings, "pilot", server)
    assert [(one.wanted, one.got) for one in status_at(settings, later).standing.strata] == [(12, 12), (12, 12)]
    again = redealt(settings, server, later + HOUR, 24, left=1)
    assert (again.stopped, again.seats, again.pages, again.on_server.added) == ((), 0, 0, 0)


def test_who_has_answered_since_the_last_pull_has_not_stopped(settings: Settings, server: ScriptedServer) -> None:
    seat = sit("pilot", "p1", "left", 1)
    server.clock = datetime.now(UTC) + 30 * HOUR
    answer(server, seat, 1, 3)
    assert redealt(settings, server, server.clock + HOUR, 24).stopped == ()


def test_a_redeal_asks_the_server_only_about_people_who_had_pages_left(
    settings: Settings, server: ScriptedServer
) -> None:
    done, begun = sit("pilot", "p1", "left", 1), sit("pilot", "p2", "right", 2)
    server.clock = datetime.now(UTC) + 30 * HOUR
    answer(server, done, 1, 11)
    answer(server, begun, 2, 3)
    assert redealt(settings, server, server.clock + HOUR, 24).pulled.projects == 2
    answer(server, begun, 2, 11)
    again = redealt(settings, server, server.clock + HOUR, 24).pulled
    assert (again.projects, again.pages) == (1, 11)  # the three pages that were answered again count as changed
    assert redealt(settings, server, server.clock + HOUR, 24).pulled.projects == 0


def test_too_little_room_is_said_and_changes_nothing(settings: Settings, server: ScriptedServer) -> None:
    seat = sit("pilot", "p1", "left", 1)
    before = server.uids()
    with pytest.raises(BuildError, match=r"stratum 'left': .*; give new seats by --people left=N$"):
        redealt(settings, server, datetime.now(UTC) + 30 * HOUR, 24)
    assert seats()[seat.id] is SeatState.TAKEN
    assert server.uids() == before
    assert redealt(settings, server, datetime.now(UTC) + 30 * HOUR, 24, left=1).seats == 1


def test_new_seats_of_a_stratum_that_there_is_none_of_are_refused(settings: Settings, server: ScriptedServer) -> None:
    told = "campaign 'pilot' has no stratum middle; give --people left=N --people right=N"
    with pytest.raises(BuildError, match=f"^{told}$"):
        redealt(settings, server, datetime.now(UTC), 24, middle=1)
    assert "middle-0001" not in seats()


# To pull the one project that somebody has, to list all, and to create one more and fill it: 4 calls.
@pytest.mark.parametrize("call", [1, 2, 3, 4])
def test_a_redeal_that_is_killed_and_run_again_deals_nothing_twice(
    settings: Settings, server: ScriptedServer, call: int
) -> None:
    sit("pilot", "p1", "left", 1)
    now = datetime.now(UTC) + 30 * HOUR
    server.faults = [Fault(server.calls + call, KeyboardInterrupt(), after=True)]
    with pytest.raises(KeyboardInterrupt):
        redealt(settings, server, now, 24, left=1)
    redealt(settings, server, now, 24, left=1)
    with open_warehouse(WAREHOUSE, read_only=True) as db:
        closed = {seat.id for seat in campaigns.seats(db, "pilot") if seat.state is SeatState.CLOSED}
        pages = campaigns.pages(db, "pilot")
    assert len(pages) == 5 * 11
    assert sorted(seats()) == ["left-0001", "left-0002", "left-0003", "right-0001", "right-0002"]
    assert [
        uid for uid in server.uids() if uid in {page.uid for page in pages if page.seat_id not in closed}
    ] == sorted(page.uid for page in pages if page.seat_id not in closed)


def forgotten(settings: Settings, server: ScriptedServer | None, who: str = "p1") -> Forgotten:
    return forget(settings, "pilot", who, server, now=EPOCH)


def a_person_who_answers_everywhere(settings: Settings, server: ScriptedServer) -> Sequence[Seat]:
    seat, other = sit("pilot", "p1", "left", 1), sit("pilot", "p2", "right", 2)
    answer(server, seat, 1, 11)
    answer(server, other, 2, 11)
    stray = pages_of("pilot", other)[3]
    server.answer(stray.uid, result_on(STUDY, stray), person=1)
    pull_campaign(settings, "pilot", server, keep_raw=Path("raw"))
    return seat, other


@pytest.mark.parametrize("who", ["p1", "their pseudonym"])
def test_who_is_forgotten_is_nowhere_and_the_others_stay(settings: Settings, server: ScriptedServer, who: str) -> None:
    # They came under a key that has been put behind a new one since.
    [pseudonym] = pseudonyms("p1", [KEY])
    seat, other = a_person_who_answers_everywhere(settings, server)
    assert pseudonym in everything()
    done = forgotten(settings, server, who if who == "p1" else pseudonym)
    assert (done.seats, done.annotations, done.before, done.by_hand) == ((f"pilot/{seat.id}",), 1, False, ())
    # 2 situations: what is missing before, 3 items, and after the list a "Yes" and what is missing.
    assert done.votes == 2 * (1 + 3 + 2)
    assert [path.name for path in done.raw_files] == [f"{seat.id}.jsonl", f"{other.id}.jsonl"]
    assert pseudonym not in everything()
    assert server.deleted_people == [1]
    assert f"pilot/{seat.id}" not in [project.title for project in server.projects("pilot/")]
    assert all(each.person == 2 for page in pages_of("pilot", other) for each in server.state(page.uid).annotations)
    assert usable() == 6


def test_a_pull_does_not_bring_back_who_is_forgotten_and_their_pages_can_be_dealt_again(
    settings: Settings, server: ScriptedServer
) -> None:
    a_person_who_answers_everywhere(settings, server)
    forgotten(settings, server)
    found = pull_campaign(settings, "pilot", server)
    assert (found.gone, found.pages, found.forgotten) == ([], 0, 0)
    assert usable() == 6
    assert redealt(settings, server, EPOCH, None, left=1).pages == 11


def test_forgetting_twice_says_so_and_forgetting_nobody_is_an_error(settings: Settings, server: ScriptedServer) -> None:
    a_person_who_answers_everywhere(settings, server)
    forgotten(settings, server)
    again = forgotten(settings, server)
    assert (again.before, again.votes, again.seats) == (True, 0, ())
    with pytest.raises(BuildError, match="nobody who has a seat goes by 'p9'"):
        forgotten(settings, server, "p9")


# To delete their project, to look into 3 others, to delete an answer there, and the account: 6 calls.
@pytest.mark.parametrize("call", [1, 3, 5, 6])
def test_forgetting_that_is_killed_goes_on_with_the_same_command(
    settings: Settings, server: ScriptedServer, call: int
) -> None:
    a_person_who_answers_everywhere(settings, server)
    server.faults = [Fault(server.calls + call, KeyboardInterrupt(), after=True)]
    with pytest.raises(KeyboardInterrupt):
        forgotten(settings, server)
    forgotten(settings, server)
    assert pseudonyms("p1", [KEY])[0] not in everything()
    assert 1 in server.deleted_people
    assert len(server.projects("pilot/")) == 3


def test_where_the_server_is_gone_it_is_said_what_to_delete_there(settings: Settings, server: ScriptedServer) -> None:
    seat, _ = a_person_who_answers_everywhere(settings, server)
    project = next(project for project in server.projects("pilot/") if project.title == f"pilot/{seat.id}")
    done = forgotten(settings, None)
    [pseudonym] = pseudonyms("p1", [KEY])
    assert done.by_hand == (f"project {project.id} and account {pseudonym}@participants.invalid on {URL}",)
    assert pseudonym not in everything()


def test_simulated_people_on_a_server_meet_every_quota_though_some_leave_and_nothing_is_left_of_them(
    settings: Settings, server: ScriptedServer
) -> None:
    before, projects = everything(), server.projects("")
    crowd = Crowd(leavers=0.6, speeders=0.2)
    found = simulate_on_server(settings, Wanted("agreement", {"left": 3, "right": 3}, 6, 4, None, 1), crowd, server)
    # 6 situations of 3 items, 4 people each; who left has answered some of it, too.
    assert len({(vote.item_id, vote.annotator_id) for vote in found.votes}) >= 6 * 3 * 4
    assert (found.short, found.rejected, found.offences) == (0, {}, [])
    assert found.left > 0
    assert 6 < found.people <= 6 + found.left  # two who left early are made up for by one
    assert len(server.deleted_people) == found.people
    assert (everything(), server.projects("")) == (before, projects)


def test_a_simulation_that_fails_tidies_up_the_server(settings: Settings, server: ScriptedServer) -> None:
    projects = server.projects("")
    server.faults = [Fault(server.calls + 20, ServerRefusedError("no"), after=False)]
    with pytest.raises(ServerRefusedError):
        simulate_on_server(settings, Wanted("agreement", {"left": 3}, 3, 2, None, 1), Crowd(), server)
    assert server.projects("") == projects
