from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from annotation.planning import Design
from annotation.settings import PlantingSettings
from annotation.standing import OfItem, OfStratum, Seen, Stopped, standing, stopped
from annotation.vocabulary import load_study
from tests.annotation.pages_made import unit
from tests.warehouse.rows import DAY
from valueprism_build.campaigns import Page, PageKind, Seat, SeatState
from valueprism_build.records import Vote

HOUR = timedelta(hours=1)
# Two people of each of two groups, one situation of two items for one of each: a1 and b1 have it, of 2 pages each.
DESIGN = Design(
    "pilot",
    load_study("agreement")[0],
    (unit("s1", 2),),
    {"a": 2, "b": 2},
    overlap=2,
    block=None,
    gold=(),
    planting=PlantingSettings(gold=0, repeats=0),
    seed=0,
)
FIRST, SECOND = DESIGN.units[0].items
SEATS = (Seat("a1", "a", "p1", SeatState.TAKEN), Seat("a2", "a"), Seat("b1", "b", "p2", SeatState.TAKEN))
PAGES = tuple(
    Page(f"{seat}-{item}", seat, place, PageKind.ITEM, item, "s1")
    for seat in ("a1", "b1")
    for place, item in enumerate((FIRST, SECOND))
)


def vote(item: str, annotator: str) -> Vote:
    return Vote(item, annotator, "agree", "Yes", 1.0)


def seen(answered: Mapping[str, datetime], votes: Sequence[Vote] = (), seats: Sequence[Seat] = SEATS) -> Seen:
    return Seen(seats, PAGES, {"a1": DAY, "b1": DAY}, answered, votes)


def test_an_answer_counts_once_a_person_and_no_further_than_the_quota() -> None:
    twice = [vote(FIRST, "p1"), replace(vote(FIRST, "p1"), question="why"), vote(FIRST, "p2")]
    found = standing(DESIGN, seen({}, twice), now=DAY, stopped_after=HOUR)
    assert found.items == tuple(
        sorted(
            [OfItem(FIRST, "a", 1, 1), OfItem(FIRST, "b", 1, 1), OfItem(SECOND, "a", 1, 0), OfItem(SECOND, "b", 1, 0)]
        )
    )
    more = seen({}, [*twice, vote(FIRST, "p3")], [*SEATS, Seat("a3", "a", "p3", SeatState.CLOSED)])
    found = standing(DESIGN, more, now=DAY, stopped_after=HOUR)
    assert OfItem(FIRST, "a", 1, 2) in found.items
    assert found.strata == (OfStratum("a", 1, 1, 0, 1, 2, 1), OfStratum("b", 0, 1, 0, 0, 2, 1))


def test_the_pace_is_of_the_last_day_and_of_no_less_than_an_hour() -> None:
    def pace_of(*hours_ago: float) -> tuple[float | None, float | None]:
        answered = {page.uid: DAY - hours * HOUR for page, hours in zip(PAGES, hours_ago, strict=False)}
        found = standing(DESIGN, seen(answered), now=DAY, stopped_after=HOUR)
        return found.per_hour, found.hours_left

    assert pace_of() == (None, None)
    assert pace_of(25) == (None, None)
    assert pace_of(0.1) == (1.0, 3.0)  # one page, counted for an hour; three pages are left
    assert pace_of(4, 2) == (0.5, 4.0)  # two in the four hours since the first
    assert pace_of(30, 2) == (1 / 24, 48.0)  # one in the last day, which is longer than a day in all


def test_pages_of_a_closed_seat_are_not_left() -> None:
    closed = [replace(SEATS[0], state=SeatState.CLOSED), *SEATS[1:]]
    found = standing(DESIGN, seen({"b1-" + FIRST: DAY}, seats=closed), now=DAY, stopped_after=HOUR)
    assert (found.answered, found.left) == (1, 1)


@pytest.mark.parametrize("state", [SeatState.FREE, SeatState.DONE, SeatState.CLOSED])
def test_nobody_has_stopped_on_a_seat_that_is_not_taken(state: SeatState) -> None:
    assert stopped(seen({}, seats=[replace(SEATS[0], state=state)]), DAY + HOUR) == []


def test_who_has_answered_nothing_has_stopped_since_they_sat_down() -> None:
    answered = {f"a1-{FIRST}": DAY + HOUR}
    assert stopped(seen(answered), DAY + HOUR) == [Stopped("b1", "b", 0, 2, DAY)]
    assert stopped(seen({}), DAY) == []
