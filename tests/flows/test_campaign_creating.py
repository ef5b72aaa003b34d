"""A campaign on a server that does as it is told: stored, and pushed page by page."""

import pytest

from annotation.exchange.server import ServerRefusedError
from flows.campaign_creating import OnServer, create
from flows.campaign_planning import Wanted
from flows.settings import Settings
from tests.annotation.exchange.scripted_server import Fault, ScriptedServer
from tests.flows.building import WAREHOUSE
from tests.flows.campaigning import IN_PARTS, URL, WANTED, configured, created, dealt
from valueprism_build.campaigns import CampaignState
from valueprism_build.errors import BuildError
from warehouse import campaign_people, campaigns
from warehouse.checks import run_checks
from warehouse.connect import open_warehouse

pytestmark = pytest.mark.usefixtures("no_waiting")


@pytest.fixture
def settings() -> Settings:
    return configured(IN_PARTS)


@pytest.fixture
def server() -> ScriptedServer:
    return ScriptedServer()


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


def test_a_label_config_that_was_edited_by_hand_is_refused_with_what_differs(
    settings: Settings, server: ScriptedServer
) -> None:
    created(settings, server)
    server.edit_config("pilot/left-0001", "Yes", "Yes, always")
    with pytest.raises(ServerRefusedError, match=r"(?s)'pilot/left-0001' was edited on the server.*-.*Yes, always"):
        created(settings, server)
