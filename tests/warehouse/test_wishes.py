"""Wishes in the warehouse: who voiced them, what became of them, and nobody's words."""

from dataclasses import replace

import pytest
from duckdb import DuckDBPyConnection

from tests.warehouse.rows import DAY, answer, consideration, said, situation
from valueprism_build.campaigns import AnsweredPage, Campaign, CampaignState, Exclusion, Page, PageKind, Seat
from valueprism_build.records import Annotator, Answer, Purpose, Vote
from valueprism_build.wishes import Outcome, Voice, Wish, Written
from warehouse import campaigns, considerations, exclusions, situations, votes, wishes
from warehouse.balance import read_balance
from warehouse.batches import transaction
from warehouse.candidates import candidates
from warehouse.considerations import Derived
from warehouse.overlap import read_overlaps
from warehouse.release_rows import releasable
from warehouse.status import read_status
from warehouse.wishes import Fate, WishCounts

PLACE = situation(1)
FIRST = answer(PLACE)
WISHED = replace(answer(PLACE, point_of_view="w1"), purpose=Purpose.MISSING)
LISTED, ADDED = consideration(FIRST, 0, "Thrift"), consideration(WISHED, 0, "Candour")


def voice(person: str, wish: str) -> Voice:
    return Voice(wish, PLACE.id, "pilot", f"u-{person}", "missing_listed", person, f"{wish} as {person} put it")


@pytest.fixture
def full(db: DuckDBPyConnection) -> DuckDBPyConnection:
    """p1 and p2 have asked for what became Candour, p2 also for Thrift, which was listed; p3 has not agreed yet."""
    situations.add(db, [PLACE])
    derived(db, FIRST, WISHED)
    people = ("p1", "p2", "p3")
    seats = [Seat(f"a-{person}", "all") for person in people]
    pages = [Page(f"u-{person}", f"a-{person}", 0, PageKind.AFTER, "", PLACE.id) for person in people]
    campaigns.add(db, Campaign("pilot", "", 1, "", CampaignState.RUNNING, DAY), [], seats, pages)
    for person in people:
        campaigns.take_seat(db, "pilot", "all", person)
    votes.add_annotators(db, [Annotator(person, ()) for person in people[:2]])
    said_so = [Vote(PLACE.id, person, "missing_listed", f"words of {person}", 5.0) for person in people]
    votes.store(db, [AnsweredPage(f"u-{one.annotator_id}", one.annotator_id, (one,), DAY) for one in said_so])
    with transaction(db):
        known = [Wish("w1", PLACE.id, None, ("r1",)), Wish("w2", PLACE.id, LISTED.id, ())]
        voices = [voice("p1", "w1"), voice("p2", "w1"), voice("p2", "w2")]
        wishes.store(db, [PLACE.id], known, {one.phrase: one.wish_id for one in voices}, voices)
    return db


def derived(db: DuckDBPyConnection, *answers: Answer) -> None:
    kept = tuple(item for item in (LISTED, ADDED) if item.request_hash in {one.request_hash for one in answers})
    considerations.replace(db, "run", [Derived(PLACE.id, "1", answers, kept, (), tuple(map(said, kept)))])


def asked_for(db: DuckDBPyConnection) -> dict[str, tuple[str, int, list[str]]]:
    columns = ("text", "consideration_source", "people", "campaigns")
    rows = releasable(db).select(columns).to_pylist()
    return {row["text"]: (row["consideration_source"], row["people"], row["campaigns"]) for row in rows}


def test_rows_tell_who_brought_them_and_how_many_asked(full: DuckDBPyConnection) -> None:
    assert asked_for(full) == {"Candour": ("annotators", 2, ["pilot"]), "Thrift": ("teachers", 1, ["pilot"])}


def test_what_became_of_wishes_follows_from_the_answers(full: DuckDBPyConnection) -> None:
    added, listed = Fate(Outcome.ADDED, (ADDED.id,), (ADDED.id,)), Fate(Outcome.LISTED, (LISTED.id,))
    assert wishes.fates(full, [PLACE.id]) == {"w1": added, "w2": listed}
    assert wishes.count(full) == [WishCounts("pilot", people=2, wishes=2, listed=1, added=1, nothing=0, open=0)]
    nothing = replace(WISHED, request_hash="other", subject="w3")
    considerations.replace(full, "run", [Derived(PLACE.id, "2", (FIRST, nothing), (LISTED,), (), (said(LISTED),))])
    with transaction(full):
        wishes.store(full, [PLACE.id], [Wish("w3", PLACE.id, None, ()), Wish("w4", PLACE.id, None, ())], {}, [])
    found = wishes.fates(full, [PLACE.id])
    # The answer about w1 is here still, and what it said is not.
    assert {id_: fate.outcome for id_, fate in found.items()} == {
        "w1": Outcome.NOTHING, "w2": Outcome.LISTED, "w3": Outcome.NOTHING, "w4": Outcome.OPEN,
    }  # fmt: skip


def test_an_item_that_repeats_what_is_listed_is_no_addition(full: DuckDBPyConnection) -> None:
    repeated = (said(LISTED), said(ADDED, LISTED))
    considerations.replace(full, "run", [Derived(PLACE.id, "2", (FIRST, WISHED), (LISTED,), (), repeated)])
    assert wishes.fates(full, [PLACE.id])["w1"] == Fate(Outcome.LISTED, (LISTED.id,))
    assert asked_for(full) == {"Thrift": ("teachers", 2, ["pilot"])}  # p1 and p2, who asked for it twice


def test_an_entry_of_the_list_that_a_teacher_repeats_to_tell_what_people_mean_is_no_voice_of_its_own(
    db: DuckDBPyConnection,
) -> None:
    situations.add(db, [PLACE])
    first, asked = answer(PLACE, "one"), replace(answer(PLACE, "other", point_of_view="w1"), purpose=Purpose.MISSING)
    thrift, candour = consideration(first, 0, "Thrift"), consideration(asked, 0, "Candour")
    sayings = (said(thrift), said(candour), said(consideration(asked, 1, "Thrift"), thrift))
    considerations.replace(db, "run", [Derived(PLACE.id, "1", (first, asked), (thrift, candour), (), sayings)])
    found = {row["text"]: row["disagreement"] for row in candidates(db).to_pylist()}
    assert found == {"Thrift": "alone", "Candour": "alone"}  # gold is what two teachers name of themselves
    assert [(one.first, [each.matched for each in one.overlaps]) for one in read_overlaps(db)] == [
        ("one", [0]), ("other", [0]),
    ]  # fmt: skip
    leanings = {one.group: one.supports for one in read_balance(db).leanings if one.by == "teacher"}
    assert leanings == {"one": 1, "other": 1}


def test_status_and_balance_tell_of_annotators(full: DuckDBPyConnection) -> None:
    assert [one.wishes for one in read_status(full).wishes] == [2]
    [leaning] = [one for one in read_balance(full).leanings if one.by == "source"]
    assert (leaning.group, leaning.supports, leaning.opposes, leaning.either) == ("annotators", 1, 0, 0)


def test_who_is_excluded_counts_no_more_and_is_not_read(full: DuckDBPyConnection) -> None:
    exclusions.exclude(full, "pilot", [Exclusion("p2", "by_hand", "asked to", DAY)])
    assert asked_for(full) == {"Candour": ("annotators", 1, ["pilot"]), "Thrift": ("teachers", 0, [])}
    read = wishes.written(full, ["missing_listed"], [PLACE.id])
    assert read == [Written("pilot", "u-p1", "missing_listed", PLACE.id, "p1", "words of p1")]


def test_who_is_forgotten_has_no_voice_and_an_answer_that_is_gone_has_none(full: DuckDBPyConnection) -> None:
    votes.remove(full, ["u-p1"])
    assert asked_for(full)["Candour"] == ("annotators", 1, ["pilot"])
    votes.forget(full, "p2", at=DAY)
    assert asked_for(full) == {"Candour": ("annotators", 0, []), "Thrift": ("teachers", 0, [])}
    assert [one for (one,) in full.execute("SELECT annotator_id FROM wish_voice").fetchall()] == ["p1"]


def test_a_phrase_stays_where_it_came_first_and_what_may_not_be_repeated_adds_up(full: DuckDBPyConnection) -> None:
    phrase = voice("p1", "w1").phrase
    with transaction(full):
        wishes.store(full, [PLACE.id], [Wish("w1", PLACE.id, None, ("r2",))], {phrase: "w9"}, [])
    assert wishes.known_phrases(full, [phrase, "unheard of"]) == {phrase: "w1"}
    assert wishes.runs(full, [PLACE.id]) == {"w1": frozenset({"r1", "r2"}), "w2": frozenset()}
    assert wishes.count(full) == []  # the voices are those of the last look


def test_only_written_questions_that_are_named_are_read_of_people_who_agreed(full: DuckDBPyConnection) -> None:
    assert [one.annotator_id for one in wishes.written(full, ["missing_listed"], [PLACE.id])] == ["p1", "p2"]
    assert wishes.written(full, ["missing_open"], [PLACE.id]) == []
    assert wishes.written(full, ["missing_listed"], ["elsewhere"]) == []
    assert wishes.asked_about(full, "pilot") == [PLACE.id]
