from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace

import pytest

from annotation.dealing import Unit
from annotation.planning import Design, plan, redeal
from annotation.settings import PlantingSettings
from annotation.vocabulary import load_study
from tests.annotation.pages_made import gold, unit
from valueprism_build.campaigns import Page, PageKind, Seat, SeatState
from valueprism_build.errors import BuildError

UNITS = tuple(unit(f"s{number}", 3) for number in range(8))
DESIGN = Design(
    campaign="pilot",
    study=load_study("agreement")[0],
    units=UNITS,
    people={"left": 6, "right": 6},
    overlap=4,
    block=None,
    gold=tuple(gold([f"g{number}" for number in range(5)])),
    planting=PlantingSettings(gold=0.2, repeats=0.1, apart=1),
    seed=1,
)


def people_by_unit(
    pages: Sequence[Page], seats: Sequence[Seat], without: Collection[str] = ()
) -> Counter[tuple[str, str]]:
    """How many people of each stratum judge each situation."""
    stratum = {seat.id: seat.stratum for seat in seats}
    judged = {(page.situation_id, page.seat_id) for page in pages if page.kind is PageKind.ITEM}
    return Counter((situation, stratum[seat]) for situation, seat in judged if seat not in without)


def test_every_unit_gets_its_people_and_every_person_a_block_of_the_same_length() -> None:
    found = plan(DESIGN)
    # Two of each stratum for each of 8 situations: 16 places over 6 people are 2 or 3 each.
    assert people_by_unit(found.pages, found.seats) == {(one.id, s): 2 for one in UNITS for s in ("left", "right")}
    for seat in found.seats:
        mine = [page for page in found.pages if page.seat_id == seat.id]
        assert [page.position for page in mine] == list(range(len(mine)))
        assert mine[0].kind is PageKind.INTRO
        assert len({page.situation_id for page in mine if page.kind is PageKind.ITEM}) in (2, 3)
    assert len({page.uid for page in found.pages}) == len(found.pages)


def test_seats_are_named_after_their_stratum() -> None:
    assert [seat.id for seat in plan(DESIGN).seats][5:7] == ["left-0006", "right-0001"]


def test_the_same_design_is_planned_the_same() -> None:
    assert plan(DESIGN) == plan(DESIGN)
    assert plan(DESIGN) != plan(replace(DESIGN, seed=2))


def test_a_block_that_is_too_short_is_said() -> None:
    with pytest.raises(BuildError, match="stratum 'left': 16 answers are asked for, and its 6 people have room for 12"):
        plan(replace(DESIGN, block=2))


def test_a_seat_that_nothing_is_dealt_to_has_no_pages() -> None:
    found = plan(replace(DESIGN, units=UNITS[:1], overlap=2))
    assert len({page.seat_id for page in found.pages}) == 2
    assert len(found.seats) == 12


def test_what_somebody_who_stopped_has_left_goes_to_somebody_new_of_their_stratum() -> None:
    first = plan(DESIGN)
    gone = first.seats[0]
    theirs = [page for page in first.pages if page.seat_id == gone.id]
    done = theirs[2].situation_id  # consent, then the first situation alone, then its first item
    answered = {page.uid for page in theirs if page.situation_id == done}
    seats = [replace(gone, state=SeatState.CLOSED), *first.seats[1:]]
    more = redeal(DESIGN, seats, first.pages, answered, {"left": 1})
    assert [seat.id for seat in more.seats] == ["left-0007"]
    everybody = [*first.seats, *more.seats]
    after = people_by_unit([*first.pages, *more.pages], everybody, without={gone.id})
    after[done, "left"] += 1  # what was answered stays
    assert after == {(one.id, s): 2 for one in UNITS for s in ("left", "right")}
    assert {page.uid for page in first.pages}.isdisjoint(page.uid for page in more.pages)


def test_a_half_answered_situation_is_dealt_again() -> None:
    first = plan(DESIGN)
    gone = first.seats[0]
    theirs = [page for page in first.pages if page.seat_id == gone.id and page.kind is PageKind.ITEM]
    seats = [replace(gone, state=SeatState.CLOSED), *first.seats[1:]]
    more = redeal(DESIGN, seats, first.pages, {theirs[0].uid}, {"left": 1})
    assert theirs[0].situation_id in {page.situation_id for page in more.pages}


def test_open_seats_take_what_they_have_room_for_after_their_own_pages() -> None:
    roomy = replace(DESIGN, block=5)
    first = plan(roomy)
    gone = first.seats[0]
    seats = [replace(gone, state=SeatState.CLOSED), *first.seats[1:]]
    more = redeal(roomy, seats, first.pages, set(), {})
    assert more.seats == ()
    assert people_by_unit([*first.pages, *more.pages], first.seats, without={gone.id}) == {
        (one.id, s): 2 for one in UNITS for s in ("left", "right")
    }
    for page in more.pages:
        assert page.seat_id.startswith("left")
        assert page.kind is not PageKind.INTRO
        assert page.position >= sum(one.seat_id == page.seat_id for one in first.pages)


def test_when_nobody_is_left_to_take_it_the_shortage_is_said() -> None:
    first = plan(DESIGN)
    seats = [replace(seat, state=SeatState.CLOSED) for seat in first.seats[:6]] + list(first.seats[6:])
    with pytest.raises(BuildError, match="stratum 'left': 16 answers are asked for, and its 0 people have room for 0"):
        redeal(DESIGN, seats, first.pages, set(), {})


def test_nothing_is_dealt_again_where_nobody_stopped() -> None:
    first = plan(DESIGN)
    assert redeal(DESIGN, first.seats, first.pages, set(), {}).pages == ()


def test_single_items_are_dealt_like_situations() -> None:
    units = tuple(Unit(item, one.id, (item,)) for one in UNITS for item in one.items)
    found = plan(replace(DESIGN, units=units, people={"all": 20}, overlap=3))
    judged = Counter(page.item_id for page in found.pages if page.kind is PageKind.ITEM)
    assert judged == dict.fromkeys([item for one in UNITS for item in one.items], 3)
    for seat in found.seats:
        mine = [page.situation_id for page in found.pages if page.seat_id == seat.id and page.kind is PageKind.ITEM]
        assert len(set(mine)) == len(mine)
