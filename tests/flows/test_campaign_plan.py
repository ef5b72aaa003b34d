"""A campaign on paper, from a warehouse."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from annotation.vocabulary import load_study
from flows.settings import as_flags, load
from tests.flows.building import WAREHOUSE
from tests.flows.campaigning import write_items
from tests.flows.command_line import valueprism
from tests.warehouse.rows import DAY
from valueprism_build.campaigns import Campaign, CampaignItem, CampaignState
from valueprism_build.records import Valence, Vrd
from warehouse import campaigns
from warehouse.connect import open_warehouse

PLAN = ("campaign", "plan", "--warehouse", WAREHOUSE, "--json")
WITHOUT_GOLD = "[planting]\ngold = 0\n"


@pytest.fixture
def items() -> list[str]:
    return write_items()


def plan(*arguments: object) -> dict[str, Any]:
    return valueprism(*PLAN, *arguments).summary


def two_groups(seats: int) -> Sequence[object]:
    return ("--people", f"left={seats}", "--people", f"right={seats}")


@pytest.mark.usefixtures("items")
def test_a_plan_counts_what_is_asked_of_whom() -> None:
    Path("valueprism.toml").write_text(WITHOUT_GOLD)
    found = plan(*two_groups(4), "--sample", 8, "--overlap", 4)
    # 8 situations, 2 people of each group: 16 over 4 seats are 4 a seat, each of one page before, 3 items and one
    # after, the consent, and 1 repeat of 12 items (.05 of them, rounded).
    assert (found["situations"], found["items"], found["answers"]) == (8, 24, 8 * 3 * 4)
    assert found["pages_each"] == {"least": 4 * 5 + 1 + 1, "most": 4 * 5 + 1 + 1}
    assert (found["pages"], found["gold"], found["repeats"], found["not_planted"]) == (8 * 22, 0, 8, 0)
    assert (found["hours"], found["usd"]) == (None, None)


@pytest.mark.usefixtures("items")
def test_gold_items_are_made_of_what_teachers_agree_on_and_planted() -> None:
    Path("valueprism.toml").write_text("[planting]\ngold = 0.25\nrepeats = 0\n")
    found = plan("--people", "3", "--sample", 4, "--overlap", 3, "--study", "quality")
    # Everybody judges all 12 items, and a quarter of 12 are 3.
    assert (found["gold"], found["not_planted"]) == (9, 0)
    assert found["people"] == {"everybody": 3}


@pytest.mark.usefixtures("items")
def test_time_and_cost_follow_from_what_a_page_takes() -> None:
    Path("valueprism.toml").write_text(f"[campaign]\nusd_per_hour = 15\n{WITHOUT_GOLD}repeats = 0\n")
    found = plan("--people", 2, "--sample", 3, "--overlap", 2, "--seconds-per-page", 10)
    # Two people with 1 + 3 * 5 pages each: 320 seconds.
    assert found["hours"] == pytest.approx(320 / 3600)
    assert found["usd"] == "1.33"


@pytest.mark.usefixtures("items")
def test_a_study_that_takes_items_singly_draws_items(tmp_path: Path) -> None:
    text = load_study("quality")[1].replace("whole_situations = true", "whole_situations = false")
    (tmp_path / "mine.toml").write_text(text, encoding="utf-8")
    Path("valueprism.toml").write_text(WITHOUT_GOLD)
    found = plan("--study", "mine.toml", "--people", 6, "--sample", 6, "--overlap", 3)
    assert (found["items"], found["answers"]) == (6, 18)
    # A third of the items have each valence, so two of each; those that one teacher named are the ones of the third.
    assert [(one["stratum"], one["taken"]) for one in found["strata"]] == [
        (["Value", "Either", "property", "alone"], 2),
        (["Value", "Opposes", "property", "agreed"], 2),
        (["Value", "Supports", "property", "agreed"], 2),
    ]


def test_what_an_earlier_campaign_asks_about_is_left_out(items: list[str]) -> None:
    Path("valueprism.toml").write_text(WITHOUT_GOLD)
    with open_warehouse(WAREHOUSE) as db:
        asked = CampaignItem(items[0], "s", "Lending", Vrd.VALUE, "Courage", "So.", Valence.SUPPORTS)
        campaigns.add(db, Campaign("first", "", 0, "", CampaignState.ENDED, DAY), [asked], [], [])
    found = plan("--people", 2, "--sample", 9, "--overlap", 2)
    assert (found["situations"], found["left_out"]) == (9, 3)
    ran = valueprism(*PLAN, "--people", 2, "--sample", 10, "--overlap", 2)
    assert "1 units fewer than asked for: strata ran out" in ran.out
    assert "3 items were left out" in ran.out


@pytest.mark.usefixtures("items")
def test_the_same_seed_plans_the_same() -> None:
    arguments = (*two_groups(4), "--sample", 8, "--overlap", 4)
    assert plan(*arguments) == plan(*arguments)


@pytest.mark.usefixtures("items")
def test_too_few_people_are_said_with_numbers() -> None:
    Path("valueprism.toml").write_text(WITHOUT_GOLD)
    ran = valueprism(*PLAN, *two_groups(2), "--sample", 8, "--overlap", 6)
    assert ran.code == 1
    assert "stratum 'left': situation" in ran.complaint
    assert "needs 3 different people and 2 can have it; give more --people or a smaller --overlap" in ran.complaint
    assert plan(*two_groups(3), "--sample", 8, "--overlap", 6)["situations"] == 8
    assert plan(*two_groups(2), "--sample", 8, "--overlap", 4)["situations"] == 8


@pytest.mark.usefixtures("items")
def test_blocks_that_are_too_short_are_said_with_what_would_mend_it() -> None:
    Path("valueprism.toml").write_text(WITHOUT_GOLD)
    asked = (*two_groups(2), "--sample", 8, "--overlap", 2)
    ran = valueprism(*PLAN, *asked, "--block", 3)  # 8 answers a stratum, 6 at most
    assert ran.complaint.endswith("room for 6; give more --people, a longer --block or a smaller --overlap")
    assert plan(*asked, "--block", 4)["situations"] == 8


def test_when_everything_has_been_asked_it_is_told_what_brings_more(items: list[str]) -> None:
    Path("valueprism.toml").write_text(WITHOUT_GOLD)
    asked = [CampaignItem(one, "s", "Lending", Vrd.VALUE, "Courage", "So.", Valence.SUPPORTS) for one in items]
    with open_warehouse(WAREHOUSE) as db:
        campaigns.add(db, Campaign("first", "", 0, "", CampaignState.ENDED, DAY), asked, [], [])
    told = valueprism(*PLAN, "--people", 2, "--sample", 9, "--overlap", 2).complaint
    assert f"asked about all {len(items)} items" in told
    command = told.partition("`valueprism ")[2].rstrip("`").split()
    assert command == ["build", "--situations"]
    assert command[1] in valueprism(command[0], "--help").out


def test_what_cannot_be_planned_is_said(items: list[str]) -> None:
    enough = ("--people", 2, "--sample", 2, "--overlap", 2)
    assert "no study 'mine'" in valueprism(*PLAN, *enough, "--study", "mine").complaint
    nowhere = valueprism("campaign", "plan", "--warehouse", "nowhere", *enough)
    assert (nowhere.code, "holds no warehouse" in nowhere.complaint) == (1, True)
    with open_warehouse(Path("empty")):
        pass
    assert "holds no considerations" in valueprism("campaign", "plan", "--warehouse", "empty", *enough).complaint
    Path("valueprism.toml").write_text('[campaign]\nstratify_by = ["colour"]\n')
    assert "cannot be stratified by colour" in valueprism(*PLAN, *enough).complaint


@pytest.mark.parametrize("people", ["left", "left=", "left=0", "left=-1", "=3", "left=2.5"])
def test_people_that_cannot_be_counted_are_wrong_usage(people: str) -> None:
    assert valueprism(*PLAN, "--people", people, "--sample", 2, "--overlap", 2).code == 2


@pytest.mark.usefixtures("items")
def test_a_stratum_that_create_would_refuse_is_refused_on_paper_already() -> None:
    ran = valueprism(*PLAN, "--people", "left/right=2", "--sample", 2, "--overlap", 2)
    assert ran.code == 1
    assert ran.complaint.startswith("a stratum cannot be called 'left/right'; use letters")


@pytest.mark.usefixtures("items")
def test_a_warehouse_that_has_no_gold_items_is_told_with_what_would_mend_it() -> None:
    Path("valueprism.toml").write_text("[gold]\nteachers = 3\n")
    ran = valueprism(*PLAN, "--people", "2", "--sample", 2, "--overlap", 2)
    assert "no gold items, for no item is plainly valid" in " ".join(ran.out.split())
    Path("valueprism.toml").write_text(WITHOUT_GOLD)  # nobody asks for any
    assert "no gold items" not in valueprism(*PLAN, "--people", "2", "--sample", 2, "--overlap", 2).out


def test_a_stratum_that_is_named_twice_is_wrong_usage() -> None:
    assert valueprism(*PLAN, "--people", "a=1", "--people", "a=2", "--sample", 2, "--overlap", 2).code == 2


def test_keys_of_participants_are_neither_shown_nor_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VALUEPRISM_CAMPAIGN__PARTICIPANT_KEYS", "a-secret-of-some-length an-older-secret")
    settings = load({})
    assert settings.campaign.participant_keys.split() == ["a-secret-of-some-length", "an-older-secret"]
    assert "secret" not in repr(settings)
    assert "secret" not in str(as_flags(settings))
    assert "participant_keys" not in as_flags(settings)["campaign"]  # type: ignore[operator]


@pytest.mark.usefixtures("items")
def test_simulated_people_meet_every_quota_though_some_leave() -> None:
    Path("valueprism.toml").write_text(f"{WITHOUT_GOLD}repeats = 0.2\napart = 1\n")
    arguments = (*two_groups(5), "--sample", 10, "--overlap", 4, "--seed", 2)
    ran = valueprism("campaign", "simulate", "--warehouse", WAREHOUSE, "--json", *arguments, "--leavers", 0.4)
    found = ran.summary
    # 10 situations of 3 items, 4 people each; who left has answered some of it, too.
    assert found["votes"] >= 10 * 3 * 4
    assert (found["short"], found["rejected"], found["offences"]) == (0, {}, [])
    assert found["left"] > 0
    assert found["people"] == 10 + found["left"]
    assert found["rounds"] > 1


@pytest.mark.usefixtures("items")
def test_gold_and_repeats_tell_speeders_from_the_others() -> None:
    Path("valueprism.toml").write_text("[planting]\ngold = 0.3\nrepeats = 0.3\napart = 1\n")
    arguments = ("--people", 40, "--sample", 8, "--overlap", 20, "--study", "quality", "--speeders", 0.5)
    ran = valueprism("campaign", "simulate", "--warehouse", WAREHOUSE, "--json", *arguments)
    attentive, speeders = ran.summary["attention"]["attentive"], ran.summary["attention"]["speeders"]
    # Attentive: .95 and half of the rest on average. Speeders: half of the answers, .01 of standard error each way.
    assert attentive["not_wrong"] > 0.9 > 0.7 > speeders["not_wrong"]
    assert attentive["same"] > 0.9 > 0.7 > speeders["same"]
    assert speeders["seconds"] == 1.0 < attentive["seconds"]
    assert attentive["people"] + speeders["people"] == 40


@pytest.mark.parametrize("effect", ["left", "left=much", "centre=1"])
def test_effects_that_cannot_be_are_wrong_usage(effect: str) -> None:
    arguments = (*two_groups(2), "--sample", 2, "--overlap", 2, "--effect", effect)
    assert valueprism("campaign", "simulate", *arguments).code == 2


@pytest.mark.usefixtures("items")
def test_more_people_find_smaller_differences_and_the_other_way_round() -> None:
    Path("valueprism.toml").write_text(f"{WITHOUT_GOLD}repeats = 0\n")
    [few] = plan(*two_groups(5), "--sample", 10, "--overlap", 4)["detectable"]
    [many] = plan(*two_groups(20), "--sample", 10, "--overlap", 16, "--difference", 100.01 * few["overall"])[
        "detectable"
    ]
    # Both let everybody judge 4 situations, so four times the people halve the standard error.
    assert many["overall"] == pytest.approx(few["overall"] / 2)
    assert many["people"] == 10  # of a hair more than what ten people find
    assert few["people"] is None
    # On a single item, 2 and 8 people of each group.
    assert many["on_item"] == pytest.approx(few["on_item"] / 2) or few["on_item"] == 1.0


@pytest.mark.usefixtures("items")
def test_three_strata_are_three_pairs_and_one_has_none() -> None:
    Path("valueprism.toml").write_text(f"{WITHOUT_GOLD}repeats = 0\n")
    three = [word for name in "abc" for word in ("--people", f"{name}=3")]
    found = plan(*three, "--sample", 3, "--overlap", 3)["detectable"]
    assert [(one["one"], one["other"]) for one in found] == [("a", "b"), ("a", "c"), ("b", "c")]
    assert plan("--people", 3, "--sample", 3, "--overlap", 3)["detectable"] == []


@pytest.mark.parametrize("line", ["alpha = 0", "power = 1", "person_sd = -1", "colour = 1"])
def test_settings_of_power_that_cannot_be_are_said(line: str) -> None:
    Path("valueprism.toml").write_text(f"[power]\n{line}\n")
    ran = valueprism(*PLAN, "--people", 2, "--sample", 2, "--overlap", 2)
    assert (ran.code, "power" in ran.complaint) == (1, True)


@pytest.mark.usefixtures("items")
def test_a_plan_is_written_as_a_page_that_says_what_the_terminal_says() -> None:
    Path("valueprism.toml").write_text(WITHOUT_GOLD)
    found = plan(*two_groups(4), "--sample", 8, "--overlap", 4, "--out", "plan.html")
    page = Path("plan.html").read_text(encoding="utf-8")
    [pair] = found["detectable"]
    assert f"two strata must differ by {100 * pair['overall']:.1f} percentage points" in page
    assert "unknown" in page  # hours and cost: nobody said what a page takes
    [_, cost] = [
        plan(*two_groups(4), "--sample", 8, "--overlap", 4, *money, "--out", "plan.html")["usd"]
        for money in ((), ("--seconds-per-page", 20, "--usd-per-hour", 15))
    ]
    assert f"<dd>{cost}</dd>" in Path("plan.html").read_text(encoding="utf-8")


@pytest.mark.usefixtures("items")
def test_a_page_of_one_stratum_says_that_there_is_nothing_to_compare() -> None:
    Path("valueprism.toml").write_text(WITHOUT_GOLD)
    plan("--people", "4", "--sample", 4, "--overlap", 2, "--out", "plan.html")
    assert "There is one stratum: no groups to compare." in Path("plan.html").read_text(encoding="utf-8")
