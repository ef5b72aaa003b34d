"""A campaign with people who do not exist on a real server: created, answered, pulled and dealt again as any other.

It runs in a copy of the warehouse, and its projects and accounts are deleted at its end. What people answer is imported
with their names on it, for a server takes only some annotations a second one by one.
"""

import shutil
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple
from uuid import uuid4

import numpy as np

from annotation.attention import attention
from annotation.exchange.server import Annotation, Block, SimulationServer, Task, TaskState
from annotation.planning import still_wanted
from annotation.pseudonyms import ACCOUNT_DOMAIN
from annotation.simulated_people import Crowd, SimulatedPeople
from flows import progress
from flows.campaign_creating import blocks_of, create
from flows.campaign_planning import Wanted
from flows.campaign_pulling import pull_campaign
from flows.campaign_redealing import redeal_campaign
from flows.campaign_server import prefix, refuser, stored
from flows.campaign_shape import design_of
from flows.campaign_simulating import MOST_ROUNDS, START, Simulated
from flows.campaign_status import seen
from flows.settings import Settings
from flows.storage import Storage
from valueprism_build.campaigns import Page, PageKind, Seat, SeatPerson, SeatState
from warehouse import campaign_people, campaigns, rejected, votes
from warehouse.checks import run_checks
from warehouse.connect import WAREHOUSE_FILE

_NAME_DIGITS: Final = 8


def simulate_on_server(settings: Settings, wanted: Wanted, crowd: Crowd, server: SimulationServer) -> Simulated:
    """Run a campaign with simulated people on the server; who leaves is replaced.

    Raises:
        WarehouseError: there is no warehouse, or it cannot be read.
        BuildError: as of `create`, `pull_campaign` and `redeal_campaign`.
    """
    name = f"simulation-{uuid4().hex[:_NAME_DIGITS]}"
    progress.say(f"simulating as campaign {name}: its projects and accounts are deleted in the end")
    with TemporaryDirectory(prefix="valueprism-") as folder:
        _copy(settings, Path(folder))
        apart = settings.model_copy(update={"warehouse": Path(folder)})
        run = _Run(apart, name, server)
        try:
            create(apart, name, wanted, server)
            run.invite(crowd)
            gone = run.answer()
            while gone and run.rounds < MOST_ROUNDS:
                redeal_campaign(apart, name, server, people=gone, stopped_after=None, now=datetime.now(UTC))
                gone = run.answer()
            return run.ended()
        finally:
            run.clear()


def _copy(settings: Settings, folder: Path) -> None:
    """Copy the warehouse, with what a writer that was killed has left beside it."""
    with Storage(settings).open(read_only=True):  # nobody writes meanwhile
        for path in settings.warehouse.glob(f"{WAREHOUSE_FILE}*"):
            shutil.copy(path, folder)


class Sitter(NamedTuple):
    """Somebody who has sat down, and by which number the server knows them."""

    annotator_id: str
    number: int
    stratum: str


class _Run:
    def __init__(self, settings: Settings, name: str, server: SimulationServer) -> None:
        self._settings = settings
        self._name = name
        self._server = server
        self._storage = Storage(settings)
        self._persons: list[int] = []
        self._speeders: set[str] = set()
        self._left = 0
        self.rounds = 0

    def invite(self, crowd: Crowd) -> None:
        """Let the crowd know what the campaign is about."""
        campaign = stored(self._settings, self._name)
        with self._storage.open(read_only=True) as db:
            self._items = {item.id: item for item in campaigns.items(db, self._name)}
        self._design = design_of(campaign, list(self._items.values()))
        rng = np.random.default_rng([campaign.seed, 1])
        self._crowd = SimulatedPeople(self._design.study, self._items, crowd, rng)

    def answer(self) -> Counter[str]:
        """Let people take every free seat that has pages, pull, and return how many of each stratum left."""
        self.rounds += 1
        by_seat: defaultdict[str, list[Page]] = defaultdict(list)
        with self._storage.open(read_only=True) as db:
            for page in campaigns.pages(db, self._name):
                by_seat[page.seat_id].append(page)
            seats = campaigns.seats(db, self._name)
        free = [seat for seat in seats if seat.state is SeatState.FREE and by_seat[seat.id]]
        blocks = {one.title: one for one in blocks_of(self._settings, self._name)}
        seated = self._seat(free)
        gone: list[Seat] = []
        projects: dict[str, int] = {}
        with progress.stage("simulating people", len(free)) as advance:
            for seat in free:
                said = self._said(seated[seat.id], by_seat[seat.id])
                projects[seat.id] = self._put(blocks[f"{prefix(self._name)}{seat.id}"], said)
                gone += [seat] if len(said) < len(by_seat[seat.id]) else []
                advance(1, "")
        with self._storage.open() as db:
            campaigns.set_projects(db, self._name, projects)
        pull_campaign(self._settings, self._name, self._server, projects=projects.values())
        with self._storage.open() as db:
            campaigns.set_seats(db, self._name, [seat.id for seat in gone], SeatState.CLOSED)
        self._left += len(gone)
        return Counter(seat.stratum for seat in gone)

    def _seat(self, free: Sequence[Seat]) -> Mapping[str, Sitter]:
        """Give every seat to somebody new, and return who it is, by seat."""
        emails = [f"{self._name}-{len(self._persons) + place}@{ACCOUNT_DOMAIN}" for place in range(1, len(free) + 1)]
        numbers = [self._server.add_person(email) for email in emails]
        self._persons += numbers
        seated = {}
        with self._storage.open() as db:
            for seat, email, number in zip(free, emails, numbers, strict=True):
                taken = campaigns.take_seat(db, self._name, seat.stratum, email)
                if taken is None:
                    raise ValueError(f"no seat of {seat.stratum} is free, though {seat.id} is; is it given twice?")
                campaign_people.set_person(db, self._name, SeatPerson(taken.id, number, email, datetime.now(UTC)))
                seated[taken.id] = Sitter(email, number, taken.stratum)
        return seated

    def _said(self, one: Sitter, pages: Sequence[Page]) -> Mapping[str, TaskState]:
        """Return what somebody answers, by page."""
        who = self._crowd.person(one.number, one.stratum, len(pages))
        if who.speeds:
            self._speeders.add(one.annotator_id)
        return {state.uid: state for state in self._crowd.answered(who, pages, START)}

    def _put(self, block: Block, said: Mapping[str, TaskState]) -> int:
        """Put in the place of the block's project one in which so much has been answered, and return its id."""
        for project in self._server.projects(block.title):
            if project.title == block.title:
                self._server.delete_project(project.id)
        made = self._server.create_project(block.title, block.label_config)
        answered: list[tuple[Task, Annotation]] = [
            (task, said[task.uid].annotations[0]) for task in block.tasks if task.uid in said
        ]
        if answered:
            self._server.add_answered(made.id, answered)
        if rest := [task for task in block.tasks if task.uid not in said]:
            self._server.add_tasks(made.id, rest)
        return made.id

    def ended(self) -> Simulated:
        """Return what came of it."""
        with self._storage.open(read_only=True) as db:
            found, usable = seen(db, self._name), votes.usable_pages(db, self._name)
            on_gold, on_repeats = (votes.read(db, self._name, [kind]) for kind in (PageKind.GOLD, PageKind.REPEAT))
            return Simulated(
                rounds=self.rounds,
                people=len(self._persons),
                left=self._left,
                short=sum(one.people for one in still_wanted(self._design, found.seats, found.pages, usable)),
                votes=found.votes,
                rejected=rejected.of_pages(db, refuser(self._name)),
                attention=attention(self._design.study, self._items, found.votes, on_gold, on_repeats),
                speeders=frozenset(self._speeders),
                offences=run_checks(db),
            )

    def clear(self) -> None:
        """Delete the campaign's projects and accounts on the server."""
        for project in self._server.projects(prefix(self._name)):
            self._server.delete_project(project.id)
        for person in self._persons:
            self._server.delete_person(person)
