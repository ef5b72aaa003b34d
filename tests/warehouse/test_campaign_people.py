from dataclasses import replace
from datetime import timedelta

import pytest
from duckdb import DuckDBPyConnection

from tests.warehouse.rows import DAY
from tests.warehouse.test_campaigns import CAMPAIGN, ITEMS, PAGES, SEATS
from valueprism_build.campaigns import AnsweredPage, SeatPerson
from valueprism_build.records import Annotator, Rejected, Stage, Vote
from warehouse import campaign_people, campaigns, rejected, votes
from warehouse.batches import transaction

LATER = DAY + timedelta(hours=1)
SOMEBODY = SeatPerson("a1", 7, "p1@participants.invalid", DAY)


@pytest.fixture
def full(db: DuckDBPyConnection) -> DuckDBPyConnection:
    """A campaign in which p1 sits on the seat that has the pages u1 to u3."""
    campaigns.add(db, CAMPAIGN, ITEMS, SEATS, PAGES)
    campaigns.take_seat(db, "pilot", "left", "p1")
    campaigns.set_projects(db, "pilot", {"a1": 11, "a2": 12})
    return db


def page(uid: str, *answers: str) -> AnsweredPage:
    return AnsweredPage(uid, "p1", tuple(Vote("i1", "p1", "agree", answer, 1.0) for answer in answers), DAY)


def test_a_campaign_remembers_the_server_that_it_was_last_on(full: DuckDBPyConnection) -> None:
    assert campaign_people.server(full, "pilot") is None
    for url in ("http://one", "http://other"):
        campaign_people.set_server(full, "pilot", url)
    assert campaign_people.server(full, "pilot") == "http://other"
    assert campaign_people.projects(full, "pilot") == {"a1": 11, "a2": 12}


def test_whoever_sits_down_first_sits_there_and_their_project_is_pulled_from_its_beginning(
    full: DuckDBPyConnection,
) -> None:
    campaigns.set_cursor(full, "pilot", 11, DAY)
    campaigns.set_cursor(full, "pilot", 12, DAY)
    campaign_people.set_person(full, "pilot", SOMEBODY)
    assert campaigns.cursors(full, "pilot") == {11: None, 12: DAY}
    campaigns.set_cursor(full, "pilot", 11, LATER)
    campaign_people.set_person(full, "pilot", replace(SOMEBODY, person=8))
    assert campaign_people.people(full, "pilot") == [SOMEBODY]
    assert campaigns.cursors(full, "pilot") == {11: LATER, 12: DAY}
    assert campaign_people.people(full, "other") == []


def test_a_page_of_which_no_answer_could_be_taken_is_answered_all_the_same(full: DuckDBPyConnection) -> None:
    votes.store(full, [page("u1"), page("u2", "Yes")])
    assert campaign_people.answered(full, "pilot") == {"u1": DAY, "u2": DAY}
    assert campaign_people.last_answers(full, "pilot") == {"a1": DAY}
    votes.remove(full, ["u1"])
    assert campaign_people.answered(full, "pilot") == {"u2": DAY}
    assert campaign_people.answered(full, "other") == {}


def test_an_older_form_does_not_take_the_place_of_a_later_one_that_holds_no_answer(full: DuckDBPyConnection) -> None:
    for answered in (page("u2", "Yes"), replace(page("u2"), answered_at=LATER), page("u2", "Yes")):
        with transaction(full):
            votes.store(full, [answered])
    assert campaign_people.answered(full, "pilot") == {"u2": LATER}
    assert full.execute("SELECT count(*) FROM vote").fetchall() == [(0,)]


def test_who_takes_the_consent_back_takes_part_no_more_until_it_comes_again(full: DuckDBPyConnection) -> None:
    about = Annotator("p1", (("age", "25-34"),))
    votes.store(full, [page("u1"), page("u2", "Yes")])
    votes.add_annotators(full, [about])
    votes.remove(full, ["u1"])
    assert (votes.read(full, "pilot"), votes.read_annotators(full, "pilot")) == ([], [])
    assert full.execute("SELECT count(*) FROM demographic").fetchall() == [(0,)]
    votes.store(full, [page("u1")])
    votes.add_annotators(full, [about])
    assert len(votes.read(full, "pilot")) == 1


def test_the_consent_of_a_page_that_was_never_answered_is_not_taken_back(full: DuckDBPyConnection) -> None:
    votes.add_annotators(full, [Annotator("p1", ())])  # in another campaign
    votes.remove(full, ["u1"])
    assert votes.read_annotators(full, "pilot") == [Annotator("p1", ())]


def test_a_seat_is_done_when_all_its_pages_are_answered_and_not_any_more_when_one_is_withdrawn(
    full: DuckDBPyConnection,
) -> None:
    votes.store(full, [page("u1"), page("u2", "Yes")])
    assert campaign_people.settle_seats(full, "pilot", ["a1", "b1"]) == 0
    votes.store(full, [page("u3")])
    assert campaign_people.settle_seats(full, "pilot", ["a1", "b1"]) == 1
    assert campaign_people.settle_seats(full, "pilot", ["a1"]) == 0
    assert states(full) == ["done", "free", "free"]
    votes.remove(full, ["u2"])
    campaign_people.settle_seats(full, "pilot", ["b1"])
    assert states(full) == ["done", "free", "free"]
    campaign_people.settle_seats(full, "pilot", ["a1"])
    assert states(full) == ["taken", "free", "free"]


def test_a_page_has_a_person_once_the_server_knows_who_sits_there(full: DuckDBPyConnection) -> None:
    assert campaign_people.sittings(full, "pilot", ["u1", "u4"]) == []
    campaign_people.set_person(full, "pilot", SOMEBODY)
    assert campaign_people.sittings(full, "pilot", ["u1", "u4"]) == [(PAGES[0], "p1", 7)]
    assert campaign_people.sittings(full, "other", ["u1"]) == []


def test_refusals_of_a_page_take_the_place_of_those_before(full: DuckDBPyConnection) -> None:
    def refused() -> list[tuple[str, str]]:
        return full.execute("SELECT subject_id, rule FROM rejected ORDER BY ALL").fetchall()

    rows = [Rejected(id_, Stage.ANNOTATE, "skipped", "") for id_ in ("u1:agree", "u2", "u22")]
    rejected.replace_pages(full, "run", ["u1", "u2", "u22"], rows)
    rejected.replace_pages(full, "run", ["u1", "u2"], [Rejected("u1", Stage.ANNOTATE, "answered_again", "")])
    assert refused() == [("u1", "answered_again"), ("u22", "skipped")]


def states(db: DuckDBPyConnection) -> list[str]:
    return [seat.state.value for seat in campaigns.seats(db, "pilot")]


def test_nothing_of_who_is_forgotten_is_left_where_they_sat(full: DuckDBPyConnection) -> None:
    campaign_people.set_person(full, "pilot", SOMEBODY)
    votes.store(full, [page("u2", "Yes")])
    quoted = [Rejected("u2:agree", Stage.ANNOTATE, "unknown_answer", "'I am p1' is none of Yes, No")]
    rejected.add(full, "run", [*quoted, Rejected("u4", Stage.ANNOTATE, "skipped", "somebody else's page")])
    votes.forget(full, "p1", at=DAY)
    for [table] in full.execute("SELECT table_name FROM duckdb_tables()").fetchall():
        assert "p1" not in str(full.execute(f"SELECT * FROM {table}").fetchall()), table
    assert full.execute("SELECT subject_id FROM rejected").fetchall() == [("u4",)]
    assert votes.is_forgotten(full, ["p0", "p1"])
    assert not votes.is_forgotten(full, ["p0"])


def test_where_raw_exports_were_kept_is_remembered_once(full: DuckDBPyConnection) -> None:
    for directory in ("raw", "raw", "more"):
        campaign_people.keep_raw(full, "pilot", directory)
    assert campaign_people.raw_directories(full, "pilot") == ["more", "raw"]
    assert campaign_people.raw_directories(full, "other") == []
