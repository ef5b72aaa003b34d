from datetime import timedelta

import pytest
from duckdb import DuckDBPyConnection

from tests.warehouse.rows import DAY
from tests.warehouse.test_campaigns import CAMPAIGN, ITEMS, PAGES, SEATS
from valueprism_build.campaigns import BY_HAND, AnsweredPage, Exclusion, PageKind, SeatPerson, ShownVote, Sitter
from valueprism_build.records import Annotator, Vote
from warehouse import campaign_people, campaigns, conduct, exclusions, votes
from warehouse.checks import run_checks

LATER = DAY + timedelta(hours=1)
FAST = Exclusion("p1", "too_fast", "0.9 s", DAY)
BY_ME = Exclusion("p2", BY_HAND, "wrote to say that their child had answered", DAY)


@pytest.fixture
def full(db: DuckDBPyConnection) -> DuckDBPyConnection:
    """p1 has answered an item and a gold item, p2 a situation's last page."""
    campaigns.add(db, CAMPAIGN, ITEMS, SEATS, PAGES)
    campaigns.take_seat(db, "pilot", "left", "p1")
    campaigns.take_seat(db, "pilot", "right", "p2")
    votes.add_annotators(db, [Annotator("p1", (("politics", "Liberal"),)), Annotator("p2", ())])
    votes.store(
        db,
        [
            AnsweredPage("u2", "p1", (Vote("i1", "p1", "agree", "Yes", 0.9),), DAY),
            AnsweredPage("u3", "p1", (Vote("i2", "p1", "agree", "No", None),), DAY),
            AnsweredPage("u4", "p2", (Vote("s1", "p2", "missing", "Yes", 9.0),), DAY),
        ],
    )
    return db


def who_votes(db: DuckDBPyConnection, *, without_excluded: bool) -> set[str]:
    return {vote.annotator_id for vote in votes.read(db, "pilot", without_excluded=without_excluded)}


def test_answers_of_who_is_excluded_stay_and_are_left_out_where_that_is_asked(full: DuckDBPyConnection) -> None:
    assert exclusions.exclude(full, "pilot", [FAST]) == 1
    assert who_votes(full, without_excluded=False) == {"p1", "p2"}
    assert who_votes(full, without_excluded=True) == {"p2"}
    assert [one.id for one in votes.read_annotators(full, "pilot")] == ["p1", "p2"]
    assert [one.id for one in votes.read_annotators(full, "pilot", without_excluded=True)] == ["p2"]
    assert run_checks(full) == []


def test_who_is_excluded_from_one_campaign_is_counted_in_another(full: DuckDBPyConnection) -> None:
    exclusions.exclude(full, "other", [FAST])
    assert who_votes(full, without_excluded=True) == {"p1", "p2"}
    assert [offence.check for offence in run_checks(full)] == ["who is excluded has a seat in the campaign"]


def test_an_exclusion_that_stands_is_kept_as_it_was_first_told(full: DuckDBPyConnection) -> None:
    exclusions.exclude(full, "pilot", [FAST])
    again = Exclusion("p1", "too_fast", "1.1 s", LATER)
    by_another_rule = Exclusion("p1", "unfinished", "2 of 3 pages", LATER)
    assert exclusions.exclude(full, "pilot", [again, by_another_rule]) == 1
    assert exclusions.read(full, "pilot") == [FAST, by_another_rule]


def test_who_is_readmitted_is_counted_and_what_was_decided_can_still_be_told(full: DuckDBPyConnection) -> None:
    exclusions.exclude(full, "pilot", [FAST, BY_ME])
    assert exclusions.readmit(full, "pilot", "p1", at=LATER) == 1
    assert exclusions.readmit(full, "pilot", "p1", at=LATER) == 0
    assert who_votes(full, without_excluded=True) == {"p1"}
    assert exclusions.read(full, "pilot") == [Exclusion("p1", "too_fast", "0.9 s", DAY, LATER), BY_ME]
    assert exclusions.exclude(full, "pilot", [Exclusion("p1", "too_fast", "0.9 s", LATER)]) == 1
    assert who_votes(full, without_excluded=True) == set()


def test_who_is_forgotten_is_named_in_no_exclusion(full: DuckDBPyConnection) -> None:
    copied = Exclusion("p2", "duplicate_participant", "the account of p1, who sat down before them", DAY)
    exclusions.exclude(full, "pilot", [FAST, copied])
    votes.forget(full, "p1", at=LATER)
    assert [(one.annotator_id, one.detail) for one in exclusions.read(full, "pilot")] == [
        ("p2", "the account of somebody forgotten, who sat down before them")
    ]


def test_answers_come_with_their_pages_and_people_with_how_far_they_are(full: DuckDBPyConnection) -> None:
    campaign_people.set_person(full, "pilot", SeatPerson("a1", 7, "p1@participants.invalid", LATER))
    campaign_people.set_person(full, "pilot", SeatPerson("b1", 8, "p2@participants.invalid", DAY))
    assert conduct.shown_votes(full, "pilot") == [
        ShownVote(1, PageKind.ITEM, Vote("i1", "p1", "agree", "Yes", 0.9)),
        ShownVote(2, PageKind.GOLD, Vote("i2", "p1", "agree", "No", None)),
        ShownVote(0, PageKind.AFTER, Vote("s1", "p2", "missing", "Yes", 9.0)),
    ]
    # p2 sat down first; of p1's three pages the first, with the consent, has no answer here.
    assert conduct.sitters(full, "pilot") == [Sitter("p2", 8, 1, 1), Sitter("p1", 7, 3, 2)]


def test_people_whose_number_nobody_knows_are_there_all_the_same(full: DuckDBPyConnection) -> None:
    assert conduct.sitters(full, "pilot") == [Sitter("p1", None, 3, 2), Sitter("p2", None, 1, 1)]
    assert conduct.sitters(full, "other") == []
