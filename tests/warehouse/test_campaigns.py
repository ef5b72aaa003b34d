from dataclasses import replace

import pytest
from duckdb import DuckDBPyConnection

from tests.warehouse.rows import DAY
from valueprism_build.campaigns import Campaign, CampaignItem, CampaignState, Gold, Page, PageKind, Seat, SeatState
from valueprism_build.errors import WarehouseError
from valueprism_build.records import Valence, Vrd
from warehouse import campaigns
from warehouse.checks import run_checks

CAMPAIGN = Campaign("pilot", 'name = "x"', 7, "overlap = 2", CampaignState.PLANNED, DAY)
ITEMS = [
    CampaignItem("i1", "s1", "Lying", Vrd.VALUE, "Honesty", "It matters.", Valence.OPPOSES),
    CampaignItem("i2", "s1", "Lying", Vrd.DUTY, "Kindness", "So does it.", Valence.EITHER, Gold.FLIPPED),
]
SEATS = [Seat("a1", "left"), Seat("a2", "left"), Seat("b1", "right")]
PAGES = [
    Page("u1", "a1", 0, PageKind.INTRO),
    Page("u2", "a1", 1, PageKind.ITEM, "i1", "s1"),
    Page("u3", "a1", 2, PageKind.GOLD, "i2", "s1"),
    Page("u4", "b1", 0, PageKind.AFTER, "", "s1"),
]


@pytest.fixture
def full(db: DuckDBPyConnection) -> DuckDBPyConnection:
    assert campaigns.add(db, CAMPAIGN, ITEMS, SEATS, PAGES) == (2, 3, 4)
    return db


def test_a_campaign_is_read_as_it_was_written(full: DuckDBPyConnection) -> None:
    assert campaigns.find(full, "pilot") == CAMPAIGN
    assert campaigns.find(full, "other") is None
    assert campaigns.items(full, "pilot") == ITEMS
    assert campaigns.seats(full, "pilot") == SEATS
    assert campaigns.pages(full, "pilot") == PAGES
    assert campaigns.pages(full, "other") == []
    assert run_checks(full) == []


def test_writing_twice_adds_nothing_and_later_pages_are_added(full: DuckDBPyConnection) -> None:
    assert campaigns.add(full, CAMPAIGN, ITEMS, SEATS, PAGES) == (0, 0, 0)
    later = Page("u5", "a3", 0, PageKind.ITEM, "i1", "s1")
    assert campaigns.add(full, CAMPAIGN, ITEMS, [Seat("a3", "left")], [*PAGES, later]) == (0, 1, 1)


def test_a_campaign_that_has_started_may_be_added_to(full: DuckDBPyConnection) -> None:
    campaigns.set_state(full, "pilot", CampaignState.RUNNING)
    campaigns.add(full, CAMPAIGN, [], [], [])
    assert campaigns.find(full, "pilot") == replace(CAMPAIGN, state=CampaignState.RUNNING)


@pytest.mark.parametrize("other", [{"seed": 8}, {"study": ""}, {"settings": ""}])
def test_another_campaign_of_the_same_id_is_refused_and_writes_nothing(
    full: DuckDBPyConnection, other: dict[str, object]
) -> None:
    with pytest.raises(WarehouseError, match="there is another campaign 'pilot'"):
        campaigns.add(full, replace(CAMPAIGN, **other), [], [Seat("new", "left")], [])  # type: ignore[arg-type]
    assert campaigns.seats(full, "pilot") == SEATS


def test_two_campaigns_share_nothing(full: DuckDBPyConnection) -> None:
    campaigns.add(full, replace(CAMPAIGN, id="other", seed=1), ITEMS[:1], SEATS[:1], [])
    assert campaigns.items(full, "other") == ITEMS[:1]
    assert campaigns.seats(full, "pilot") == SEATS


def test_items_that_are_asked_about_are_known_and_gold_items_are_not_among_them(full: DuckDBPyConnection) -> None:
    assert campaigns.asked(full) == {"i1"}


def test_people_get_the_seats_of_their_stratum_in_order_until_none_is_free(full: DuckDBPyConnection) -> None:
    assert campaigns.take_seat(full, "pilot", "left", "p1") == Seat("a1", "left", "p1", SeatState.TAKEN)
    assert campaigns.take_seat(full, "pilot", "left", "p2") is None  # a2 has no pages, so nobody is sent there
    campaigns.add(full, CAMPAIGN, [], [], [Page("u5", "a2", 0, PageKind.INTRO)])
    assert campaigns.take_seat(full, "pilot", "left", "p2") == Seat("a2", "left", "p2", SeatState.TAKEN)
    assert campaigns.take_seat(full, "pilot", "left", "p3") is None
    assert campaigns.take_seat(full, "pilot", "right", "p3") == Seat("b1", "right", "p3", SeatState.TAKEN)


def test_who_comes_again_gets_their_own_seat_whatever_they_say_of_themselves(full: DuckDBPyConnection) -> None:
    campaigns.take_seat(full, "pilot", "left", "p1")
    campaigns.set_seats(full, "pilot", ["a1"], SeatState.DONE)
    assert campaigns.take_seat(full, "pilot", "right", "p1") == Seat("a1", "left", "p1", SeatState.DONE)
    assert [seat.annotator_id for seat in campaigns.seats(full, "pilot")] == ["p1", None, None]


def test_a_closed_seat_is_not_given_away(full: DuckDBPyConnection) -> None:
    assert campaigns.set_seats(full, "pilot", ["a1", "a2"], SeatState.CLOSED) == 2
    assert campaigns.set_seats(full, "pilot", ["a1", "a2"], SeatState.CLOSED) == 0
    assert campaigns.take_seat(full, "pilot", "left", "p1") is None


def test_how_far_each_project_was_pulled_is_kept_until_its_seat_has_another_project(full: DuckDBPyConnection) -> None:
    assert campaigns.cursors(full, "pilot") == {}
    campaigns.set_projects(full, "pilot", {"a1": 11, "a2": 12})
    campaigns.set_projects(full, "other", {"a1": 13})
    campaigns.set_cursor(full, "pilot", 11, DAY)
    campaigns.set_cursor(full, "pilot", 12, DAY)
    assert campaigns.cursors(full, "pilot") == {11: DAY, 12: DAY}
    campaigns.set_projects(full, "pilot", {"a1": 11, "a2": 14})  # somebody deleted project 12, so it was made anew
    assert campaigns.cursors(full, "pilot") == {11: DAY, 14: None}
    assert campaigns.cursors(full, "other") == {13: None}


def test_pages_without_a_seat_an_item_or_a_place_of_their_own_are_found(full: DuckDBPyConnection) -> None:
    wrong = [
        Page("w1", "nobody", 0, PageKind.INTRO),
        Page("w2", "a1", 9, PageKind.ITEM, "i2", "s1"),  # gold, but not said to be
        Page("w3", "a1", 2, PageKind.AFTER, "", "s1"),  # where u3 is
    ]
    campaigns.add(full, CAMPAIGN, [], [], wrong)
    assert [(found.check.split(",")[0], found.examples) for found in run_checks(full)] == [
        ("a page that is dealt has a seat of its campaign", ["w1"]),
        ("a page about an item has an item of its campaign", ["w2"]),
        ("no two pages hold one place in a seat's block", ["u3", "w3"]),
    ]
