"""A campaign on a server that does as it is told: created, answered, pulled."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
import stamina

from annotation.vocabulary import load_study
from flows.campaign_creating import OnServer, create
from flows.campaign_planning import Wanted
from flows.campaign_pulling import Pulled, pull_campaign
from flows.settings import Settings, load
from tests.annotation.exchange.scripted_server import Fault, ScriptedServer
from tests.flows.building import WAREHOUSE
from tests.flows.campaigning import pages_of, result_on, sit, write_items
from valueprism_build.campaigns import CampaignState, PageKind, Seat, SeatState
from valueprism_build.errors import BuildError
from valueprism_build.records import Vote
from warehouse import campaign_people, campaigns, votes
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
        rows = db.execute("SELECT rule, times FROM rejected WHERE stage = 'annotate'").fetchall()
    return Counter(dict(rows))


def seat_states() -> Counter[SeatState]:
    with open_warehouse(WAREHOUSE, read_only=True) as db:
        return Counter(seat.state for seat in campaigns.seats(db, "pilot"))


def test_a_campaign_is_stored_and_pushed_page_by_page_once(settings: Settings, server: ScriptedServer) -> None:
    done = created(settings, server)
    # 4 situations for one person of each group; of 2 people each gets 2 of them: consent, 2 * (1 + 3 + 1) pages and 1
    # repeat of 6 items (.2 of them, rounded).
    assert done == OnServer("pilot", URL, projects=4, pages=4 * 12, added=4 * 12)
    assert server.uids() == dealt()
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
