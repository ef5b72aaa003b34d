from dataclasses import replace
from datetime import timedelta

import pytest
from duckdb import DuckDBPyConnection

from tests.warehouse.rows import DAY
from tests.warehouse.test_campaigns import CAMPAIGN, ITEMS, PAGES, SEATS
from valueprism_build.campaigns import AnsweredPage, Page, PageKind, SeatState
from valueprism_build.records import Annotator, Vote
from warehouse import campaigns, votes
from warehouse.checks import run_checks

LATER = DAY + timedelta(hours=1)
ABOUT = Annotator("p1", (("politics", "Liberal"), ("age", "25-34")))


@pytest.fixture
def full(db: DuckDBPyConnection) -> DuckDBPyConnection:
    """A campaign in which p1 sits on the seat that has the pages u1 to u3."""
    campaigns.add(db, CAMPAIGN, ITEMS, SEATS, [*PAGES, Page("u9", "a1", 3, PageKind.REPEAT, "i1", "s1")])
    campaigns.take_seat(db, "pilot", "left", "p1")
    votes.add_annotators(db, [ABOUT])
    return db


def page(uid: str = "u2", answer: str = "Yes", item: str = "i1", seconds: float | None = 4.5) -> AnsweredPage:
    return AnsweredPage(uid, "p1", (Vote(item, "p1", "agree", answer, seconds),), DAY)


def test_answers_are_read_as_they_were_given(full: DuckDBPyConnection) -> None:
    assert votes.store(full, [page()]) == (1, 0, 0)
    assert votes.read(full, "pilot") == [Vote("i1", "p1", "agree", "Yes", 4.5)]
    assert votes.read(full, "other") == []
    assert run_checks(full) == []


def test_what_comes_twice_changes_nothing(full: DuckDBPyConnection) -> None:
    votes.store(full, [page()])
    assert votes.store(full, [page()]) == (0, 1, 0)
    assert len(votes.read(full, "pilot")) == 1
    with pytest.raises(ValueError, match="1 pages come twice"):
        votes.store(full, [page("u3"), page("u3")])


def test_an_edit_takes_the_place_of_the_whole_page_and_an_older_form_that_comes_late_does_not(
    full: DuckDBPyConnection,
) -> None:
    two = (Vote("i1", "p1", "agree", "Yes", 4.5), Vote("i1", "p1", "why", "So", 4.5))
    votes.store(full, [replace(page(), votes=two)])
    votes.store(full, [replace(page(answer="No"), answered_at=LATER)])
    assert votes.store(full, [page()]) == (0, 1, 0)
    assert votes.read(full, "pilot") == [Vote("i1", "p1", "agree", "No", 4.5)]


def test_gold_and_repeats_are_kept_apart_from_what_was_asked(full: DuckDBPyConnection) -> None:
    votes.store(full, [page(), page("u3", item="i2"), page("u9", "No", seconds=None)])
    assert [vote.answer for vote in votes.read(full, "pilot")] == ["Yes"]
    assert votes.read(full, "pilot", [PageKind.GOLD]) == [Vote("i2", "p1", "agree", "Yes", 4.5)]
    assert votes.read(full, "pilot", [PageKind.REPEAT]) == [Vote("i1", "p1", "agree", "No", None)]


def test_an_answer_that_was_deleted_goes_and_may_come_again(full: DuckDBPyConnection) -> None:
    votes.store(full, [page()])
    assert votes.remove(full, ["u2", "unheard of"]) == 1
    assert votes.read(full, "pilot") == []
    assert votes.store(full, [page()]) == (1, 0, 0)


def test_people_are_what_they_said_last_in_the_order_of_asking(full: DuckDBPyConnection) -> None:
    assert votes.read_annotators(full, "pilot") == [ABOUT]
    later = replace(ABOUT, demographics=(("politics", "Prefer not to say"), ("age", "25-34")))
    assert votes.add_annotators(full, [later]) == 1
    assert votes.read_annotators(full, "pilot") == [later]
    assert votes.read_annotators(full, "other") == []


def test_a_study_that_asks_nothing_about_people_has_people_all_the_same(full: DuckDBPyConnection) -> None:
    campaigns.take_seat(full, "pilot", "right", "p2")
    votes.add_annotators(full, [Annotator("p2", ())])
    assert votes.read_annotators(full, "pilot") == [ABOUT, Annotator("p2", ())]


def test_answers_of_who_has_not_agreed_to_take_part_are_not_read(full: DuckDBPyConnection) -> None:
    campaigns.take_seat(full, "pilot", "right", "p2")
    theirs = AnsweredPage("u4", "p2", (Vote("s1", "p2", "missing", "Yes", 1.0),), DAY)
    votes.store(full, [page(), theirs])
    assert {vote.annotator_id for vote in votes.read(full, "pilot")} == {"p1"}
    assert votes.read_annotators(full, "pilot") == [ABOUT]
    votes.add_annotators(full, [Annotator("p2", ())])
    assert {vote.annotator_id for vote in votes.read(full, "pilot")} == {"p1", "p2"}


def test_who_is_forgotten_is_nowhere_and_does_not_come_back(full: DuckDBPyConnection) -> None:
    votes.store(full, [page(), page("u3", item="i2")])
    assert votes.forget(full, "p1", at=DAY) == 2
    for [table] in full.execute("SELECT table_name FROM duckdb_tables()").fetchall():
        assert "p1" not in str(full.execute(f"SELECT * FROM {table}").fetchall()), table
    assert campaigns.seats(full, "pilot")[0].state is SeatState.CLOSED
    assert votes.store(full, [replace(page(), answered_at=LATER)]) == (0, 0, 1)
    assert votes.add_annotators(full, [ABOUT]) == 0
    assert votes.read(full, "pilot") == []
    assert votes.read_annotators(full, "pilot") == []


def test_that_somebody_was_forgotten_is_recorded_once(full: DuckDBPyConnection) -> None:
    votes.store(full, [page()])
    votes.forget(full, "p1", at=DAY)
    assert votes.forget(full, "p1", at=LATER) == 0
    assert full.execute("SELECT votes, forgotten_at FROM forgotten").fetchall() == [(1, DAY)]


def test_an_answer_of_somebody_who_does_not_sit_there_is_found(full: DuckDBPyConnection) -> None:
    votes.store(full, [replace(page(), annotator_id="p2")])
    [offence] = run_checks(full)
    assert offence.check == "an answer is of who sits where its page was dealt"
    assert offence.examples == ["u2:agree"]
