"""How far a campaign is: answers against quotas, who has stopped, how fast it goes and how long it will take."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from annotation.planning import Design
from valueprism_build.campaigns import Page, Seat, SeatState
from valueprism_build.records import Vote

HOUR: Final = timedelta(hours=1)
PACE_HOURS: Final = 24.0
"""How far back the pace is taken from: a day, so that night and day are both in it."""


class OfItem(NamedTuple):
    """An item and a stratum: how many people shall judge it, and how many have."""

    item_id: str
    stratum: str
    wanted: int
    got: int


class OfStratum(NamedTuple):
    """A stratum's seats by state, and the judgements of items that are wanted of it, and that are there.

    Attributes:
        got: of the wanted ones; what is more than an item's quota is not counted.
    """

    stratum: str
    free: int
    taken: int
    done: int
    closed: int
    wanted: int
    got: int


class Stopped(NamedTuple):
    """A seat whose person has not answered for so long.

    Attributes:
        answered: pages, of `pages`.
        last: when they answered last, or sat down.
    """

    seat_id: str
    stratum: str
    answered: int
    pages: int
    last: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a campaign is.

    Attributes:
        answered: pages that have been answered.
        left: pages that nobody has answered yet, of seats that are open.
        per_hour: pages, over the last day or since the first answer; None before there is one in it.
        hours_left: at that pace; None where there is none.
        items: each item with each stratum that it wants, or has, people of; by item and stratum.
        stopped: by seat.
    """

    answered: int
    left: int
    per_hour: float | None
    hours_left: float | None
    strata: tuple[OfStratum, ...]
    items: tuple[OfItem, ...]
    stopped: tuple[Stopped, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of a campaign at a moment.

    Attributes:
        seats: all.
        pages: all.
        seated: when each seat's person sat down, by seat.
        answered: when each answered page was answered, by uid.
        votes: on items, of people who take part and are not excluded.
    """

    seats: Sequence[Seat]
    pages: Sequence[Page]
    seated: Mapping[str, datetime]
    answered: Mapping[str, datetime]
    votes: Sequence[Vote]


def standing(design: Design, seen: Seen, *, now: datetime, stopped_after: timedelta) -> Standing:
    """Return how far the campaign is.

    Args:
        design: as it was planned.
        seen: what is known.
        now: the moment.
        stopped_after: who has answered nothing for longer has stopped.
    """
    still_open = {seat.id for seat in seen.seats if seat.state in (SeatState.FREE, SeatState.TAKEN)}
    left = sum(page.seat_id in still_open and page.uid not in seen.answered for page in seen.pages)
    per_hour = _pace(seen.answered.values(), now)
    items = _items(design, seen)
    return Standing(
        answered=len(seen.answered),
        left=left,
        per_hour=per_hour,
        hours_left=None if per_hour is None else left / per_hour,
        strata=_strata(seen.seats, items),
        items=items,
        stopped=tuple(stopped(seen, now - stopped_after)),
    )


def stopped(seen: Seen, before: datetime) -> list[Stopped]:
    """Return the seats that are taken and whose person has answered nothing since, by seat."""
    pages, answered = Counter(page.seat_id for page in seen.pages), Counter[str]()
    last = dict(seen.seated)
    for page in seen.pages:
        if (at := seen.answered.get(page.uid)) is not None:
            answered[page.seat_id] += 1
            last[page.seat_id] = max(at, last.get(page.seat_id, at))
    return [
        Stopped(seat.id, seat.stratum, answered[seat.id], pages[seat.id], last[seat.id])
        for seat in seen.seats
        if seat.state is SeatState.TAKEN and seat.id in last and last[seat.id] < before
    ]


def _pace(moments: Collection[datetime], now: datetime) -> float | None:
    """Return pages an hour over the last day, or since the first one where that is later; at least an hour."""
    lately = [at for at in moments if at > now - PACE_HOURS * HOUR]
    if not lately:
        return None
    since = now - PACE_HOURS * HOUR if len(lately) < len(moments) else min(lately)
    return len(lately) / max((now - since) / HOUR, 1.0)


def _items(design: Design, seen: Seen) -> tuple[OfItem, ...]:
    wanted: Counter[tuple[str, str]] = Counter()
    for demand in design.demands:
        for item in demand.unit.items:
            wanted[item, demand.stratum] += demand.people
    stratum_of = {seat.annotator_id: seat.stratum for seat in seen.seats if seat.annotator_id is not None}
    judged: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for vote in seen.votes:
        judged[vote.item_id, stratum_of[vote.annotator_id]].add(vote.annotator_id)
    return tuple(OfItem(*key, wanted[key], len(judged.get(key, ()))) for key in sorted(wanted.keys() | judged.keys()))


def _strata(seats: Sequence[Seat], items: Sequence[OfItem]) -> tuple[OfStratum, ...]:
    states = Counter((seat.stratum, seat.state) for seat in seats)
    wanted, got = Counter[str](), Counter[str]()
    for one in items:
        wanted[one.stratum] += one.wanted
        got[one.stratum] += min(one.got, one.wanted)
    return tuple(
        OfStratum(
            stratum,
            free=states[stratum, SeatState.FREE],
            taken=states[stratum, SeatState.TAKEN],
            done=states[stratum, SeatState.DONE],
            closed=states[stratum, SeatState.CLOSED],
            wanted=wanted[stratum],
            got=got[stratum],
        )
        for stratum in dict.fromkeys(seat.stratum for seat in seats)
    )
