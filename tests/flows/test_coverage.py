"""What a list lacks: asked from points of view until nothing new comes, and never twice."""

from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from tests.flows.building import TEXTS, WAREHOUSE, build, build_with, two_teachers
from tests.flows.command_line import valueprism
from tests.flows.jobs import good_reply
from tests.flows.missing import ALWAYS, VIEWS, new, two_things_missing, write_views
from tests.flows.questions import Question, question
from tests.flows.stored import rejects, row_counts, task_set
from tests.teacher_faults import Fault
from tests.teacher_server import TeacherServer
from valueprism_build.ids import situation_id
from warehouse.connect import open_warehouse
from warehouse.status import PointOfViewUse, read_status

pytestmark = pytest.mark.usefixtures("prefect_api")


@pytest.fixture(autouse=True)
def _five_points_of_view() -> None:
    write_views()


def asked(server: TeacherServer) -> Counter[Question]:
    """Return how often each question was asked."""
    return Counter(map(question, server.received))


def test_a_situation_is_asked_about_until_two_answers_in_a_row_bring_nothing_and_then_never_again() -> None:
    with two_things_missing() as server:
        first = build(server, "--coverage").summary
        # Each situation: two answers that bring one consideration each, two that bring nothing.
        assert len(server.received) == 3 + 3 * 4
        assert max(asked(server).values()) == 1
        assert set(Counter(about for about, view in asked(server) if view).values()) == {4}
        again = build(server, "--coverage").summary
        assert len(server.received) == 3 + 3 * 4
    funnel = {step.pop("stage"): step for step in first["funnel"]}
    assert funnel["coverage"] == {"came_in": 12, "kept": 12, "held": 0, "rejected": 0}
    # Four items of each first reply, two of the later ones; nothing is said twice, and an empty list is no reject.
    assert funnel["parse"] == {"came_in": 18, "kept": 18, "held": 0, "rejected": 0}
    assert funnel["dedup"] == {"came_in": 18, "kept": 18, "held": 0, "rejected": 0}
    assert (first["asked"], first["considerations"], first["coverage"]["openai"]["considerations"]) == (3, 18, 6)
    assert first["prompt_tokens"] > 3 * 4 * 100  # of all questions; none is shorter
    assert (
        again["coverage"]["openai"] | {"answered": 0, "cached": 12, "considerations": 0} == again["coverage"]["openai"]
    )
    assert again["funnel"][-1] == {"stage": "coverage", "came_in": 12, "kept": 0, "held": 12, "rejected": 0}


def test_without_the_switch_nothing_is_asked_for_coverage_and_what_was_said_stays() -> None:
    with two_things_missing() as server:
        assert build(server).summary["coverage"] == {}
        assert len(server.received) == 3
        assert build(server, "--coverage").code == 0
        rows = row_counts(WAREHOUSE)
        assert build(server, "--no-coverage").summary["funnel"][-1]["stage"] == "dedup"
    assert row_counts(WAREHOUSE) == rows


def test_an_answer_that_repeats_the_list_brings_nothing() -> None:
    with TeacherServer({}, default=good_reply("Whatever it is")) as server:
        summary = build(server, "--coverage").summary
        # Two questions about each situation, both answered with the four items that it has.
        assert len(server.received) == 3 + 3 * 2
    dedup = next(step for step in summary["funnel"] if step["stage"] == "dedup")
    assert (dedup["came_in"], dedup["kept"], dedup["rejected"]) == (12 + 24, 12, 24)
    with open_warehouse(WAREHOUSE, read_only=True) as db:
        [[kept]] = db.execute("SELECT count(*) FROM release_row WHERE point_of_view IS NOT NULL").fetchall()
    assert kept == 0  # the first question's words stand


def test_patience_and_limit_are_settings() -> None:
    with two_things_missing() as server:
        write_views("most = 1")
        assert build(server, "--coverage").code == 0
        assert len(server.received) == 3 + 3
        write_views("patience = 1")
        assert build(server, "--coverage").code == 0
        # One was asked; the second brings something, the third nothing, and that is enough.
        assert len(server.received) == 3 + 3 * 3
        write_views("patience = 9")
        assert build(server, "--coverage").code == 0
        assert len(server.received) == 3 + 3 * len(VIEWS)  # there are no more points of view
        assert max(asked(server).values()) == 1


def test_rows_and_card_name_the_point_of_view_and_the_status_counts_what_each_brought() -> None:
    with two_things_missing() as server:
        assert build(server, "--coverage", "--licence", "CC0-1.0").code == 0
        questions = Counter(view for _, view in asked(server) if view)
    where = ("--warehouse", WAREHOUSE, "--version", "0.1.0", "--waive", "task_counts")
    assert valueprism("release", "create", *where).code == 0
    full = task_set(Path("releases", "0.1.0"), "full")
    named = Counter(full["point_of_view"].to_pylist())
    assert (named.pop(None), sum(named.values())) == (12, 6)
    card = Path("releases", "0.1.0", "README.md").read_text(encoding="utf-8")
    assert "6 of 18 considerations (`point_of_view`) came from a second question" in card
    assert all(f"| {name} | {name} | {rows} |" in card for name, rows in named.items())
    with open_warehouse(WAREHOUSE, read_only=True) as db:
        uses = read_status(db).points_of_view
    # No answer brings two, so those that brought something are as many as the rows.
    assert uses == [PointOfViewUse(n, questions[n], questions[n] - named[n], named[n]) for n in sorted(questions)]
    shown = valueprism("status", "--warehouse", WAREHOUSE, "--json")
    assert [tuple(use.values()) for use in shown.summary["points_of_view"]] == [tuple(use) for use in uses]
    assert "points of view" in shown.out


def test_parsing_again_keeps_what_the_questions_for_coverage_brought() -> None:
    with two_things_missing() as server:
        assert build(server, "--coverage").code == 0
    found = valueprism("reparse", "--warehouse", WAREHOUSE, "--json").summary
    assert (found["replies"], found["added"], found["removed"], found["changed"]) == (15, 0, 0, 0)


def test_a_second_teacher_is_shown_what_the_first_one_added_and_asked_no_longer_than_it_helps() -> None:
    settings = Path("valueprism.toml").read_text()
    with two_things_missing() as one, two_things_missing() as other:
        two_teachers(one, other)
        Path("valueprism.toml").write_text(Path("valueprism.toml").read_text() + settings)
        summary = build_with(["first", "second"], "--coverage").summary
        assert (len(one.received), len(other.received)) == (3 + 3 * 4, 3 + 3 * 2)
    assert [summary["coverage"][name]["considerations"] for name in ("first", "second")] == [6, 0]


def test_questions_without_a_reply_are_rejects_and_count_as_nothing_new_until_the_next_run_asks_them_again() -> None:
    with two_things_missing() as server:
        assert build(server).code == 0
        server.always = Fault.BAD_REQUEST
        ran = build(server, "--coverage")
        assert "all 6 requests to openai failed" in ran.complaint
        # Two about each situation; the second round keeps what the first one has set aside.
        assert [(reject.stage, reject.rule) for reject in rejects(WAREHOUSE)] == [("coverage", "teacher_error")] * 6
        server.always = None
        assert build(server, "--coverage").summary["coverage"]["openai"]["answered"] == 12
    assert rejects(WAREHOUSE) == []


def test_a_failure_between_answers_does_not_end_the_questions_and_stays_on_record() -> None:
    with two_things_missing({ALWAYS: [Fault.BAD_REQUEST]}) as server:
        summary = build(server, "--coverage", "--concurrency", "1").summary
        # About one situation the first question fails, so it takes five; about the others four.
        assert len(server.received) == 3 + 5 + 4 + 4
        found = summary["coverage"]["openai"]
        assert (found["answered"], found["failed"], found["considerations"]) == (12, 1, 6)
        assert [reject.stage for reject in rejects(WAREHOUSE)] == ["coverage"]
        # After it two brought something and two nothing: there is no reason to go on.
        assert build(server, "--coverage").summary["coverage"]["openai"]["answered"] == 0
    assert [reject.stage for reject in rejects(WAREHOUSE)] == ["coverage"]


def test_a_situation_without_considerations_is_not_asked_about() -> None:
    with TeacherServer(
        {ALWAYS: new("Humility"), TEXTS[0]: "I cannot help with that."}, default=good_reply("x")
    ) as server:
        assert build(server, "--coverage").code == 0
        assert {about for about, view in asked(server) if view} == set(map(situation_id, TEXTS[1:]))


def test_a_budget_goes_to_first_questions_and_what_it_leaves_of_the_others_is_asked_later() -> None:
    settings = Path("valueprism.toml").read_text()
    with two_things_missing() as server:
        server.usage = lambda _: (10, 50)
        table = f'[teachers.priced]\nbase_url = "{server.base_url}"\nmodel = "m"\nmax_tokens = 100\n'
        price = 'prompt_price = "0"\ncompletion_price = "1000"\n'
        Path("valueprism.toml").write_text(settings + table + price)
        # A reply costs 0.05 dollars, a request 0.1 at worst: after three and one, 0.2 are spent, and no other fits.
        spent = build_with(["priced"], "--coverage", "--budget-usd", "0.25", "--concurrency", "1").summary
        assert (spent["asked"], spent["coverage"]["priced"]["answered"], spent["unasked"]) == (3, 1, 2)
        assert Decimal(spent["cost"]) == Decimal("0.2")
        done = build_with(["priced"], "--coverage").summary
        found = done["coverage"]["priced"]
        assert (found["cached"], found["answered"], found["unasked"]) == (1, 11, 0)
        assert max(asked(server).values()) == 1


def test_a_dry_run_gives_the_most_that_can_be_asked_for_coverage_and_sends_nothing() -> None:
    with two_things_missing() as server:
        before = build(server, "--coverage", "--dry-run")
        assert server.received == []
        assert build(server, "--coverage").code == 0
        write_views("patience = 9")
        after = build(server, "--coverage", "--dry-run").summary["forecasts"]
        assert len(server.received) == 3 + 3 * 4
    [_, most] = before.summary["forecasts"]
    assert (most["purpose"], most["requests"], most["cached"]) == ("coverage", 3 * len(VIEWS), 0)
    assert "at most" in before.out
    # Of five points of view four were asked from; with that much patience, the fifth may be too.
    assert [(one["purpose"], one["requests"], one["cached"]) for one in after] == [
        ("considerations", 0, 3),
        ("coverage", 3, 12),
    ]
    assert (after[1]["known"], after[1]["completion_tokens"]["low"], after[1]["completion_tokens"]["likely"]) == (
        12,
        0,
        None,
    )
    assert after[1]["completion_tokens"]["high"] > 0


def test_a_name_with_another_description_is_one_line() -> None:
    with two_things_missing() as server:
        assert build(server, "--coverage").code == 0
        write_views(views={"elder": "Somebody old."})
        ran = build(server, "--coverage")
        assert (ran.code, len(server.received)) == (1, 15)
    assert "the point of view 'elder' of this warehouse is described as 'elder'; give" in ran.complaint


def test_replies_in_the_text_layout_that_miss_nothing_are_no_rejects() -> None:
    settings = Path("valueprism.toml").read_text()
    lists_nothing = "Values:\n- N/A\nRights:\n- N/A\nDuties:\n- N/A"
    with TeacherServer({ALWAYS: lists_nothing}, default="Values:\n- Trust: It matters here. [supports]") as server:
        table = f'[teachers.plain]\nbase_url = "{server.base_url}"\nmodel = "m"\nstructured = "text"\n'
        Path("valueprism.toml").write_text(settings + table)
        summary = build_with(["plain"], "--coverage").summary
        assert len(server.received) == 3 + 3 * 2
    assert summary["coverage"]["plain"]["answered"] == 6
    assert rejects(WAREHOUSE) == []


def test_an_answer_whose_wording_of_what_is_listed_is_more_relevant_has_brought_nothing() -> None:
    def likely(asked_about: str) -> dict[str, float]:
        return {"Yes": -0.1 if "Religious freedom" in asked_about else -2.0, "No": -1.0}

    with TeacherServer({ALWAYS: new("Religious freedom")}, default=new("Freedom of religion"), likely=likely) as server:
        first = build(server, "--coverage", "--relevance").summary
        asked_first = len(server.received)
        # A list, two answers that repeat it in other words, and two wordings to measure, of each of three situations.
        assert asked_first == 3 * (1 + 2 + 2)
        again = build(server, "--coverage", "--relevance").summary
        assert len(server.received) == asked_first
    assert (first["coverage"]["openai"]["considerations"], again["coverage"]["openai"]["answered"]) == (0, 0)
    with open_warehouse(WAREHOUSE, read_only=True) as db:
        assert db.execute("SELECT DISTINCT text FROM consideration").fetchall() == [("Religious freedom",)]
