"""What people answered in a campaign, from the warehouse into a release."""

import json
from dataclasses import replace
from pathlib import Path

import datasets
import pytest

from annotation.vocabulary import PREFER_NOT_TO_SAY, load_study
from tests.flows.building import WAREHOUSE
from tests.flows.command_line import Ran, valueprism
from tests.flows.stored import task_set
from tests.warehouse.rows import DAY, answer, consideration, said, situation
from valueprism_build.campaigns import (
    AnsweredPage,
    Campaign,
    CampaignItem,
    CampaignState,
    Gold,
    Page,
    PageKind,
    Seat,
)
from valueprism_build.records import Annotator, Consideration, Vote
from warehouse import campaigns, considerations, situations, votes
from warehouse.connect import open_warehouse
from warehouse.considerations import Derived

PEOPLE = 33
CREATE = ("release", "create", "--warehouse", WAREHOUSE, "--json", "--rows", 0)
SECRET = "I live at Elm Street"


@pytest.fixture
def item() -> CampaignItem:
    """A warehouse with ten situations of one consideration each; returns the first as people see it."""
    with open_warehouse(WAREHOUSE) as db:
        places = [situation(number) for number in range(10)]
        situations.add(db, places)
        for place in places:
            reply = answer(place)
            kept = consideration(reply, 0, f"Generosity {place.id}")
            considerations.replace(db, "run", [Derived(place.id, "1", (reply,), (kept,), (), (said(kept),))])
            if place is places[0]:
                first: Consideration = kept
    shown = (first.vrd, first.text, first.explanation, first.valence)
    return CampaignItem(first.id, first.situation_id, places[0].text, *shown)


def ask(item: CampaignItem, people: int = PEOPLE) -> None:
    """Have people answer: every third says No, every other is Liberal, and each writes and meets a gold item."""
    campaign = Campaign("pilot", load_study("agreement")[1], 0, "", CampaignState.RUNNING, DAY)
    gold = replace(item, id="gold", gold=Gold.FOREIGN)
    names = [f"person {number}" for number in range(people)]
    pages = [
        Page(f"{kind} {name}", f"seat of {name}", place, kind, about, item.situation_id)
        for name in names
        for place, (kind, about) in enumerate(
            ((PageKind.BEFORE, ""), (PageKind.ITEM, item.id), (PageKind.GOLD, gold.id), (PageKind.AFTER, ""))
        )
    ]
    with open_warehouse(WAREHOUSE) as db:
        seats = [Seat(f"seat of {name}", name, name) for name in names]
        campaigns.add(db, campaign, [item, gold], seats, pages)
        for number, name in enumerate(names):
            politics = "Liberal" if number % 2 else PREFER_NOT_TO_SAY
            votes.add_annotators(db, [Annotator(name, (("politics", politics),))])
            agrees = "Yes" if number % 3 else "No"
            given = {
                PageKind.BEFORE: Vote(item.situation_id, name, "missing_open", SECRET, 1.0),
                PageKind.ITEM: Vote(item.id, name, "agree", agrees, 77.5),
                PageKind.GOLD: Vote(gold.id, name, "agree", "No", 1.0),
                PageKind.AFTER: Vote(item.situation_id, name, "perspective_missing", agrees, 1.0),
            }
            votes.store(db, [AnsweredPage(f"{kind} {name}", name, (vote,), DAY) for kind, vote in given.items()])


def created(version: str, *arguments: object) -> Ran:
    return valueprism(*CREATE, "--version", version, "--waive", "training_allowed", *arguments)


def test_what_people_answered_is_released_as_counts_and_loads(item: CampaignItem, tmp_path: Path) -> None:
    ask(item)
    assert created("1.0.0").code == 0
    rows = task_set(Path("releases/1.0.0"), "agreement").to_pylist()
    # Of 33, 11 say No: 0, 3, ... 30. Of the 16 Liberals, who have odd numbers, 5: 3, 9, 15, 21, 27. Nobody said "Not
    # sure", and of the other seven demographics nobody said anything.
    agreed = [(r["demographic"], r["group"], r["answer"], r["count"]) for r in rows if r["question"] == "agree"]
    assert agreed == [
        ("all", "all", "Yes", 22),
        ("all", "all", "No or Not sure", 11),
        ("politics", "Liberal", "Yes", 11),
        ("politics", "Liberal", "No or Not sure", 5),
        ("politics", "Other or undisclosed", "Yes", 11),
        ("politics", "Other or undisclosed", "No or Not sure", 6),
    ]
    assert {r["question"] for r in rows} == {"agree", "perspective_missing"}
    assert {r["consideration_id"] for r in rows} == {item.id, None}
    loaded = datasets.load_dataset("releases/1.0.0", "agreement", cache_dir=str(tmp_path / "cache"))
    assert loaded["train"].num_rows == 12
    everything = "".join(str(path.read_bytes()) for path in Path("releases").rglob("*") if path.is_file())
    for private in ("person", SECRET, "seat of"):
        assert private not in str(rows), private
        assert f"{private} 1" not in everything, private


def test_three_more_people_do_not_show_beside_the_version_before(item: CampaignItem) -> None:
    ask(item)
    assert created("1.0.0").code == 0
    ask(item, PEOPLE + 3)
    assert created("1.1.0").code == 0
    before, after = (task_set(Path(f"releases/{version}"), "agreement") for version in ("1.0.0", "1.1.0"))
    assert after.equals(before)
    assert json.loads(Path("releases/1.1.0/manifest.json").read_text())["agreement"]["kept_from_earlier"] == 2


def test_who_is_forgotten_does_not_show_beside_the_version_before(item: CampaignItem) -> None:
    ask(item)
    assert created("1.0.0").code == 0
    with open_warehouse(WAREHOUSE) as db:
        votes.forget(db, "person 3", at=DAY)
    assert created("1.1.0").code == 0
    assert task_set(Path("releases/1.1.0"), "agreement").num_rows == 0


def test_k_is_a_setting_and_its_gate_cannot_be_waived(item: CampaignItem) -> None:
    ask(item)
    Path("valueprism.toml").write_text("[release]\nagreement_k = 6\n")
    assert created("1.0.0").code == 0
    # Five Liberals said No.
    told = task_set(Path("releases/1.0.0"), "agreement")
    assert set(told["demographic"].to_pylist()) == {"all"}
    assert "k_anonymity keeps what people were promised" in created("1.1.0", "--waive", "k_anonymity").complaint
    Path("valueprism.toml").write_text("[release]\nagreement_k = 1\n")
    assert "agreement_k is 1; give at least 2" in created("1.1.0").complaint


def test_without_a_campaign_there_is_no_such_config(item: CampaignItem) -> None:
    assert created("1.0.0").code == 0
    assert not Path("releases/1.0.0/data/agreement").exists()
