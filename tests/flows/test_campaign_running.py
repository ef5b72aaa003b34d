"""A campaign on a server that does as it is told: created, answered, pulled."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
import stamina

from annotation.exchange.server import ServerBusyError, ServerRefusedError
from annotation.vocabulary import load_study
from flows.campaign_creating import OnServer, create
from flows.campaign_ending import end
from flows.campaign_planning import Wanted
from flows.campaign_pulling import Pulled, pull_campaign
from flows.campaign_redealing import redeal_campaign
from flows.campaign_server import annotation_server, refuser
from flows.settings import Settings, as_flags, load
from tests.annotation.exchange.scripted_server import Fault, ScriptedServer
from tests.flows.building import WAREHOUSE
from tests.flows.campaigning import pages_of, result_on, sit, write_items
from tests.flows.command_line import valueprism
from valueprism_build.campaigns import CampaignState, PageKind, Seat, SeatState
from valueprism_build.errors import BuildError, SettingsError
from valueprism_build.records import Vote
from warehouse import campaign_people, campaigns, rejected, votes
from warehouse.checks import run_checks
from warehouse.connect import open_warehouse

STUDY = load_study("agreement")[0]
WANTED = Wanted("agreement", {"left": 2, "right": 2}, 4, 2, None, 0)
URL = "http://server.test"
PLAIN = f'''
[label_studio]
base_url = "{URL}"
push_tasks = 7
pull_tasks = 5
store_tasks = 5
[planting]
gold = 0
repeats = 0.2
apart = 1
'''


@pytest.fixture(autouse=True)
def _no_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=5, cap=True):
        yield


@pytest.fixture
def settings() -> Settings:
    Path("valueprism.toml").write_text(PLAIN)
    write_items()
    return load({"warehouse": str(WAREHOUSE)})


@pytest.fixture
def server() -> ScriptedServer:
    return ScriptedServer()


def created(settings: Settings, server: ScriptedServer, wanted: Wanted = WANTED) -> OnServer:
    return create(settings, "pilot", wanted, server)


def pulled(settings: Settings, server: ScriptedServer) -> Pulled:
    return pull_campaign(settings, "pilot", server)


def dealt() -> list[str]:
    with open_warehouse(WAREHOUSE, read_only=True) as db:
        return sorted(page.uid for page in campaigns.pages(db, "pilot"))


def answer_all(server: ScriptedServer, seat: Seat, person: int) -> int:
    """Let the seat's person answer everything, and return how many pages that is."""
    pages = pages_of("pilot", seat)
    for page in pages:
        server.answer(page.uid, result_on(STUDY, page), person=person)
    return len(pages)


def stored_votes(kind: PageKind = PageKind.ITEM) -> Sequence[Vote]:
    with open_warehouse(WAREHOUSE, read_only=True) as db:
        assert run_checks(db) == []
        return votes.read(db, "pilot", [kind])


def refused() -> Counter[str]:
    with open_warehouse(WAREHOUSE, read_only=True) as db:
        return rejected.of_pages(db, refuser("pilot"))


def seat_states() -> Counter[SeatState]:
    with open_warehouse(WAREHOUSE, read_only=True) as db:
        return Counter(seat.state for seat in campaigns.seats(db, "pilot"))


def test_a_campaign_is_stored_and_pushed_page_by_page_once(settings: Settings, server: ScriptedServer) -> None:
    done = created(settings, server)
    # 4 situations for one person of each group; of 2 people each gets 2 of them: consent, 2 * (1 + 3 + 1) pages and 1
    # repeat of 6 items (.2 of them, rounded).
    assert done == OnServer("pilot", URL, projects=4, pages=4 * 12, added=4 * 12)
    assert server.uids() == dealt()
    # Campaigns that run have these titles on their server: under others they would be pushed once more.
    assert [project.title for project in server.projects("")] == [
        "pilot/left-0001",
        "pilot/left-0002",
        "pilot/right-0001",
        "pilot/right-0002",
    ]
    assert created(settings, server) == OnServer("pilot", URL, projects=4, pages=48, added=0)
    assert server.uids() == dealt()
    with open_warehouse(WAREHOUSE, read_only=True) as db:
        found = campaigns.find(db, "pilot")
        assert found is not None
        assert found.state is CampaignState.RUNNING
        assert campaign_people.server(db, "pilot") == URL
        assert run_checks(db) == []


@pytest.mark.parametrize(
    ("other", "told"),
    [
        (WANTED._replace(study="quality"), "the study"),
        (WANTED._replace(seed=1), "seed 0, not 1"),
        (WANTED._replace(overlap=1), "overlap 2, not 1"),
        (WANTED._replace(block=9), "block None, not 9"),
        (WANTED._replace(people={"left": 2, "right": 3}), "people"),
    ],
)
def test_another_campaign_of_that_name_is_refused_with_what_differs(
    settings: Settings, server: ScriptedServer, other: Wanted, told: str
) -> None:
    created(settings, server)
    with pytest.raises(BuildError, match=f"there is a campaign 'pilot' with {told}"):
        created(settings, server, other)
    assert server.uids() == dealt()


@pytest.mark.parametrize("name", ["", "Pilot", "a/b", "-a", "a b", "x" * 60])
def test_a_name_that_would_not_do_as_a_title_is_refused(settings: Settings, server: ScriptedServer, name: str) -> None:
    with pytest.raises(BuildError, match=r"cannot be called|would be called"):
        create(settings, name, WANTED, server)


@pytest.mark.parametrize("stratum", ["a/b", "..", ""])
def test_a_stratum_that_would_not_do_as_a_file_name_is_refused(
    settings: Settings, server: ScriptedServer, stratum: str
) -> None:
    with pytest.raises(BuildError, match="a stratum cannot be called"):
        create(settings, "pilot", WANTED._replace(people={stratum: 4}), server)


# Looking whether the token is taken, listing, and for each of 4 projects its creation and two requests of tasks.
@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("call", [1, 2, 3, 4, 5, 9, 14])
def test_a_create_that_is_killed_anywhere_and_run_again_leaves_every_page_once(
    settings: Settings, server: ScriptedServer, call: int, after: bool
) -> None:
    server.faults = [Fault(call, KeyboardInterrupt(), after)]
    with pytest.raises(KeyboardInterrupt):
        created(settings, server)
    assert created(settings, server).pages == 48
    assert server.uids() == dealt()


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


def test_a_label_config_that_was_edited_by_hand_is_refused_with_what_differs(
    settings: Settings, server: ScriptedServer
) -> None:
    created(settings, server)
    server.edit_config("pilot/left-0001", "Yes", "Yes, always")
    with pytest.raises(ServerRefusedError, match=r"(?s)'pilot/left-0001' was edited on the server.*-.*Yes, always"):
        created(settings, server)


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


def test_a_campaign_is_not_looked_for_on_another_server(settings: Settings, server: ScriptedServer) -> None:
    created(settings, server)
    Path("valueprism.toml").write_text(PLAIN.replace(URL, "http://other.test"))
    elsewhere = load({"warehouse": str(WAREHOUSE)})
    with pytest.raises(BuildError, match=f"runs on {URL}; http://other.test has none of its projects"):
        pulled(elsewhere, ScriptedServer())
    assert pulled(elsewhere, server).projects == 4  # the same server at another address
    with open_warehouse(WAREHOUSE, read_only=True) as db:
        assert campaign_people.server(db, "pilot") == "http://other.test"


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


def test_a_campaign_that_has_ended_seats_nobody_and_takes_late_answers_but_no_more_pages(
    settings: Settings, server: ScriptedServer
) -> None:
    created(settings, server)
    seat = sit("pilot", "p1", "left", 1)
    assert end(settings, "pilot", server).projects == 4
    assert seat_states() == {SeatState.TAKEN: 1, SeatState.CLOSED: 3}
    answer_all(server, seat, 1)
    assert pulled(settings, server).done == 1
    with pytest.raises(BuildError, match="'pilot' has ended"):
        created(settings, server)
    with pytest.raises(BuildError, match="'pilot' has ended"):
        redeal_campaign(settings, "pilot", server, people={}, stopped_after=None, now=datetime.now(UTC))


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('base_url = "http://me:secret-word@server.test"', "base_url holds a user name"),
        ("pull_tasks = 0", "pull_tasks is 0"),
        ("colour = 1", "unknown setting colour"),
    ],
)
def test_settings_of_the_server_that_cannot_be_are_said(line: str, told: str) -> None:
    Path("valueprism.toml").write_text(f"[label_studio]\n{line}\n")
    with pytest.raises(SettingsError, match=told) as refused:
        load({})
    assert "secret-word" not in str(refused.value)


def test_the_token_is_neither_shown_nor_recorded_and_its_lack_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VALUEPRISM_LABEL_STUDIO__TOKEN", "a-canary-token")
    found = load({"label_studio": {"base_url": URL}})
    assert found.label_studio.token == "a-canary-token"
    assert "canary" not in repr(found) + str(as_flags(found))
    monkeypatch.delenv("VALUEPRISM_LABEL_STUDIO__TOKEN")
    with (
        pytest.raises(SettingsError, match="set VALUEPRISM_LABEL_STUDIO__TOKEN"),
        annotation_server(load({"label_studio": {"base_url": URL}})),
    ):
        pass
    assert (
        valueprism("campaign", "pull", "pilot").complaint
        == "no annotation server; give base_url under [label_studio] in valueprism.toml"
    )


def choice(answer: str) -> str:
    return json.dumps([{"from_name": "agree_0", "value": {"choices": [answer]}}])


def written(words: str) -> str:
    return json.dumps([{"from_name": "missing_open_0", "value": {"text": [words]}}])
