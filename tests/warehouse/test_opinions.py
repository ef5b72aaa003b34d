from dataclasses import replace
from datetime import timedelta

import pytest
from duckdb import DuckDBPyConnection

from tests.warehouse.rows import DAY
from tests.warehouse.test_campaigns import CAMPAIGN, ITEMS, PAGES
from valueprism_build.campaigns import AnsweredPage, Exclusion, Page, PageKind, Seat
from valueprism_build.records import Annotator, Vote
from valueprism_build.release.agreement.opinions import ANSWERS, PEOPLE
from warehouse import campaigns, exclusions, opinions, votes

LATER = DAY + timedelta(hours=1)
SEATS = [Seat("a1", "left"), Seat("a2", "left"), Seat("b1", "right")]
MORE = [
    Page("u9", "a1", 3, PageKind.REPEAT, "i1", "s1"),
    Page("u7", "a2", 1, PageKind.ITEM, "i1", "s1"),
    Page("u8", "b1", 1, PageKind.ITEM, "i1", "s1"),
]


@pytest.fixture
def full(db: DuckDBPyConnection) -> DuckDBPyConnection:
    """A campaign in which p1 sits on a1, p2 on a2, and p3 on b1 without having agreed to take part."""
    campaigns.add(db, CAMPAIGN, ITEMS, SEATS, [*PAGES, *MORE])
    for person, stratum in (("p1", "left"), ("p2", "left"), ("p3", "right")):
        campaigns.take_seat(db, "pilot", stratum, person)
    votes.add_annotators(db, [Annotator("p1", (("politics", "Liberal"),)), Annotator("p2", ())])
    return db


def page(uid: str, person: str, answer: str = "Yes", item: str = "i1") -> AnsweredPage:
    return AnsweredPage(uid, person, (Vote(item, person, "agree", answer, 4.5),), DAY)


def answered(db: DuckDBPyConnection) -> list[tuple[str, str, str]]:
    rows = opinions.answers(db).to_pylist()
    return [(row["subject_id"], row["person"], row["answer"]) for row in rows]


def test_answers_about_items_are_there_and_those_on_gold_items_and_repeats_are_not(full: DuckDBPyConnection) -> None:
    votes.store(full, [page("u2", "p1"), page("u3", "p1", "No", "i2"), page("u9", "p1", "No"), page("u7", "p2", "No")])
    assert answered(full) == [("i1", "p1", "Yes"), ("i1", "p2", "No")]
    assert opinions.campaign_ids(full) == ["pilot"]


def test_who_has_not_agreed_or_sits_elsewhere_is_not_there(full: DuckDBPyConnection) -> None:
    votes.store(full, [page("u2", "p1"), page("u7", "p1", "No"), page("u8", "p3")])
    assert answered(full) == [("i1", "p1", "Yes")]


def test_who_is_excluded_is_not_there_and_when_that_was_is_known(full: DuckDBPyConnection) -> None:
    votes.store(full, [page("u2", "p1"), page("u7", "p2")])
    exclusions.exclude(full, "pilot", [Exclusion("p1", "too_fast", "0.9 s", LATER)])
    exclusions.exclude(full, "other", [Exclusion("p2", "too_fast", "0.9 s", DAY)])
    assert answered(full) == [("i1", "p2", "Yes")]
    assert opinions.removed_at(full) == [DAY, LATER]
    exclusions.readmit(full, "pilot", "p1", at=LATER)
    assert answered(full) == [("i1", "p1", "Yes"), ("i1", "p2", "Yes")]


def test_who_is_forgotten_is_not_there_and_when_that_was_is_known(full: DuckDBPyConnection) -> None:
    votes.store(full, [page("u2", "p1"), page("u7", "p2")])
    assert opinions.removed_at(full) == []
    votes.forget(full, "p1", at=LATER)
    assert answered(full) == [("i1", "p2", "Yes")]
    assert opinions.removed_at(full) == [LATER]
    assert opinions.people(full).num_rows == 0


def test_of_two_answers_of_one_person_to_one_question_the_later_counts(full: DuckDBPyConnection) -> None:
    campaigns.add(full, CAMPAIGN, (), (), [Page("u6", "a1", 4, PageKind.ITEM, "i1", "s1")])
    votes.store(full, [replace(page("u2", "p1", "No"), answered_at=LATER), page("u6", "p1", "Yes")])
    assert answered(full) == [("i1", "p1", "No")]


def test_people_are_what_they_said_and_seconds_are_nowhere(full: DuckDBPyConnection) -> None:
    votes.store(full, [page("u2", "p1")])
    said = opinions.people(full)
    assert said.to_pylist() == [{"person": "p1", "dimension": "politics", "category": "Liberal"}]
    assert said.schema.equals(PEOPLE)
    assert opinions.answers(full).schema.equals(ANSWERS)


def test_a_warehouse_without_campaigns_has_none(db: DuckDBPyConnection) -> None:
    assert opinions.campaign_ids(db) == []
    assert opinions.answers(db).num_rows == 0
