from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotation.dealing import Demand, Given, Room, ShortageError, Unit, deal, outstanding, quotas
from valueprism_build.errors import BuildError


def items(situation: str, count: int) -> list[Unit]:
    return [Unit(f"{situation}.{n}", situation, (f"{situation}.{n}",)) for n in range(count)]


def seats(stratum: str, count: int, units: int, met: frozenset[str] = frozenset()) -> list[Room]:
    return [Room(f"{stratum}{n}", stratum, units, met) for n in range(count)]


def dealt(demands: Sequence[Demand], rooms: Sequence[Room], seed: int = 0) -> list[Given]:
    return deal(demands, rooms, np.random.default_rng(seed))


def met(demands: Sequence[Demand], rooms: Sequence[Room], found: Sequence[Given]) -> bool:
    """Whether every quota is met exactly and nobody meets a situation twice."""
    stratum = {room.seat_id: room.stratum for room in rooms}
    situation = {demand.unit.id: demand.unit.situation_id for demand in demands}
    people = Counter((one.unit_id, stratum[one.seat_id]) for one in found)
    meetings = Counter((one.seat_id, situation[one.unit_id]) for one in found)
    wanted = {(one.unit.id, one.stratum): one.people for one in demands if one.people}
    return people == wanted and set(meetings.values()) <= {1}


@st.composite
def feasible(draw: st.DrawFn) -> tuple[list[Demand], list[Room]]:
    """Demands that are what some deal comes to, so that they can be met."""
    units = [unit for s in range(draw(st.integers(1, 5))) for unit in items(f"s{s}", draw(st.integers(1, 3)))]
    situations = sorted({unit.situation_id for unit in units})
    people: Counter[tuple[Unit, str]] = Counter()
    rooms = []
    for number in range(draw(st.integers(1, 12))):
        stratum = draw(st.sampled_from(("left", "right")))
        had = draw(st.sets(st.sampled_from(situations)))
        taken = draw(st.sets(st.sampled_from([s for s in situations if s not in had] or [""]))) - {""}
        for id_ in sorted(taken):
            people[draw(st.sampled_from([unit for unit in units if unit.situation_id == id_])), stratum] += 1
        rooms.append(Room(f"seat{number}", stratum, len(taken) + draw(st.integers(0, 2)), frozenset(had)))
    return [Demand(unit, stratum, count) for (unit, stratum), count in people.items()], rooms


@given(feasible(), st.integers(0, 9))
@settings(deadline=None)
def test_every_demand_that_can_be_met_is_met(case: tuple[list[Demand], list[Room]], seed: int) -> None:
    demands, rooms = case
    found = dealt(demands, rooms, seed)
    assert met(demands, rooms, found)
    load = Counter(one.seat_id for one in found)
    situation = {demand.unit.id: demand.unit.situation_id for demand in demands}
    for room in rooms:
        assert load[room.seat_id] <= room.units
        assert not room.met & {situation[one.unit_id] for one in found if one.seat_id == room.seat_id}


def test_the_original_study_can_be_dealt() -> None:
    # 683 items of 100 situations, 45 people each, 613 people of three leanings: 30,735 answers, 50 or 51 a person.
    units = [unit for s in range(100) for unit in items(f"s{s}", 7 if s < 83 else 6)]
    people = {"liberal": 210, "moderate": 193, "conservative": 210}
    demands = quotas(units, 45, people)
    rooms = [room for stratum, count in people.items() for room in seats(stratum, count, 52)]
    found = dealt(demands, rooms)
    assert (len(units), len(found)) == (683, 683 * 45)
    assert met(demands, rooms, found)
    assert set(Counter(one.seat_id for one in found).values()) <= {49, 50, 51, 52}


def test_the_same_seed_deals_the_same_and_another_one_otherwise() -> None:
    demands = quotas(items("a", 2) + items("b", 2) + items("c", 2), 3, {"x": 9})
    rooms = seats("x", 9, 3)
    assert dealt(demands, rooms, 1) == dealt(demands, rooms, 1)
    assert dealt(demands, rooms, 1) != dealt(demands, rooms, 2)


@given(
    st.integers(1, 30),
    st.integers(1, 20),
    st.dictionaries(st.sampled_from("abcde"), st.integers(1, 50), min_size=1),
)
def test_quotas_are_exact_in_all_and_within_one_for_each_stratum(
    count: int, overlap: int, people: dict[str, int]
) -> None:
    demands = quotas(items("s", count), overlap, people)
    for unit in items("s", count):
        mine = {one.stratum: one.people for one in demands if one.unit == unit}
        assert sum(mine.values()) == overlap
        for stratum, seated in people.items():
            assert abs(mine.get(stratum, 0) - overlap * seated / sum(people.values())) < 1
    for stratum, seated in people.items():
        # Over all units the roundings even out: less than one for each stratum that is rounded.
        exact = count * overlap * seated / sum(people.values())
        assert abs(sum(one.people for one in demands if one.stratum == stratum) - exact) < len(people)


def test_too_little_room_is_said_with_numbers_for_every_stratum() -> None:
    units = [unit for s in range(4) for unit in items(f"s{s}", 1)]
    demands = [Demand(unit, stratum, 2) for unit in units for stratum in ("x", "y")]
    with pytest.raises(ShortageError) as caught:
        dealt(demands, seats("x", 3, 2))
    assert str(caught.value) == (
        "stratum 'x': 8 answers are asked for, and its 3 people have room for 6; "
        "stratum 'y': 8 answers are asked for, and its 0 people have room for 0"
    )
    assert (caught.value.strata, caught.value.lacks_room) == (("x", "y"), True)


def test_a_situation_that_needs_more_people_than_there_are_is_named() -> None:
    # Three items of one situation, two people each: six different people.
    with pytest.raises(ShortageError, match="situation s needs 6 different people and 5 can have it") as caught:
        dealt([Demand(unit, "x", 2) for unit in items("s", 3)], seats("x", 5, 3))
    assert not caught.value.lacks_room


def test_places_that_only_people_without_room_could_take_are_counted() -> None:
    # Seats 0 and 1 have met a and b and have all the room; what is left can have one of the two units.
    demands = [Demand(unit, "x", 1) for unit in items("a", 1) + items("b", 1)]
    rooms = [*seats("x", 2, 5, frozenset({"a", "b"})), Room("late", "x", 1)]
    with pytest.raises(ShortageError, match="1 of 2 places find nobody who has room and has not met") as caught:
        dealt(demands, rooms)
    assert caught.value.lacks_room


def test_what_a_closed_seat_leaves_unanswered_is_dealt_to_others_of_its_stratum() -> None:
    units = [unit for s in range(6) for unit in items(f"s{s}", 1)]
    demands = quotas(units, 2, {"x": 2, "y": 2})
    rooms = [*seats("x", 2, 3), *seats("y", 2, 3)]
    first = dealt(demands, rooms)
    gone = [one for one in first if one.seat_id == "x0"]
    lost = set(gone[1:])  # the first one was answered
    left = outstanding(demands, first, {room.seat_id: room.stratum for room in rooms}, lost)
    assert {(one.unit.id, one.stratum, one.people) for one in left} == {(one.unit_id, "x", 1) for one in lost}
    again = dealt(left, [Room("x2", "x", 3)])
    assert {one.unit_id for one in again} == {one.unit_id for one in lost}
    everything = [one for one in first if one not in lost] + again
    assert met(demands, [*rooms, Room("x2", "x", 3)], everything)


def test_nothing_is_dealt_of_nothing() -> None:
    assert dealt([], []) == []
    assert dealt([Demand(items("s", 1)[0], "x", 0)], []) == []
    with pytest.raises(BuildError, match="give 1 or more of each"):
        quotas(items("s", 1), 0, {"x": 1})
