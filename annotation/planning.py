"""A whole campaign on paper: seats for so many people of each stratum, and the pages of each seat."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from annotation.blocks import lay_out
from annotation.dealing import Demand, Given, Room, Unit, deal, outstanding, quotas
from annotation.settings import PlantingSettings
from annotation.vocabulary import Study
from valueprism_build.campaigns import CampaignItem, Page, PageKind, Seat, SeatState


@dataclass(frozen=True, slots=True)
class Design:
    """What decides who is asked about what.

    Attributes:
        campaign: its id.
        units: what is asked about.
        people: seats of each stratum.
        overlap: people a unit, over all strata.
        block: units a person, at most; None for as few as will do.
        gold: items to plant.
    """

    campaign: str
    study: Study
    units: tuple[Unit, ...]
    people: Mapping[str, int]
    overlap: int
    block: int | None
    gold: tuple[CampaignItem, ...]
    planting: PlantingSettings
    seed: int

    @property
    def demands(self) -> list[Demand]:
        """Return how many people of each stratum every unit gets."""
        return quotas(self.units, self.overlap, self.people)

    @property
    def longest(self) -> int:
        """Return the units that a person gets at most."""
        if self.block is not None:
            return self.block
        wanted: Counter[str] = Counter()
        for demand in self.demands:
            wanted[demand.stratum] += demand.people
        return max(-(-wanted[stratum] // count) for stratum, count in self.people.items())


@dataclass(frozen=True, slots=True)
class Plan:
    """New seats and new pages.

    Attributes:
        pages: by seat and position.
        lacking: gold items and repeats that there was nothing or no place for.
    """

    seats: tuple[Seat, ...]
    pages: tuple[Page, ...]
    lacking: int


def plan(design: Design) -> Plan:
    """Return the seats of a campaign, each with its block.

    Raises:
        ShortageError: the people are too few for the overlap; the line says for every stratum what is short.
    """
    seats = _seats(design.people, {})
    rooms = [Room(seat.id, seat.stratum, design.longest) for seat in seats]
    given = deal(design.demands, rooms, np.random.default_rng([design.seed, len(seats)]))
    return _laid_out(design, seats, given, {})


def redeal(
    design: Design,
    seats: Sequence[Seat],
    pages: Sequence[Page],
    answered: Collection[str],
    more_people: Mapping[str, int],
) -> Plan:
    """Return seats and pages that make up for the seats that are closed.

    What a closed seat has not wholly answered is dealt to seats of its stratum that are open and have room in their
    block, and to new ones.

    Args:
        design: of the campaign, as it was planned.
        seats: all that there are, in their present state.
        pages: all that were dealt.
        answered: uids of the pages that have been answered.
        more_people: new seats of each stratum.

    Raises:
        ShortageError: there is too little room; the line says for every stratum what is short.
    """
    left = still_wanted(design, seats, pages, answered)
    stratum_of = {seat.id: seat.stratum for seat in seats}
    new = _seats(more_people, Counter(stratum_of.values()))
    takers = [*(seat for seat in seats if seat.state in (SeatState.FREE, SeatState.TAKEN)), *new]
    had = _by_seat(pages)
    units_had = Counter(one.seat_id for one in _unanswered(design, pages, answered))
    rooms = [
        Room(
            seat.id,
            seat.stratum,
            max(design.longest - units_had[seat.id], 0),
            frozenset(page.situation_id for page in had[seat.id]),
        )
        for seat in takers
    ]
    given = deal(left, rooms, np.random.default_rng([design.seed, len(seats) + len(new)]))
    laid = _laid_out(design, takers, given, had)
    return Plan(tuple(new), laid.pages, laid.lacking)


def still_wanted(
    design: Design, seats: Sequence[Seat], pages: Sequence[Page], answered: Collection[str]
) -> list[Demand]:
    """Return what of the quotas nobody will meet as things stand; arguments as of `redeal`."""
    missing = _unanswered(design, pages, answered)
    closed = {seat.id for seat in seats if seat.state is SeatState.CLOSED}
    lost = {one for one, lacks in missing.items() if lacks and one.seat_id in closed}
    return outstanding(design.demands, missing, {seat.id: seat.stratum for seat in seats}, lost)


def _unanswered(design: Design, pages: Iterable[Page], answered: Collection[str]) -> dict[Given, bool]:
    """Return whether some item has no answer yet, for every unit in every block."""
    unit_of = {item: unit.id for unit in design.units for item in unit.items}
    missing: defaultdict[Given, bool] = defaultdict(bool)
    for page in pages:
        if page.kind is PageKind.ITEM:
            missing[Given(page.seat_id, unit_of[page.item_id])] |= page.uid not in answered
    return dict(missing)


def _by_seat(pages: Iterable[Page]) -> defaultdict[str, list[Page]]:
    had: defaultdict[str, list[Page]] = defaultdict(list)
    for page in pages:
        had[page.seat_id].append(page)
    return had


def _seats(people: Mapping[str, int], had: Mapping[str, int]) -> list[Seat]:
    """Return so many new seats of each stratum, numbered on from those that it has."""
    return [
        Seat(f"{stratum}-{had.get(stratum, 0) + number:04}", stratum)
        for stratum, count in people.items()
        for number in range(1, count + 1)
    ]


def _laid_out(design: Design, seats: Sequence[Seat], given: Iterable[Given], had: Mapping[str, Sequence[Page]]) -> Plan:
    """Return the new pages of those seats that get any."""
    units = {unit.id: unit for unit in design.units}
    by_seat: defaultdict[str, list[Unit]] = defaultdict(list)
    for one in given:
        by_seat[one.seat_id].append(units[one.unit_id])
    blocks = [
        lay_out(
            design.study,
            design.campaign,
            seat.id,
            by_seat[seat.id],
            design.gold,
            design.planting,
            seed=design.seed,
            had=had.get(seat.id, ()),
        )
        for seat in seats
        if by_seat[seat.id]
    ]
    return Plan(tuple(seats), tuple(page for block in blocks for page in block.pages), sum(b.lacking for b in blocks))
