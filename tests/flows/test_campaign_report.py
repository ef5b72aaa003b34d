"""Reports on files of votes and on a campaign in the warehouse, from the command line."""

from collections.abc import Sequence
from pathlib import Path

import pyarrow.csv as pa_csv
import pytest

from annotation.vocabulary import load_study
from tests.annotation.report.studies import simulated, written
from tests.flows.building import WAREHOUSE
from tests.flows.command_line import Ran, valueprism
from tests.warehouse.rows import DAY
from valueprism_build.campaigns import AnsweredPage, Campaign, CampaignItem, CampaignState, Gold, Page, PageKind, Seat
from valueprism_build.records import Annotator, Valence, Vote, Vrd
from warehouse import campaigns, votes
from warehouse.connect import open_warehouse

QUICK = ("--bootstrap", 50, "--out", "report", "--json")


def of_files(*arguments: object) -> Ran:
    return valueprism(
        "campaign", "report", "--votes", "votes.csv", "--annotators", "annotators.csv", *arguments, *QUICK
    )


@pytest.fixture
def files() -> Sequence[Path]:
    return written(simulated(), Path())


def add_rows(*lines: str) -> None:
    with Path("votes.csv").open("a", encoding="utf-8") as file:
        file.write("".join(f"{line}\n" for line in lines))


@pytest.mark.usefixtures("files")
def test_files_of_votes_become_tables_and_a_summary() -> None:
    Path("target.csv").write_text("demographic,category,share\ngender,Woman,0.5\ngender,Man,0.5\n", encoding="utf-8")
    ran = of_files("--items", "items.csv", "--target", "target.csv", "--missing", "agree=after the list")
    found = ran.summary
    assert ran.complaints == []
    assert found["participation"]["people who voted"] == 90
    assert found["rates"]["agree"]["votes"] == 1800
    assert found["tables"].keys() >= {"rates", "group_effects", "item_contrasts", "missing_perspective", "labels"}
    for name, count in found["tables"].items():
        assert Path(f"report/{name}.parquet").exists()
        assert pa_csv.read_csv(f"report/{name}.csv").num_rows == count
    by = {row["by"] for row in pa_csv.read_csv("report/rates.csv").to_pylist()}
    assert by == {"all", "vrd", "valence", "gender", "politics"}


@pytest.mark.usefixtures("files")
def test_what_does_not_fit_is_refused_by_row_and_reason_and_the_rest_is_reported() -> None:
    add_rows("item 0,person 0,agree,Perhaps", "item 0,,agree,Yes", "item 0,stranger,agree,Yes")
    found = of_files("--scale", "agree=binary:No,Yes").summary
    assert found["refused"] == {"unknown_answer": 1, "missing_annotator_id": 1}
    rows = {row["rule"]: row for row in pa_csv.read_csv("report/refused.csv").to_pylist()}
    # 1,800 votes stand before them.
    assert rows["unknown_answer"]["detail"] == "row 1801 has answer 'Perhaps', which is not on the scale"
    assert rows["missing_annotator_id"]["subject"] == "votes.csv:1802"
    # The stranger is in no list of people, and counts all the same.
    assert found["participation"]["voters whom the list of people lacks"] == 1
    assert found["rates"]["agree"]["people"] == 91


@pytest.mark.usefixtures("files")
def test_a_report_never_replaces_the_files_that_it_is_made_from() -> None:
    # The report has a table of people, too.
    Path("annotators.csv").rename("people.csv")
    before = Path("people.csv").read_bytes()
    ran = valueprism("campaign", "report", "--votes", "votes.csv", "--annotators", "people.csv", "--out", ".")
    assert ran.code == 1
    assert ran.complaint == "the report would replace people.csv, which it is made from; give another --out"
    assert Path("people.csv").read_bytes() == before
    assert not Path("rates.csv").exists()


@pytest.mark.usefixtures("files")
def test_an_answer_that_counts_as_agreement_must_be_known() -> None:
    add_rows("item 0,person 0,feeling,warm", "item 1,person 0,feeling,cold")
    ran = of_files()
    assert ran.code == 1
    assert ran.complaint.startswith("question 'feeling' has answers cold, warm: nobody can tell which is agreement; ")
    assert of_files("--yes", "feeling=warm").summary["rates"]["feeling"]["answer"] == "warm"


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--yes", "agree"), "--yes 'agree' is not like agree=Yes"),
        (("--scale", "agree=odd"), "'odd' is none of"),
        (("--skip", "page"), "'page' is none of"),
        (("--looks", "half"), "--looks 'half' is not like"),
        (("--keep", "best"), "'best' is none of first, last"),
        (("name",), "give the name of a campaign, or --votes"),
    ],
)
def test_flags_that_say_nothing_are_wrong_usage(arguments: tuple[str, ...], words: str) -> None:
    ran = of_files(*arguments)
    assert ran.code == 2
    assert words in " ".join(ran.err.replace("│", " ").split())


def test_neither_a_name_nor_files_is_wrong_usage() -> None:
    assert valueprism("campaign", "report", *QUICK).code == 2
    assert valueprism("campaign", "report", "--votes", "votes.csv", *QUICK).code == 2
    assert valueprism("campaign", "report", "pilot", "--items", "items.csv", *QUICK).code == 2


@pytest.fixture
def campaign() -> None:
    """Four people of two leanings who answer three items, one gold item and one repeat each."""
    _, text = load_study("agreement")
    kinds = [(f"i{place}", None) for place in range(3)] + [("g", Gold.FOREIGN)]
    items = [
        CampaignItem(id_, "s", "Lying", vrd, f"Honesty {id_}", "", Valence.EITHER, gold)
        for (id_, gold), vrd in zip(kinds, (*Vrd, Vrd.VALUE), strict=True)
    ]
    people = [f"p{place}" for place in range(4)]
    pages, answered = [], []
    for person in people:
        told = [(PageKind.ITEM, each.id) for each in items[:3]]
        told += [(PageKind.GOLD, "g"), (PageKind.REPEAT, "i0"), (PageKind.AFTER, "s")]
        for place, (kind, about) in enumerate(told):
            page = Page(f"{person}{place}", f"seat {person}", place, kind, about, "s")
            pages.append(page)
            question = "perspective_missing" if kind is PageKind.AFTER else "agree"
            said = "No" if kind is PageKind.GOLD or (person, about) == ("p3", "i1") else "Yes"
            answered.append(AnsweredPage(page.uid, person, (Vote(about, person, question, said, 5.0),), DAY))
    with open_warehouse(WAREHOUSE) as db:
        running = Campaign("pilot", text, 0, "", CampaignState.RUNNING, DAY)
        campaigns.add(db, running, items, [Seat(f"seat {person}", "all") for person in people], pages)
        for place, person in enumerate(people):
            campaigns.take_seat(db, "pilot", "all", person)
            votes.add_annotators(db, [Annotator(person, (("politics", ("Liberal", "Moderate")[place % 2]),))])
        votes.store(db, answered)


@pytest.mark.usefixtures("campaign")
def test_a_campaign_of_the_warehouse_is_reported_by_its_study() -> None:
    ran = valueprism("campaign", "report", "pilot", "--warehouse", WAREHOUSE, *QUICK)
    found = ran.summary
    assert ran.complaints == []
    # Eleven of twelve; gold items and repeats are no votes.
    agreed = found["rates"]["agree"]
    assert (agreed["answer"], agreed["votes"], agreed["rate"]) == ("Yes", 12, pytest.approx(11 / 12))
    assert found["participation"]["answers given once more"] == 4
    assert found["refused"] == {}
    [missing] = [
        row
        for row in pa_csv.read_csv("report/missing_perspective.csv").to_pylist()
        if (row["question"], row["demographic"]) == ("perspective_missing", "all")
    ]
    assert (missing["protocol"], missing["asked"], missing["said_missing"]) == ("after the list", 4, 4)
    quality = pa_csv.read_csv("report/quality.csv").to_pylist()
    assert [(row["gold"], row["gold_right"]) for row in quality if row["question"] == "agree"] == [(1, 1)] * 4
    by = {(row["by"], row["group"]) for row in pa_csv.read_csv("report/rates.csv").to_pylist()}
    assert by >= {("vrd", "Duty"), ("valence", "Either"), ("politics", "Liberal")}


@pytest.mark.usefixtures("campaign")
def test_a_campaign_that_there_is_none_of_is_said_so() -> None:
    ran = valueprism("campaign", "report", "other", "--warehouse", WAREHOUSE, *QUICK)
    assert ran.code == 1
    assert "has no campaign 'other'" in ran.complaint


def test_a_campaign_that_nobody_has_answered_yet_is_reported_as_that() -> None:
    _, text = load_study("agreement")
    item = CampaignItem("i", "s", "Lying", Vrd.VALUE, "Honesty", "", Valence.EITHER)
    with open_warehouse(WAREHOUSE) as db:
        planned = Campaign("new", text, 0, "", CampaignState.PLANNED, DAY)
        campaigns.add(db, planned, [item], [Seat("one", "all")], [Page("u", "one", 0, PageKind.ITEM, "i", "s")])
    found = valueprism("campaign", "report", "new", "--warehouse", WAREHOUSE, *QUICK).summary
    assert found["cautions"][0] == "Nobody answered: there is nothing to conclude."
    assert found["participation"]["items without a vote"] == 2  # the item, and its situation
    assert found["rates"] == {}
