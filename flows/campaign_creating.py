"""A campaign from plan to server: stored first, then pushed, a project for each seat. The same command goes on."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from annotation.exchange.push import push
from annotation.exchange.server import AnnotationServer, Block
from annotation.pages import block
from annotation.vocabulary import load_study, parse_study
from flows import progress
from flows.campaign_planning import Wanted, plan_campaign, refuse_stratum
from flows.campaign_server import prefix, refuse_ended
from flows.campaign_shape import Shape, differences
from flows.settings import Settings
from flows.storage import Storage
from valueprism_build.campaigns import Campaign, CampaignState, Page, SeatState
from valueprism_build.errors import BuildError
from warehouse import campaign_people, campaigns
from warehouse.connect import WAREHOUSE_FILE

TITLE_AT_MOST: Final = 50
"""Characters of a project's title that a Label Studio takes."""
_NAME: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_OPEN: Final = (SeatState.FREE, SeatState.TAKEN)


@dataclass(frozen=True, slots=True)
class OnServer:
    """What a push has come to.

    Attributes:
        projects: of seats that are open.
        pages: in them.
        added: pages that were sent this time.
    """

    campaign: str
    base_url: str
    projects: int
    pages: int
    added: int


def create(settings: Settings, name: str, wanted: Wanted, server: AnnotationServer) -> OnServer:
    """Plan and store the campaign unless it is stored, and bring to the server what lacks there.

    Raises:
        BuildError: the name cannot be, another campaign has it, or as of `plan_campaign` and `push`.
    """
    if not _NAME.fullmatch(name):
        raise BuildError(f"a campaign cannot be called {name!r}; use lower-case letters, digits and single hyphens")
    for stratum in wanted.people:
        _refuse_stratum(name, stratum)
    server.projects(prefix(name))  # a refused token is said before anything is planned
    study_text = load_study(wanted.study)[1]
    shape = Shape.of(settings, wanted).toml
    asked = Campaign(name, study_text, wanted.seed, shape, CampaignState.PLANNED, datetime.now(UTC))
    before = _find(settings, name)
    if before is None:
        _plan(settings, asked, wanted)
    elif wrong := differences(before, asked):
        raise BuildError(
            f"there is a campaign {name!r} with {'; '.join(wrong)}; give this one another name, or the same flags"
        )
    else:
        refuse_ended(before)
    return to_server(settings, name, server)


def to_server(settings: Settings, name: str, server: AnnotationServer) -> OnServer:
    """Bring every open seat's block to the server, each page exactly once, and note the projects.

    Raises:
        ServerBusyError: likewise `ServerRefusedError`, as of `push`.
    """
    storage, there = Storage(settings), settings.label_studio
    with storage.open() as db:
        campaign_people.set_server(db, name, there.base_url.rstrip("/"))
        opened = campaigns.cursors(db, name)
    blocks = blocks_of(settings, name)
    pages = sum(len(one.tasks) for one in blocks)
    with progress.stage("pushing pages", pages) as advance:
        pushed = push(
            server,
            blocks,
            prefix=prefix(name),
            opened=opened,
            tasks_at_once=there.push_tasks,
            attempts=there.attempts,
            on_block=lambda one: advance(len(one.tasks), one.title),
        )
    with storage.open() as db:
        seats = {title.removeprefix(prefix(name)): project for title, project in pushed.project_ids.items()}
        campaigns.set_projects(db, name, seats)
        campaigns.set_state(db, name, CampaignState.RUNNING)
    return OnServer(name, there.base_url.rstrip("/"), len(blocks), pages, pushed.added)


def _find(settings: Settings, name: str) -> Campaign | None:
    if not (settings.warehouse / WAREHOUSE_FILE).exists():
        return None  # planning says so in its own words
    with Storage(settings).open() as db:
        return campaigns.find(db, name)


def _plan(settings: Settings, campaign: Campaign, wanted: Wanted) -> None:
    planned = plan_campaign(settings, wanted, campaign=campaign.id)
    with Storage(settings).open() as db:
        campaigns.add(db, replace(campaign, study=planned.study), planned.items, planned.plan.seats, planned.plan.pages)


def blocks_of(settings: Settings, name: str) -> Sequence[Block]:
    """Return the block of every open seat that has pages."""
    with Storage(settings).open(read_only=True) as db:
        campaign = campaigns.find(db, name)
        items = {item.id: item for item in campaigns.items(db, name)}
        seats = [seat for seat in campaigns.seats(db, name) if seat.state in _OPEN]
        pages = campaigns.pages(db, name)
    study = parse_study("" if campaign is None else campaign.study, f"of campaign {name}")
    by_seat: defaultdict[str, list[Page]] = defaultdict(list)
    for page in pages:
        by_seat[page.seat_id].append(page)
    return [block(study, f"{prefix(name)}{seat.id}", by_seat[seat.id], items) for seat in seats if by_seat[seat.id]]


def _refuse_stratum(name: str, stratum: str) -> None:
    refuse_stratum(stratum)
    title = f"{prefix(name)}{stratum}-0000"
    if len(title) > TITLE_AT_MOST:
        raise BuildError(
            f"a project would be called {title!r}: {len(title)} characters, at most {TITLE_AT_MOST}; give the campaign "
            "or the stratum a shorter name"
        )
