"""Whose perspective is missing when people are asked openly, beside what they say after the list."""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow.csv as pa_csv
import pytest

from annotation.vocabulary import load_study
from flows.canonicalising import canonicalise
from flows.settings import load
from tests.flows.building import TEXTS, WAREHOUSE
from tests.flows.command_line import Ran, valueprism
from tests.flows.missing import NOTHING
from tests.flows.wishing import OPEN, stock
from tests.teacher_server import TeacherServer
from tests.warehouse.rows import DAY
from valueprism_build.campaigns import (
    AnsweredPage,
    Campaign,
    CampaignItem,
    CampaignState,
    Exclusion,
    Page,
    PageKind,
    Seat,
)
from valueprism_build.ids import situation_id
from valueprism_build.records import Annotator, Consideration, SamePair, Vote, Vrd
from warehouse import campaigns, canonical, considerations, exclusions, votes
from warehouse.connect import open_warehouse

FERRY = TEXTS[0]
WROTE = {
    "p0": "Honesty",
    "p1": "honesty, privacy",
    "p2": "The birds' health",
    "p3": "Honesty; health of the birds",
    "p4": "nothing",
    "p5": "Honesty; write to me@example.org",
}
"""On a list of four, of which Honesty and the right to privacy are two."""


BOTH = ("Asked openly: 40.0 %", "5 people wrote"), ("After the list: 16.7 %", "6 people said")


@pytest.fixture(autouse=True)
def _lists() -> None:
    stock(WAREHOUSE, [FERRY])


def ask(wrote: Mapping[str, str], hidden: Mapping[str, Sequence[str]] | None = None) -> None:
    """Store a campaign about the ferry in which people write before they see the list; p0 misses something after it.

    Liberals and Moderates take turns. From whom something is hidden was not asked about items of these texts.
    """
    _, study = load_study("agreement")
    with open_warehouse(WAREHOUSE) as db:
        rows = considerations.read(db, [situation_id(FERRY)])
        pages = [page for person in wrote for page in _pages(person, rows, (hidden or {}).get(person, ()))]
        seats = [Seat(f"of {person}", "all") for person in wrote]
        running = Campaign("pilot", study, 1, "", CampaignState.RUNNING, DAY)
        campaigns.add(db, running, [_item(row) for row in rows], seats, pages)
        for place, person in enumerate(wrote):
            campaigns.take_seat(db, "pilot", "all", person)
            votes.add_annotators(db, [Annotator(person, (("politics", ("Liberal", "Moderate")[place % 2]),))])
        votes.store(db, [page for person, said in wrote.items() for page in _answered(person, said)])


def _item(row: Consideration) -> CampaignItem:
    return CampaignItem(row.id, row.situation_id, FERRY, row.vrd, row.text, row.explanation, row.valence)


def _pages(person: str, rows: Sequence[Consideration], hidden: Sequence[str]) -> list[Page]:
    about, seat = situation_id(FERRY), f"of {person}"
    items = [row.id for row in rows if row.text not in hidden]
    return [
        Page(f"{person} before", seat, 0, PageKind.BEFORE, "", about),
        *(Page(f"{person} {id_}", seat, place, PageKind.ITEM, id_, about) for place, id_ in enumerate(items, 1)),
        Page(f"{person} after", seat, len(items) + 1, PageKind.AFTER, "", about),
    ]


def _answered(person: str, said: str) -> list[AnsweredPage]:
    answers = ("before", OPEN, said), ("after", "perspective_missing", "Yes" if person == "p0" else "No")
    return [
        AnsweredPage(f"{person} {page}", person, (Vote(situation_id(FERRY), person, question, answer, 9.0),), DAY)
        for page, question, answer in answers
    ]


def report(*arguments: object) -> Ran:
    out = ("--out", "report", "--bootstrap", 50, "--json")
    return valueprism("campaign", "report", "pilot", "--warehouse", WAREHOUSE, *out, *arguments)


def counts() -> dict[tuple[str, str], tuple[int, int]]:
    """Return how many were asked and said so, by protocol and group."""
    rows = pa_csv.read_csv("report/missing_perspective.csv").to_pylist()
    wanted = [row for row in rows if row["demographic"] in ("all", "politics")]
    return {(row["protocol"], row["group"]): (row["asked"], row["said_missing"]) for row in wanted}


def told() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Path("report", "report.json").read_text(encoding="utf-8"))
    return found


def test_rates_of_both_ways_of_asking_stand_side_by_side_by_group() -> None:
    ask(WROTE)
    ran = report()
    assert ran.complaints == []
    # Of the five who could be read to the end p2 and p3 want the birds' health, which is not listed. p4 misses nothing.
    # Liberals are p0, p2 and p4 (p5 is a Moderate, and not read).
    assert counts() == {
        ("asked openly", "all"): (5, 2),
        ("asked openly", "Liberal"): (3, 1),
        ("asked openly", "Moderate"): (2, 1),
        ("after the list", "all"): (6, 1),
        ("after the list", "Liberal"): (3, 1),
        ("after the list", "Moderate"): (3, 0),
    }
    [row] = [
        row
        for row in pa_csv.read_csv("report/missing_perspective.csv").to_pylist()
        if (row["protocol"], row["group"]) == ("asked openly", "all")
    ]
    # Wilson's interval of 2 of 5: (0.4 + 1.9207 / 5 -+ 1.96 * sqrt(0.24 / 5 + 0.9604 / 25)) / (1 + 3.8415 / 5).
    assert (row["rate"], row["low"], row["high"]) == pytest.approx((0.4, 0.1176, 0.7693), abs=1e-4)
    assert ran.summary["refused"] == {"contact_data": 1}
    assert ran.summary["participation"]["answers in people's own words"] == 5
    assert not any("missing_open are in people's own words" in line for line in ran.summary["cautions"])
    assert any(line.startswith("Asked openly") for line in ran.summary["cautions"])
    assert any("all-MiniLM-L6-v2: a cosine of 0.78" in line for line in told()["methods"])
    page = Path("report", "report.html").read_text(encoding="utf-8")
    openly, after = (re.search(rf"{way} .*? of {people}", page) for way, people in BOTH)
    assert openly
    assert after
    assert openly.start() < after.start()
    assert "example.org" not in page


def test_what_was_read_of_peoples_words_is_in_no_other_table() -> None:
    ask(WROTE)
    report()
    for name in ("rates", "quality", "item_contrasts", "labels"):
        if Path("report", f"{name}.csv").exists():
            assert OPEN not in Path("report", f"{name}.csv").read_text(encoding="utf-8")


def enrich(words: str, text: str, *, valence: str = "Opposes", adds: int = 1) -> None:
    """Have a teacher say what the wish of these words means, which adds so many rows to the dataset."""
    item = {"vrd": "Value", "text": text, "explanation": "It is at stake.", "valence": valence}
    with TeacherServer({words: json.dumps({"considerations": [item]})}, default=NOTHING) as server:
        whom = ("--teacher", "openai", "--base-url", server.base_url)
        enriched = valueprism("campaign", "enrich", "pilot", *whom, "--warehouse", WAREHOUSE, "--json")
    assert enriched.summary["considerations"] == adds


def test_a_wish_that_came_into_the_dataset_later_was_missing_when_it_was_said() -> None:
    ask(WROTE)
    report()
    before = counts()
    enrich("birds", "Health of the birds")
    # The dataset's list says it now, the list that people were shown did not.
    seen = valueprism("campaign", "missing", "pilot", "--warehouse", WAREHOUSE, "--json").summary["outcomes"]
    assert (seen["added"] + seen["listed"], seen["open"]) == (3, 0)
    report()
    assert counts() == before


def test_what_a_teacher_recognised_as_an_entry_of_the_list_was_not_missing_where_that_was_shown() -> None:
    ask({"p0": "no fibbing please", "p1": "no fibbing please"}, hidden={"p1": ["Honesty"]})
    report()
    assert (counts()["asked openly", "Liberal"], counts()["asked openly", "Moderate"]) == ((1, 1), (1, 1))
    enrich("fibbing", "Honesty", valence="Supports", adds=0)
    report()
    assert (counts()["asked openly", "Liberal"], counts()["asked openly", "Moderate"]) == ((1, 0), (1, 1))


def test_a_wording_that_a_wish_brought_does_not_make_a_wish_listed_though_it_is_judged_the_same() -> None:
    ask({"p0": "frankness", "p1": "honesty"})
    enrich("frankness", "Frankness")
    pair = SamePair(Vrd.VALUE, "Honesty", Vrd.VALUE, "Frankness", same=True)
    canonicalise(load({"warehouse": str(WAREHOUSE)}), "judged", [pair])
    with open_warehouse(WAREHOUSE, read_only=True) as db:
        assert {"Honesty", "Frankness"} in [set(one.members) for one in canonical.read(db).inventory.canonicals()]
    report()
    assert counts()["asked openly", "Liberal"] == (1, 1)
    assert counts()["asked openly", "Moderate"] == (1, 0)


def test_the_list_is_the_one_that_the_person_was_shown() -> None:
    ask({"p0": "privacy", "p1": "privacy"}, hidden={"p0": ["Right to privacy"]})
    report()
    assert counts()["asked openly", "Liberal"] == (1, 1)
    assert counts()["asked openly", "Moderate"] == (1, 0)


def test_the_answers_of_whoever_is_left_out_count_for_nothing() -> None:
    ask(WROTE)
    with open_warehouse(WAREHOUSE) as db:
        exclusions.exclude(db, "pilot", [Exclusion("p2", "by_hand", "hurried", DAY)])
    report()
    assert counts()["asked openly", "all"] == (4, 1)


def test_answers_in_peoples_own_words_can_be_left_unread() -> None:
    ask(WROTE)
    ran = report("--skip", "open-answers")
    assert {protocol for protocol, _ in counts()} == {"after the list"}
    assert "6 answers to missing_open are in people's own words: they are in no figure." in ran.summary["cautions"]
