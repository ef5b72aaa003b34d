"""The lists that people were shown, and wordings that came of what they missed."""

from dataclasses import replace

from duckdb import DuckDBPyConnection

from tests.warehouse.rows import DAY, answer, consideration, said, situation
from valueprism_build.campaigns import Campaign, CampaignItem, CampaignState, Gold, Page, PageKind, Seat
from valueprism_build.records import Purpose, Valence, Vrd
from warehouse import campaigns, considerations, open_answers, situations
from warehouse.considerations import Derived

PLACE, OTHER = situation(1), situation(2)


def item(id_: str, about: str, gold: Gold | None = None) -> CampaignItem:
    return CampaignItem(id_, about, "Lying", Vrd.VALUE, id_, "", Valence.EITHER, gold)


def test_a_list_is_what_its_person_was_asked_about_the_situation(db: DuckDBPyConnection) -> None:
    items = [item("i1", "s1"), item("i2", "s1"), item("i3", "s2"), item("g", "s1", Gold.VALID)]
    pages = [
        Page("a-before", "a", 0, PageKind.BEFORE, "", "s1"),
        *(Page(f"a-{id_}", "a", place, PageKind.ITEM, id_, "s1") for place, id_ in enumerate(("i2", "i1"), 1)),
        Page("a-i3", "a", 3, PageKind.ITEM, "i3", "s2"),
        Page("a-gold", "a", 4, PageKind.GOLD, "g", "s1"),
        Page("a-again", "a", 5, PageKind.REPEAT, "i2", "s1"),
        Page("b-before", "b", 0, PageKind.BEFORE, "", "s1"),
        Page("b-i1", "b", 1, PageKind.ITEM, "i1", "s1"),
        Page("b-bare", "b", 2, PageKind.BEFORE, "", "s2"),
    ]
    seats = [Seat("a", "all"), Seat("b", "all")]
    campaigns.add(db, Campaign("pilot", "", 1, "", CampaignState.RUNNING, DAY), items, seats, pages)
    assert open_answers.shown(db, "pilot") == {"a-before": ("i1", "i2"), "b-before": ("i1",)}
    assert open_answers.shown(db, "other") == {}


def test_a_wording_that_a_teacher_had_named_by_itself_anywhere_did_not_come_of_a_wish(db: DuckDBPyConnection) -> None:
    situations.add(db, [PLACE, OTHER])
    wished = replace(answer(PLACE, point_of_view="w1"), purpose=Purpose.MISSING)
    added, named = consideration(wished, 0, "Candour"), consideration(wished, 1, "Thrift")
    before = answer(OTHER)
    thrift = consideration(before, 0, "Thrift")
    considerations.replace(
        db,
        "run",
        [
            Derived(PLACE.id, "1", (wished,), (added, named), (), tuple(map(said, (added, named)))),
            Derived(OTHER.id, "1", (before,), (thrift,), (), (said(thrift),)),
        ],
    )
    assert open_answers.from_wishes(db) == {(Vrd.VALUE, "Candour")}
