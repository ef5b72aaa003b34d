"""How people went about their pages, and who is left out."""

import csv
from pathlib import Path
from typing import Any

import pytest

from tests.flows.building import WAREHOUSE
from tests.flows.command_line import Ran, valueprism
from tests.flows.conduct import ALONE, CAREFUL, CARELESS, store_conduct
from warehouse import votes
from warehouse.checks import run_checks
from warehouse.connect import open_warehouse


@pytest.fixture(autouse=True)
def _campaign() -> None:
    store_conduct("pilot")


def run(command: str, *arguments: object) -> Ran:
    return valueprism("campaign", command, "pilot", *arguments, "--warehouse", WAREHOUSE, "--json")


def left_out(told: dict[str, Any]) -> list[str]:
    return [one["annotator_id"] for one in told["people"] if one["excluded"]]


def counted() -> tuple[set[str], set[str]]:
    """Who has votes, and whose are counted."""
    with open_warehouse(WAREHOUSE, read_only=True) as db:
        assert run_checks(db) == []
        every, some = votes.read(db, "pilot"), votes.read(db, "pilot", without_excluded=True)
    return {vote.annotator_id for vote in every}, {vote.annotator_id for vote in some}


def test_each_person_is_shown_beside_what_is_usual_and_nobody_is_excluded_by_looking() -> None:
    ran = run("quality")
    told = {one["annotator_id"]: one for one in ran.summary["people"]}
    assert {who: (one["gold_right"], one["gold"]) for who, one in told.items()} == {
        CAREFUL: (4, 4),
        CARELESS: (0, 4),
        ALONE: (4, 4),
    }
    assert (told[ALONE]["seconds"], told[ALONE]["answered"], told[ALONE]["dealt"]) == (9.0, 9, 9)
    assert told[ALONE]["longest_run"] == 4  # No to all four items
    assert [(one["annotator_id"], one["rule"]) for one in ran.summary["would_exclude"]] == [(CARELESS, "gold_wrong")]
    assert "what is usual here" in ran.out
    assert left_out(ran.summary) == []
    assert counted()[1] == {CAREFUL, CARELESS, ALONE}


def test_rules_leave_out_who_is_careless_and_never_who_is_alone() -> None:
    strict = (
        "[exclusion]\ngold = 1.0\nseconds_per_page = 5\ntimed_pages = 1\nrun = 2\nrun_gold_wrong = 1\nfinished = 1.0"
    )
    Path("valueprism.toml").write_text(strict)
    told = run("exclude").summary
    assert left_out(told) == [CARELESS]
    assert [one["rule"] for one in told["exclusions"]] == ["gold_wrong", "straight_lining", "too_fast"]
    assert counted() == ({CAREFUL, CARELESS, ALONE}, {CAREFUL, ALONE})
    assert run("exclude").summary["changed"] == 0


def test_one_rule_can_be_followed_and_an_unknown_one_is_refused() -> None:
    assert run("exclude", "--rule", "unfinished").summary["changed"] == 0
    assert run("exclude", "--rule", "gold_wrong").summary["changed"] == 1
    assert run("exclude", "--rule", "majority").complaint.startswith("no exclusion rule majority; rules are gold_wrong")


def test_a_person_is_excluded_for_a_reason_that_is_told_and_can_be_readmitted() -> None:
    told = run("exclude", CAREFUL, "--reason", "asked by mail to be left out").summary
    assert [(one["rule"], one["detail"]) for one in told["exclusions"]] == [("by_hand", "asked by mail to be left out")]
    assert counted()[1] == {CARELESS, ALONE}
    back = run("readmit", CAREFUL).summary
    assert (back["changed"], left_out(back)) == (1, [])
    assert back["exclusions"][0]["readmitted_at"] is not None
    assert counted()[1] == {CAREFUL, CARELESS, ALONE}


def test_a_rule_does_not_exclude_again_whom_a_person_has_readmitted() -> None:
    run("exclude")
    run("readmit", CARELESS)
    assert run("exclude").summary["changed"] == 0
    told = run("quality").summary
    assert (told["would_exclude"], [one["annotator_id"] for one in told["readmitted"]]) == ([], [CARELESS])
    assert run("exclude", CARELESS, "--reason", "looked at it again").summary["changed"] == 1


def test_what_cannot_be_is_said_in_a_line() -> None:
    assert run("exclude", CAREFUL).complaint.startswith("an exclusion by hand needs a reason")
    assert run("readmit", "nobody").complaint.startswith("nobody called 'nobody' takes part in campaign 'pilot'")
    assert run("exclude", "nobody", "--reason", "x").complaint.startswith("nobody called 'nobody'")
    unknown = valueprism("campaign", "quality", "other", "--warehouse", WAREHOUSE)
    assert (unknown.code, "holds no campaign 'other'" in unknown.complaint) == (1, True)
    assert run("exclude", CAREFUL, "--rule", "too_fast").code == 2
    assert run("exclude", "--reason", "x").code == 2


def test_a_report_counts_without_who_is_left_out_and_says_so() -> None:
    strict = "[exclusion]\ngold = 1.0\nseconds_per_page = 5\ntimed_pages = 1\n"
    Path("valueprism.toml").write_text(strict)
    run("exclude")
    run("exclude", ALONE, "--reason", "asked to be left out")
    run("readmit", ALONE)
    told = run("report", "--out", "report", "--bootstrap", 20).summary
    assert told["participation"]["people excluded"] == 1
    # Of careful and alone, on four items each.
    assert (told["rates"]["relevant"]["people"], told["rates"]["relevant"]["votes"]) == (2, 8)
    rows = csv.DictReader(Path("report/exclusions.csv").read_text(encoding="utf-8").splitlines())
    assert [(row["annotator_id"], row["rule"]) for row in rows] == [(CARELESS, "gold_wrong, too_fast")]
