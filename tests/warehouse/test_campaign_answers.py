from dataclasses import replace

import pytest
from duckdb import DuckDBPyConnection

from tests.warehouse.rows import DAY, answer, consideration, derived, situation
from tests.warehouse.test_campaigns import CAMPAIGN
from valueprism_build.campaigns import AnsweredPage, CampaignItem, Gold, Page, PageKind, Seat
from valueprism_build.records import Annotator, Valence, Vote, Vrd
from warehouse import campaign_answers, campaigns, considerations, situations, votes

PLACE = situation(1)
KNOWN = consideration(answer(PLACE), 0)
ITEMS = [
    CampaignItem(KNOWN.id, PLACE.id, PLACE.text, Vrd.VALUE, KNOWN.text, "It helps.", Valence.SUPPORTS),
    CampaignItem("lost", "gone", "Lying", Vrd.DUTY, "Kindness", "So does it.", Valence.EITHER),
    CampaignItem("planted", PLACE.id, PLACE.text, Vrd.RIGHT, "Right to lie", "", Valence.EITHER, Gold.FOREIGN),
]
PAGES = [
    Page("u1", "a1", 1, PageKind.ITEM, "lost", "gone"),
    Page("u2", "a1", 2, PageKind.ITEM, KNOWN.id, PLACE.id),
    Page("u3", "a1", 3, PageKind.GOLD, "planted", PLACE.id),
    Page("u4", "a1", 4, PageKind.REPEAT, "lost", "gone"),
    Page("u5", "b1", 1, PageKind.ITEM, "lost", "gone"),
]
ALL = list(PageKind)


@pytest.fixture
def full(db: DuckDBPyConnection) -> DuckDBPyConnection:
    """A campaign about an item that the dataset has and one that it has lost; p2 has not agreed to take part."""
    situations.add(db, [PLACE])
    considerations.replace(db, "run", [derived(PLACE)])
    campaigns.add(db, CAMPAIGN, ITEMS, [Seat("a1", "left"), Seat("b1", "right")], PAGES)
    votes.add_annotators(db, [Annotator("p1", (("politics", "Liberal"),))])
    given = [("u4", "lost", "No"), ("u2", KNOWN.id, "No"), ("u3", "planted", "No"), ("u1", "lost", "Yes")]
    answered = [AnsweredPage(uid, "p1", (Vote(item, "p1", "agree", said, 4.5),), DAY) for uid, item, said in given]
    silent = AnsweredPage("u5", "p2", (Vote("lost", "p2", "agree", "Yes", None),), DAY)
    votes.store(db, [*answered, silent])
    return db


def test_answers_come_in_the_order_of_the_pages_with_the_kind_of_each(full: DuckDBPyConnection) -> None:
    rows = campaign_answers.answers(full, "pilot", ALL).to_pylist()
    assert [(row["item_id"], row["answer"], row["kind"]) for row in rows] == [
        ("lost", "Yes", "item"),
        (KNOWN.id, "No", "item"),
        ("planted", "No", "gold"),
        ("lost", "No", "repeat"),
    ]
    assert {row["annotator_id"] for row in rows} == {"p1"}  # p2 has not agreed to take part
    assert rows[0]["seconds"] == 4.5
    assert campaign_answers.answers(full, "pilot", [PageKind.GOLD]).num_rows == 1
    assert campaign_answers.answers(full, "other", ALL).num_rows == 0


def test_items_and_situations_come_with_what_is_known_of_them_and_gold_items_stay_out(full: DuckDBPyConnection) -> None:
    rows = {row["item_id"]: row for row in campaign_answers.asked_about(full, "pilot").to_pylist()}
    assert rows.keys() == {KNOWN.id, "lost", PLACE.id, "gone"}
    assert rows[KNOWN.id] == {
        "item_id": KNOWN.id,
        "text": f"{KNOWN.text}: {PLACE.text}",
        "vrd": "Value",
        "valence": "Supports",
        "topic": "property",
        "teacher": "openai",
    }
    assert (rows["lost"]["topic"], rows["lost"]["teacher"], rows["lost"]["vrd"]) == ("", "", "Duty")
    assert (rows[PLACE.id]["text"], rows[PLACE.id]["topic"], rows[PLACE.id]["vrd"]) == (PLACE.text, "property", "")


def test_a_situation_that_is_not_sensitive_is_an_everyday_one(full: DuckDBPyConnection) -> None:
    plain = replace(situation(2), flags=())
    situations.add(full, [plain])
    item = CampaignItem("plain", plain.id, plain.text, Vrd.VALUE, "Thrift", "", Valence.EITHER)
    campaigns.add(full, CAMPAIGN, [item], [], [])
    rows = {row["item_id"]: row["topic"] for row in campaign_answers.asked_about(full, "pilot").to_pylist()}
    assert rows["plain"] == rows[plain.id] == "everyday"
