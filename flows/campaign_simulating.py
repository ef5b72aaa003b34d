"""A campaign from plan to votes with people who do not exist, in a warehouse that is gone when it ends."""

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import numpy as np

from annotation.attention import Attention, attention
from annotation.collecting import Collected, Dealt, collect
from annotation.exchange.server import TaskState
from annotation.planning import Plan, redeal, still_wanted
from annotation.simulated_people import Crowd, SimulatedPeople
from flows import progress
from flows.campaign_planning import Planned, Wanted, plan_campaign
from flows.settings import Settings
from valueprism_build.campaigns import Campaign, CampaignState, Page, PageKind, Seat, SeatState
from valueprism_build.records import Vote
from warehouse import campaigns, votes
from warehouse.batches import transaction
from warehouse.checks import Offence, run_checks
from warehouse.connect import open_in_memory

START: Final = datetime(2026, 1, 1, tzinfo=UTC)
"""When everybody begins; nothing depends on it."""
MOST_ROUNDS: Final = 20
"""Where everybody leaves, replacing them would have no end."""


@dataclass(frozen=True, slots=True)
class Simulated:
    """What came of a campaign.

    Attributes:
        rounds: of dealing; one more each time that people left.
        people: who took a seat.
        left: of them, who stopped on the way.
        short: answers that some unit lacks of some stratum's quota at the end.
        rejected: what was refused, by rule.
        speeders: ids of those who answered anything.
        offences: checks of the warehouse that fail.
    """

    rounds: int
    people: int
    left: int
    short: int
    votes: Sequence[Vote]
    rejected: Mapping[str, int]
    attention: Sequence[Attention]
    speeders: frozenset[str]
    offences: Sequence[Offence]


def simulate(settings: Settings, wanted: Wanted, crowd: Crowd) -> Simulated:
    """Run a campaign with simulated people; who leaves is replaced.

    Raises:
        WarehouseError: there is no warehouse, or it cannot be read.
        BuildError: as of `plan_campaign`.
    """
    planned = plan_campaign(settings, wanted, campaign="simulation")
    with closing(_Run(planned, crowd)) as run, progress.stage("simulating people", None) as advance:
        gone = run.answer(advance)
        while gone and run.rounds < MOST_ROUNDS:
            run.replace(gone)
            gone = run.answer(advance)
        return run.ended()


class _Run:
    def __init__(self, planned: Planned, crowd: Crowd) -> None:
        self._db = open_in_memory()
        self._planned = planned
        self._id = planned.design.campaign
        self._items = {item.id: item for item in (*planned.items, *planned.design.gold)}
        rng = np.random.default_rng([planned.wanted.seed, 1])
        self._crowd = SimulatedPeople(planned.design.study, self._items, crowd, rng)
        self._rejected: Counter[str] = Counter()
        self._speeders: set[str] = set()
        self._answered: set[str] = set()
        self._left = 0
        self._people = 0
        self.rounds = 0
        self._store(planned.plan)

    def close(self) -> None:
        """Let the warehouse go."""
        self._db.close()

    def answer(self, advance: progress.Advance) -> Counter[str]:
        """Let people take every free seat that has pages, and return how many of each stratum left."""
        self.rounds += 1
        by_seat: dict[str, list[Page]] = {}
        for page in campaigns.pages(self._db, self._id):
            by_seat.setdefault(page.seat_id, []).append(page)
        free = [seat for seat in campaigns.seats(self._db, self._id) if seat.state is SeatState.FREE]
        deal: dict[str, Dealt] = {}
        states: list[TaskState] = []
        gone: list[Seat] = []
        for seat in (seat for seat in free if seat.id in by_seat):
            dealt, said = self._sit(seat, by_seat[seat.id])
            deal |= dealt
            states += said
            if len(said) < len(dealt):
                gone.append(seat)
            advance(1, "")
        self._keep(collect(self._planned.design.study, deal, states))
        campaigns.set_seats(self._db, self._id, [seat.id for seat in free if seat.id in by_seat], SeatState.DONE)
        campaigns.set_seats(self._db, self._id, [seat.id for seat in gone], SeatState.CLOSED)
        self._left += len(gone)
        return Counter(seat.stratum for seat in gone)

    def replace(self, gone: Mapping[str, int]) -> None:
        """Deal what those who left have not answered to others, and to so many new people."""
        seats, pages = campaigns.seats(self._db, self._id), campaigns.pages(self._db, self._id)
        self._store(redeal(self._planned.design, seats, pages, self._answered, gone))

    def ended(self) -> Simulated:
        """Return what came of it."""
        db, design = self._db, self._planned.design
        wanted = still_wanted(design, campaigns.seats(db, self._id), campaigns.pages(db, self._id), self._answered)
        on_items, on_gold, on_repeats = (
            votes.read(db, self._id, [kind]) for kind in (PageKind.ITEM, PageKind.GOLD, PageKind.REPEAT)
        )
        return Simulated(
            rounds=self.rounds,
            people=self._people,
            left=self._left,
            short=sum(one.people for one in wanted),
            votes=on_items,
            rejected=self._rejected,
            attention=attention(design.study, self._items, on_items, on_gold, on_repeats),
            speeders=frozenset(self._speeders),
            offences=run_checks(db),
        )

    def _store(self, planned: Plan) -> None:
        campaign = Campaign(self._id, self._planned.study, self._planned.wanted.seed, "", CampaignState.RUNNING, START)
        shown = {page.item_id for page in planned.pages}
        items = [item for item in self._items.values() if item.gold is None or item.id in shown]
        campaigns.add(self._db, campaign, items, planned.seats, planned.pages)

    def _sit(self, seat: Seat, pages: Sequence[Page]) -> tuple[dict[str, Dealt], list[TaskState]]:
        """Give the seat to somebody, and return their pages and as many answers as they come to."""
        self._people += 1
        annotator_id = f"person {self._people}"
        campaigns.take_seat(self._db, self._id, seat.stratum, annotator_id)
        who = self._crowd.person(self._people, seat.stratum, len(pages))
        if who.speeds:
            self._speeders.add(annotator_id)
        deal = {page.uid: Dealt(page, annotator_id, who.number) for page in pages}
        return deal, self._crowd.answered(who, pages, START)

    def _keep(self, collected: Collected) -> None:
        with transaction(self._db):
            votes.add_annotators(self._db, collected.annotators)
            votes.store(self._db, collected.answered)
        self._rejected.update(row.rule for row in collected.rejected)
        self._answered |= {page.uid for page in collected.answered}
