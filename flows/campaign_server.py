"""A campaign that runs on a server: what is stored of it, and the connection."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from annotation.exchange.label_studio import LabelStudioServer
from annotation.exchange.server import AnnotationServer
from annotation.vocabulary import Study, parse_study
from flows.settings import Settings
from flows.storage import Storage
from valueprism_build.campaigns import Campaign, CampaignState
from valueprism_build.errors import BuildError, SettingsError
from warehouse import campaign_people, campaigns


@dataclass(frozen=True, slots=True)
class Running:
    """A campaign on a server.

    Attributes:
        projects: of each seat that has one, by the seat's id.
    """

    campaign: Campaign
    study: Study
    projects: dict[str, int]


def prefix(campaign_id: str) -> str:
    """Return with what the titles of the campaign's projects begin, and of no other's."""
    return f"{campaign_id}/"


def refuser(campaign_id: str) -> str:
    """Return the run under which answers to the campaign are refused: there is one, however often it is pulled."""
    return f"campaign {campaign_id}"


@contextmanager
def annotation_server(settings: Settings) -> Iterator[LabelStudioServer]:
    """Connect to the server of the settings.

    Raises:
        SettingsError: they name none, or no token.
    """
    there = settings.label_studio
    if not there.base_url:
        raise SettingsError("no annotation server; give base_url under [label_studio] in valueprism.toml")
    if not there.token:
        raise SettingsError(
            "no token for the annotation server; set VALUEPRISM_LABEL_STUDIO__TOKEN to a personal access token "
            "from its page Account & Settings"
        )
    with LabelStudioServer(there.base_url, there.token, timeout=there.timeout_seconds) as server:
        yield server


def stored(settings: Settings, name: str) -> Campaign:
    """Return the campaign of this name.

    Raises:
        BuildError: there is none.
    """
    with Storage(settings).open(read_only=True) as db:
        found = campaigns.find(db, name)
    if found is None:
        raise BuildError(f"{settings.warehouse} holds no campaign {name!r}; `valueprism campaign create` makes one")
    return found


def refuse_ended(campaign: Campaign) -> None:
    """Refuse to bring more of a campaign that is over to people.

    Raises:
        BuildError: it has ended.
    """
    if campaign.state is CampaignState.ENDED:
        raise BuildError(f"campaign {campaign.id!r} has ended; ask more people by a new one, under another name")


def running(settings: Settings, name: str, server: AnnotationServer) -> Running:
    """Return the campaign of this name, which has been pushed to this server.

    A server that has the campaign's projects is its server, whatever its address was before; that is noted.

    Raises:
        BuildError: there is no such campaign, it was not pushed yet, or it is on another server.
    """
    campaign = stored(settings, name)
    storage, url = Storage(settings), settings.label_studio.base_url.rstrip("/")
    with storage.open(read_only=True) as db:
        projects, before = campaign_people.projects(db, name), campaign_people.server(db, name)
    if campaign.state is CampaignState.PLANNED or not projects:
        raise BuildError(f"campaign {name!r} is not wholly on a server yet; run its `campaign create` again")
    if before != url:
        there = {project.title: project.id for project in server.projects(prefix(name))}
        if not any(there.get(f"{prefix(name)}{seat}") == project for seat, project in projects.items()):
            raise BuildError(f"campaign {name!r} runs on {before}; {url} has none of its projects")
        with storage.open() as db:
            campaign_people.set_server(db, name, url)
    return Running(campaign, parse_study(campaign.study, f"of campaign {name}"), projects)
