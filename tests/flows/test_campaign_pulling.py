"""A campaign on a server that does as it is told: what people answer there, pulled."""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from annotation.exchange.server import Annotation, ServerBusyError
from flows.campaign_pulling import pull_campaign
from flows.campaign_server import refuser
from flows.settings import Settings
from tests.annotation.exchange.scripted_server import Fault, ScriptedServer
from tests.flows.building import WAREHOUSE
from tests.flows.campaigning import (
    IN_PARTS,
    STUDY,
    answer_all,
    configured,
    created,
    dealt,
    pages_of,
    pulled,
    result_on,
    seat_states,
    sit,
)
from valueprism_build.campaigns import PageKind, SeatState
from valueprism_build.errors import BuildError
from valueprism_build.records import Vote
from warehouse import campaign_people, campaigns, rejected, votes
from warehouse.checks import run_checks
from warehouse.connect import open_warehouse

pytestmark = pytest.mark.usefixtures("no_waiting")


@pytest.fixture
def settings() -> Settings:
    return configured(IN_PARTS)


@pytest.fixture
def server() -> ScriptedServer:
    return ScriptedServer()


def stored_votes(kind: PageKind = PageKind.ITEM) -> Sequence[Vote]:
    with open_warehouse(WAREHOUSE, read_only=True) as db:
        assert run_checks(db) == []
        return votes.read(db, "pilot", [kind])


def refused() -> Counter[str]:
    with open_warehouse(WAREHOUSE, read_only=True) as db:
        return rejected.of_pages(db, refuser("pilot"))


def test_everything_that_was_answered_is_a_vote_once(settings: Settings, server: ScriptedServer) -> None:
    created(settings, server)
    pages = sum(answer_all(server, sit("pilot", f"p{n}", stratum, n), n) for n, stratum in [(1, "left"), (2, "right")])
    found = pulled(settings, server)
    assert (found.pages, found.done, found.refused) == (pages, 2, Counter())
    # 2 people with 6 items each; who takes the first answer says yes.
    assert [vote.answer for vote in stored_votes()] == ["Yes"] * 12
    assert len(stored_votes(PageKind.REPEAT)) == 2
    assert len({vote.annotator_id for vote in stored_votes()}) == 2
    assert seat_states() == {SeatState.DONE: 2, SeatState.FREE: 2}
    again = pulled(settings, server)
    assert (again.pages, again.withdrawn, again.done) == (0, 0, 0)
    assert len(stored_votes()) == 12


def test_a_pull_that_is_killed_anywhere_and_run_again_brings_everything_once(
    settings: Settings, server: ScriptedServer
) -> None:
    created(settings, server)
    for number, stratum in enumerate(["left", "left", "right", "right"], start=1):
        answer_all(server, sit("pilot", f"p{number}", stratum, number), number)
    for call in range(2, 20):  # 4 projects of 12 pages, read by fives: 12 requests if nothing is in yet
        server.faults = [Fault(server.calls + call, KeyboardInterrupt(), after=True)]
        try:
            pulled(settings, server)
        except KeyboardInterrupt:
            continue
        break
    else:
        pytest.fail("no pull came to its end")
    assert len(stored_votes()) == 4 * 6
    assert seat_states() == {SeatState.DONE: 4}
    assert refused() == Counter()


def test_a_task_that_somebody_gives_the_name_of_anothers_page_neither_speaks_for_them_nor_takes_their_answer_back(
    settings: Settings, server: ScriptedServer
) -> None:
    created(settings, server)
    victim, thief = sit("pilot", "p1", "left", 1), sit("pilot", "p2", "left", 2)
    answer_all(server, victim, 1)
    answer_all(server, thief, 2)
    pulled(settings, server)
    [theirs, *_], owns = (
        [page.uid for page in pages_of("pilot", seat) if page.kind is PageKind.ITEM] for seat in (victim, thief)
    )
    no = json.dumps([{"from_name": "agree_0", "value": {"choices": ["No"]}}])
    forged = Annotation(id=999, person=1, result=no, seconds=2.0, skipped=False, updated_at=server.clock)
    for own, annotations in zip(owns, [(), (forged,)], strict=False):
        server.rename(own, theirs, annotations)
        found = pulled(settings, server)
        assert (found.pages, found.withdrawn) == (0, 0)
        assert Counter(vote.answer for vote in stored_votes()) == {"Yes": 12}
    assert refused() == {"not_dealt": 1}


def test_an_answer_that_is_changed_or_deleted_on_the_server_is_changed_and_deleted_here(
    settings: Settings, server: ScriptedServer
) -> None:
    created(settings, server)
    seat = sit("pilot", "p1", "left", 1)
    answer_all(server, seat, 1)
    pulled(settings, server)
    first, second = [page.uid for page in pages_of("pilot", seat) if page.kind is PageKind.ITEM][:2]
    changed, deleted = (server.state(uid).annotations[0].id for uid in (first, second))
    server.edit(first, changed, json.dumps([{"from_name": "agree_0", "value": {"choices": ["No"]}}]))
    server.withdraw(second, deleted)
    found = pulled(settings, server)
    assert (found.pages, found.withdrawn) == (1, 1)
    assert Counter(vote.answer for vote in stored_votes()) == {"Yes": 4, "No": 1}
    assert seat_states()[SeatState.DONE] == 0


def test_what_does_not_fit_is_refused_by_its_rule_and_the_rest_is_taken(
    settings: Settings, server: ScriptedServer
) -> None:
    created(settings, server)
    seat, free = sit("pilot", "p1", "left", 1), sit("pilot", "p2", "right", 2)
    pages = pages_of("pilot", seat)
    item, other, third = [page.uid for page in pages if page.kind is PageKind.ITEM][:3]
    server.answer(pages[0].uid, result_on(STUDY, pages[0]), person=1)
    server.answer(item, choice("Perhaps"), person=1)  # a choice that there is none of
    server.answer(other, choice("Yes"), person=1)
    server.answer(other, choice("No"), person=1)  # answered twice: the later one counts
    server.answer(third, choice("Yes"), person=9)  # not theirs
    server.answer(pages_of("pilot", free)[0].uid, skipped=True, person=2)
    found = pulled(settings, server)
    rules = {"unknown_answer": 1, "answered_again": 1, "not_their_page": 1, "skipped": 1}
    assert found.refused == rules == refused()
    assert [vote.answer for vote in stored_votes()] == ["No"]
    assert pulled(settings, server).pages == 0
    assert refused() == rules
    server.answer(item, choice("Yes"), person=1)
    assert pulled(settings, server).refused["unknown_answer"] == 0
    assert refused() == {"answered_again": 2, "not_their_page": 1, "skipped": 1}


def test_a_stranger_on_a_seat_that_nobody_has_is_refused_and_its_person_is_not_once_they_sit(
    settings: Settings, server: ScriptedServer
) -> None:
    created(settings, server)
    with open_warehouse(WAREHOUSE, read_only=True) as db:
        seat = next(seat for seat in campaigns.seats(db, "pilot") if seat.stratum == "left")
    answer_all(server, seat, 5)
    assert pulled(settings, server).refused == {"not_dealt": 12}
    assert stored_votes() == []
    assert sit("pilot", "p5", "left", 5).id == seat.id
    assert pulled(settings, server).refused == {}
    assert (len(stored_votes()), refused()) == (6, Counter())


def test_a_long_comment_with_emoji_comes_through_and_one_that_is_too_long_is_refused(
    settings: Settings, server: ScriptedServer
) -> None:
    created(settings, server)
    seat = sit("pilot", "p1", "left", 1)
    first, before = pages_of("pilot", seat)[:2]
    words = "\N{ROLLING ON THE FLOOR LAUGHING} <script>alert(1)</script> " * 400
    server.answer(first.uid, result_on(STUDY, first), person=1)
    server.answer(before.uid, written(words), person=1)
    pulled(settings, server)
    assert len(words) > 10_000
    assert [vote.answer for vote in stored_votes(PageKind.BEFORE)] == [words.strip()]
    server.answer(before.uid, written("x" * 20_001), person=1)
    assert pulled(settings, server).refused["too_long"] == 1
    assert stored_votes(PageKind.BEFORE) == []


def test_a_project_that_was_deleted_by_hand_is_told_and_made_anew_and_what_was_pulled_stays(
    settings: Settings, server: ScriptedServer
) -> None:
    created(settings, server)
    seat = sit("pilot", "p1", "left", 1)
    answer_all(server, seat, 1)
    server.answer(pages_of("pilot", seat)[-1].uid, result_on(STUDY, pages_of("pilot", seat)[-1]), person=3)
    pulled(settings, server)
    with open_warehouse(WAREHOUSE) as db:
        campaigns.set_seats(db, "pilot", [seat.id], SeatState.TAKEN)
        server.delete_project(campaign_people.projects(db, "pilot")[seat.id])
    found = pulled(settings, server)
    assert (found.gone, len(stored_votes())) == ([seat.id], 6)
    assert created(settings, server).added == 12
    assert pulled(settings, server).gone == []
    assert len(stored_votes()) == 6


@pytest.mark.parametrize("words", ["500: Internal Server Error", "500: database is locked", "does not answer"])
@pytest.mark.parametrize("after", [False, True])
def test_a_server_that_fails_now_and_then_loses_nothing_and_doubles_nothing(
    settings: Settings, server: ScriptedServer, words: str, after: bool
) -> None:
    def failing(every: int) -> list[Fault]:
        return [Fault(server.calls + call, ServerBusyError(words), after) for call in range(2, 60, every)]

    server.faults = failing(5)
    created(settings, server)
    assert server.uids() == dealt()
    answer_all(server, sit("pilot", "p1", "left", 1), 1)
    server.faults = failing(2)
    pulled(settings, server)
    assert len(stored_votes()) == 6


def test_a_server_that_stays_broken_ends_the_pull_and_keeps_what_came(
    settings: Settings, server: ScriptedServer
) -> None:
    created(settings, server)
    answer_all(server, sit("pilot", "p1", "left", 1), 1)
    broken = [Fault(server.calls + call, ServerBusyError("500"), after=False) for call in range(3, 99)]
    server.faults = broken
    with pytest.raises(ServerBusyError):
        pulled(settings, server)
    kept = len(stored_votes())
    server.faults = []
    pulled(settings, server)
    assert 0 < kept < len(stored_votes()) == 6


def test_a_campaign_that_is_not_there_or_not_wholly_pushed_is_not_pulled(
    settings: Settings, server: ScriptedServer
) -> None:
    with pytest.raises(BuildError, match="holds no campaign 'pilot'"):
        pulled(settings, server)
    server.faults = [Fault(5, KeyboardInterrupt(), after=True)]
    with pytest.raises(KeyboardInterrupt):
        created(settings, server)
    with pytest.raises(BuildError, match="run its `campaign create` again"):
        pulled(settings, server)


def test_raw_answers_are_kept_only_where_somebody_asks_and_each_state_once(
    settings: Settings, server: ScriptedServer
) -> None:
    created(settings, server)
    seat = sit("pilot", "p1", "left", 1)
    answer_all(server, seat, 1)
    pulled(settings, server)
    assert not list(Path().glob("**/*.jsonl"))
    for _ in range(2):
        with open_warehouse(WAREHOUSE) as db:
            campaigns.set_projects(db, "pilot", dict.fromkeys([seat.id], 0))
            campaigns.set_projects(db, "pilot", {seat.id: server.projects(f"pilot/{seat.id}")[0].id})
        pull_campaign(settings, "pilot", server, keep_raw=Path("raw"))
    lines = Path("raw", "pilot", f"{seat.id}.jsonl").read_text().splitlines()
    assert len(lines) == 12
    assert {json.loads(line)["uid"] for line in lines} == {page.uid for page in pages_of("pilot", seat)}


def choice(answer: str) -> str:
    return json.dumps([{"from_name": "agree_0", "value": {"choices": [answer]}}])


def written(words: str) -> str:
    return json.dumps([{"from_name": "missing_open_0", "value": {"text": [words]}}])
