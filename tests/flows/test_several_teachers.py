"""Several teachers about the same situations: each is asked, and it is kept who said what."""

import json
from pathlib import Path

import pytest

from tests.flows.building import TEXTS, WAREHOUSE, build, build_with, obliging, two_teachers
from tests.flows.command_line import valueprism
from tests.flows.jobs import good_reply
from tests.flows.stored import rejects, row_counts, task_set
from tests.teacher_faults import Fault
from tests.teacher_server import TeacherServer

pytestmark = pytest.mark.usefixtures("prefect_api")


def test_each_teacher_is_asked_about_each_situation_and_their_answers_are_deduplicated_together() -> None:
    with obliging() as one, obliging() as other:
        two_teachers(one, other)
        summary = build_with(["first", "second"]).summary
        assert sorted(one.delivered) == sorted(other.delivered) == sorted(TEXTS)
        # Three situations, two teachers; both list the same four items, so every second one is a repetition.
        funnel = {step["stage"]: step for step in summary["funnel"]}
        assert funnel["ask"] == {"stage": "ask", "came_in": 6, "kept": 6, "held": 0, "rejected": 0}
        assert (funnel["dedup"]["came_in"], funnel["dedup"]["kept"]) == (24, 12)
        assert {name: asked["answered"] for name, asked in summary["teachers"].items()} == {"first": 3, "second": 3}
        assert build_with(["second"]).summary["asked"] == 0
    assert (row_counts(WAREHOUSE)["answer"], row_counts(WAREHOUSE)["said"]) == (6, 24)


def test_a_release_names_all_who_said_a_row_and_is_refused_where_one_may_not_train() -> None:
    with obliging() as one, obliging() as other:
        two_teachers(one, other)
        assert build_with(["first", "second"]).code == 0
    where = ("--warehouse", WAREHOUSE, "--version", "0.1.0", "--waive", "task_counts")
    refused = valueprism("release", "create", *where)
    assert "training_allowed (no model may be trained on the rows of first)" in refused.complaint
    assert valueprism("release", "create", *where, "--waive", "training_allowed").code == 0
    full = task_set(Path("releases", "0.1.0"), "full")
    assert full["teachers"].to_pylist() == [["first", "second"]] * 12
    assert set(full["may_train"].to_pylist()) == {False}  # the words are those of the first teacher


def test_a_second_teacher_comes_later_at_the_cost_of_its_own_requests_only() -> None:
    with obliging() as one, obliging() as other:
        two_teachers(one, other)
        assert build_with(["first"]).summary["asked"] == 3
        later = build_with(["first", "second"]).summary
        assert (later["asked"], later["known"]) == (3, 3)
        assert len(one.received) == 3


def test_a_teacher_that_answers_nobody_stops_the_run_and_the_other_one_keeps_what_it_said() -> None:
    with obliging() as one, TeacherServer({}, always=Fault.BAD_REQUEST) as other:
        two_teachers(one, other)
        ran = build_with(["first", "second"])
    assert ran.code == 1
    assert ran.complaint.startswith("all 3 requests to second failed")
    assert row_counts(WAREHOUSE)["consideration"] == 12
    assert {reject.stage for reject in rejects(WAREHOUSE)} >= {"ask"}


def test_what_one_teacher_failed_to_answer_stays_on_record_when_the_next_one_answers() -> None:
    faults = {TEXTS[0]: [Fault.BAD_REQUEST]}
    with TeacherServer({TEXTS[0]: good_reply("x")}, default=good_reply("x"), faults=faults) as one, obliging() as other:
        two_teachers(one, other)
        summary = build_with(["first", "second"]).summary
    assert summary["teachers"]["first"]["failed"] == 1
    assert [reject.rule for reject in rejects(WAREHOUSE) if reject.stage == "ask"] == ["teacher_error"]


def test_what_one_teacher_failed_to_answer_is_forgotten_when_it_is_asked_again_and_not_before() -> None:
    faults = {TEXTS[0]: [Fault.BAD_REQUEST]}
    with TeacherServer({TEXTS[0]: good_reply("x")}, default=good_reply("x"), faults=faults) as one, obliging() as other:
        two_teachers(one, other)
        owed = []
        for teacher in ("first", "second", "first"):
            assert build_with([teacher]).code == 0
            owed.append([reject.rule for reject in rejects(WAREHOUSE) if reject.stage == "ask"])
    assert owed == [["teacher_error"], ["teacher_error"], []]


def test_teachers_compared_by_the_command_line() -> None:
    replies = {text: good_reply(text, number) for number, text in enumerate(TEXTS)}
    shorter = {text: json.dumps({"considerations": json.loads(r)["considerations"][:3]}) for text, r in replies.items()}
    with TeacherServer(replies) as one, TeacherServer(shorter) as other:
        two_teachers(one, other)
        assert build_with(["first", "second"]).code == 0
    ran = valueprism("teachers", "compare", "--warehouse", WAREHOUSE, "--out", "page.html", "--json")
    [of_first, of_second] = ran.summary["comparisons"]
    # The second lists three of the first's four, in the same words and with the same valences.
    assert (of_first["first"], of_first["situations"], of_first["new"]) == ("first", 3, 0)
    assert (of_first["coverage"]["share"], of_second["coverage"]["share"]) == (0.75, 1.0)
    assert (of_second["novelty"]["share"], of_second["new"]) == (0.25, 3)
    assert of_first["agreement"] == {"share": 1.0, "low": 1.0, "high": 1.0}
    page = Path("page.html").read_text(encoding="utf-8")
    assert page.count("<circle") == 6  # two pairs, three measures each
    assert "75% (75%-75%)" in page
    assert "http" not in page  # it needs no other file


def test_one_teacher_cannot_be_compared() -> None:
    with obliging() as server:
        assert build(server).code == 0
    ran = valueprism("teachers", "compare", "--warehouse", WAREHOUSE)
    assert ran.code == 1
    assert "holds no situation that two teachers answered" in ran.complaint


def test_model_and_base_url_without_their_teacher_are_one_line() -> None:
    with obliging() as server:
        ran = build(server, "--teacher", "vllm")
    assert ran.code == 1
    assert "base_url given for 2 teachers; name one with --teacher" in ran.complaint
