"""Which seat gets which units, so that every unit gets its people of every stratum.

A unit is what a person judges at one sitting: a whole situation, or one item of it. Nobody gets two units of one
situation. Strata are dealt one by one: no unit of one stratum's demand can be met by another's people.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import NamedTuple

import numpy as np

from annotation.matching import Counts, Pairs, matched, shuffled
from valueprism_build.errors import BuildError


class ShortageError(BuildError):
    """A deal that cannot be. What would mend it depends on who asked for it, so the line does not say.

    Attributes:
        strata: that lack people.
        lacks_room: whether more units a person would help some of them, too.
    """

    def __init__(self, words: str, strata: Sequence[str] = (), *, lacks_room: bool) -> None:
        """Prepare; the words say what is short."""
        super().__init__(words)
        self.strata = tuple(strata)
        self.lacks_room = lacks_room


@dataclass(frozen=True, slots=True)
class Unit:
    """What a person judges at one sitting.

    Attributes:
        id: of the situation where whole situations are dealt, else of the item.
        items: ids.
    """

    id: str
    situation_id: str
    items: tuple[str, ...]


class Demand(NamedTuple):
    """How many people of a stratum shall judge a unit."""

    unit: Unit
    stratum: str
    people: int


class Room(NamedTuple):
    """A seat that can take units.

    Attributes:
        units: how many more.
        met: situations that it has had, and gets no more.
    """

    seat_id: str
    stratum: str
    units: int
    met: frozenset[str] = frozenset()


class Given(NamedTuple):
    """A unit in a seat's block."""

    seat_id: str
    unit_id: str


def quotas(units: Sequence[Unit], overlap: int, people: Mapping[str, int]) -> list[Demand]:
    """Return the demands of units that `overlap` people each shall judge, strata in proportion to their people.

    A unit's people of a stratum are its exact share rounded down or up; over many units the roundings even out.

    Args:
        units: in any order; the roundings depend on it.
        overlap: people a unit, over all strata.
        people: seats of each stratum.

    Raises:
        BuildError: a number is below 1, or there are no people.
    """
    if overlap < 1 or not people or min(people.values()) < 1:
        raise BuildError(f"overlap {overlap} of {dict(people)} people cannot be; give 1 or more of each")
    share = np.array(list(people.values())) * overlap / sum(people.values())
    base = np.floor(share).astype(int)
    owed = np.zeros(len(share))
    demands = []
    for unit in units:
        owed += share - base
        takes_more = np.argsort(-np.where(share > base, owed, -np.inf), kind="stable")[: overlap - base.sum()]
        counts = base.copy()
        counts[takes_more] += 1
        owed[takes_more] -= 1
        demands += [Demand(unit, stratum, int(count)) for stratum, count in zip(people, counts, strict=True) if count]
    return demands


def deal(demands: Sequence[Demand], rooms: Sequence[Room], rng: np.random.Generator) -> list[Given]:
    """Return which seat gets which unit, at random among all deals that meet every demand.

    Args:
        demands: each pair of unit and stratum once.
        rooms: the seats, ids unique.
        rng: draws the deal.

    Raises:
        ShortageError: there is no such deal; the line says for every stratum what is short.
    """
    given: list[Given] = []
    short: dict[str, ShortageError] = {}
    for stratum in dict.fromkeys(demand.stratum for demand in demands):
        mine = [demand for demand in demands if demand.stratum == stratum and demand.people > 0]
        seats = [room for room in rooms if room.stratum == stratum]
        try:
            given += _deal_stratum(mine, seats, rng)
        except ShortageError as error:
            short[stratum] = error
    if short:
        words = "; ".join(f"stratum {stratum!r}: {error}" for stratum, error in short.items())
        raise ShortageError(words, tuple(short), lacks_room=any(error.lacks_room for error in short.values()))
    return given


def outstanding(
    demands: Iterable[Demand], given: Iterable[Given], rooms: Mapping[str, str], lost: Collection[Given]
) -> list[Demand]:
    """Return what of the demands nobody will meet as things stand.

    Args:
        demands: of the whole campaign.
        given: all that has been dealt.
        rooms: the stratum of each seat that ever was, by id.
        lost: of it, what nobody will answer: in a seat that is closed, and not answered.
    """
    kept = Counter((one.unit_id, rooms[one.seat_id]) for one in given if one not in lost)
    left = (one._replace(people=one.people - kept[one.unit.id, one.stratum]) for one in demands)
    return [one for one in left if one.people > 0]


def _deal_stratum(demands: Sequence[Demand], seats: Sequence[Room], rng: np.random.Generator) -> list[Given]:
    by_situation: defaultdict[str, list[Demand]] = defaultdict(list)
    for demand in demands:
        by_situation[demand.unit.situation_id].append(demand)
    situations = list(by_situation)
    wanted = np.array([sum(one.people for one in by_situation[id_]) for id_ in situations], np.int64)
    room = np.array([seat.units for seat in seats], np.int64)
    may: Pairs = np.array([[id_ not in seat.met for seat in seats] for id_ in situations], np.bool_)
    may = may.reshape(len(situations), len(seats))  # numpy makes one dimension of no seats
    _refuse_shortage(situations, wanted, room, may)
    met = shuffled(matched(wanted, room, may), may, rng)
    lacking = wanted - met.sum(axis=1)
    if lacking.any():
        worst = ", ".join(situations[i] for i in np.argsort(-lacking)[:3] if lacking[i])
        raise ShortageError(
            f"{lacking.sum()} of {wanted.sum()} places find nobody who has room and has not met the situation (as "
            f"{worst})",
            lacks_room=True,
        )
    given = []
    for row, id_ in enumerate(situations):
        holders = rng.permutation(np.flatnonzero(met[row]))
        ends = accumulate((one.people for one in by_situation[id_]), initial=0)
        for demand, (start, end) in zip(by_situation[id_], pairwise(ends), strict=True):
            given += [Given(seats[seat].seat_id, demand.unit.id) for seat in holders[start:end]]
    return given


def _refuse_shortage(situations: Sequence[str], wanted: Counts, room: Counts, may: Pairs) -> None:
    if wanted.sum() > room.sum():
        raise ShortageError(
            f"{wanted.sum()} answers are asked for, and its {len(room)} people have room for {room.sum()}",
            lacks_room=True,
        )
    able = may.sum(axis=1)
    if (wanted > able).any():
        worst = int(np.argmax(wanted - able))
        raise ShortageError(
            f"situation {situations[worst]} needs {wanted[worst]} different people and {able[worst]} can have it",
            lacks_room=False,
        )
