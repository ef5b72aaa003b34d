"""Relevance, measured by one teacher: asked once, used to choose and to set aside, and never asked again for that."""

import json
from collections.abc import Mapping
from decimal import Decimal
from math import log
from pathlib import Path

import pytest

from tests.flows.building import TEXTS, WAREHOUSE, build, build_with, two_teachers
from tests.flows.command_line import Ran, valueprism
from tests.flows.jobs import good_reply, write_lines
from tests.flows.stored import outcomes, rejects, row_counts, task_set
from tests.teacher_faults import Fault
from tests.teacher_server import TeacherServer
from warehouse.connect import open_warehouse

pytestmark = pytest.mark.usefixtures("prefect_api")

REPLIES = {text: good_reply(text, number) for number, text in enumerate(TEXTS)}
# Each reply lists two values, a right and a duty; the answer goes by the type.
YES = {"Value": 0.75, "Right": 0.5, "Duty": 0.25}


def by_type(question: str) -> Mapping[str, float]:
    """Yes as likely as `YES` has it of the type in the question's second line; some is left for other words."""
    yes = YES[question.splitlines()[1].partition(":")[0]]
    return {"Yes": log(0.8 * yes), "No": log(0.8 * (1 - yes)), "The": log(0.2)}


def serving(replies: Mapping[str, str] = REPLIES, **more: object) -> TeacherServer:
    return TeacherServer(replies, **{"likely": by_type, **more})  # type: ignore[arg-type]


def thresholds(**least: float) -> None:
    Path("valueprism.toml").write_text("[relevance]\n" + "".join(f"{name} = {p}\n" for name, p in least.items()))


def relevance() -> dict[str, set[float | None]]:
    """What the warehouse holds, by type, to three digits."""
    held: dict[str, set[float | None]] = {}
    with open_warehouse(WAREHOUSE, read_only=True) as db:
        for vrd, p in db.execute("SELECT vrd, round(relevance, 3) FROM consideration").fetchall():
            held.setdefault(vrd, set()).add(p)
    return held


def funnel(ran: Ran) -> dict[str, tuple[int, int, int]]:
    return {step["stage"]: (step["came_in"], step["kept"], step["rejected"]) for step in ran.summary["funnel"]}


def test_each_distinct_consideration_is_asked_about_once_and_its_relevance_reaches_the_release() -> None:
    with serving() as server:
        ran = build(server, "--relevance")
        # Three situations, four items each.
        assert len(server.measuring) == 12
        assert {len(str(request.body["messages"]).split("Situation:")) for request in server.measuring} == {1 + 5}
        told = ran.summary["relevance"]
        assert (told["asked"], told["answered"], told["cached"]) == (12, 12, 0)
        assert funnel(ran)["relevance"] == (12, 12, 0)
        again = build(server, "--relevance").summary["relevance"]
        assert (again["answered"], again["cached"]) == (0, 12)
        assert build(server).summary["relevance"]["asked"] == 0  # and what was measured stays
        assert len(server.measuring) == 12
    # .8 p / (.8 p + .8 (1 - p)) = p
    assert relevance() == {"Value": {0.75}, "Right": {0.5}, "Duty": {0.25}}
    leaning = {row["group"]: row["relevance"] for row in ran.summary["balance"]["leanings"] if row["by"] == "type"}
    assert leaning == {vrd: pytest.approx(p) for vrd, p in YES.items()}
    where = ("--warehouse", WAREHOUSE, "--version", "0.1.0", "--waive", "licences_known", "--waive", "task_counts")
    assert valueprism("release", "create", *where).code == 0
    full = task_set(Path("releases", "0.1.0"), "full")
    assert sorted(full["relevance"].to_pylist()) == pytest.approx([0.25] * 3 + [0.5] * 3 + [0.75] * 6)


def test_one_question_serves_contrary_valences_and_other_spellings_of_one_text() -> None:
    items = [
        {"vrd": "Value", "text": text, "explanation": "It is.", "valence": valence}
        for text, valence in [("Order", "Supports"), ("order", "Opposes"), ("Order!", "Supports")]
    ]
    with serving(dict.fromkeys(TEXTS, json.dumps({"considerations": items}))) as server:
        assert build(server, "--relevance").summary["considerations"] == 6  # both valences, in three situations
        assert len(server.measuring) == 3
    assert relevance() == {"Value": {0.75}}


def test_what_falls_below_its_types_threshold_is_set_aside_and_comes_back_unasked() -> None:
    with serving() as server:
        thresholds(least_value=0.75, least_right=0.6)  # the values meet theirs, the rights do not; duties have none
        strict = build(server, "--relevance")
        assert funnel(strict)["relevance"] == (12, 9, 3)
        assert funnel(strict)["dedup"] == (9, 9, 0)
        assert set(relevance()) == {"Value", "Duty"}
        set_aside = rejects(WAREHOUSE)
        assert {(row.stage, row.rule) for row in set_aside} == {("relevance", "irrelevant")}
        assert set_aside[0].detail.startswith("relevance 0.500 of 'Right to ")
        status = valueprism("status", "--warehouse", WAREHOUSE, "--json").summary
        assert status["rejected"] == [{"stage": "relevance", "rule": "irrelevant", "rows": 3}]
        assert status["totals"]["considerations"] == 9
        looked = valueprism("reparse", "--warehouse", WAREHOUSE, "--dry-run", "--json").summary
        assert (looked["replies"], looked["unclaimed"], looked["added"], looked["removed"]) == (15, 0, 0, 0)
        assert looked["rules"] == [{"stage": "relevance", "rule": "irrelevant", "before": 3, "after": 3}]

        thresholds(least_right=0.5)
        assert build(server).summary["considerations"] == 12  # without the flag: what was measured counts all the same
        assert (rejects(WAREHOUSE), len(server.measuring)) == ([], 12)
        thresholds(least_duty=0.3)
        assert valueprism("reparse", "--warehouse", WAREHOUSE, "--json").summary["removed"] == 3
        assert set(relevance()) == {"Value", "Right"}


def test_a_release_tells_how_many_were_irrelevant() -> None:
    thresholds(least_duty=0.3)
    with serving() as server:
        assert build(server, "--relevance").code == 0
    where = ("--warehouse", WAREHOUSE, "--version", "0.1.0", "--waive", "licences_known", "--waive", "task_counts")
    assert valueprism("release", "create", *where).code == 0
    card = Path("releases", "0.1.0", "README.md").read_text(encoding="utf-8")
    assert "| relevance (items) | 12 | 9 | 3 |" in card
    assert "| relevance | irrelevant | 3 |" in card
    manifest = json.loads(Path("releases", "0.1.0", "manifest.json").read_text(encoding="utf-8"))
    assert '"least_duty": 0.3' in json.dumps(manifest)
    assert '"teacher": "openai"' in json.dumps(manifest)  # who measured, though no setting named anybody


def test_of_two_near_identical_wordings_the_more_relevant_one_stays_whoever_came_first() -> None:
    def item(text: str) -> str:
        listed = {"vrd": "Right", "text": text, "explanation": "It is.", "valence": "Opposes"}
        return json.dumps({"considerations": [listed]})

    first, later = "Right to a decent standard of living", "Right to a decent living standard"  # cosine above .93
    likely = {first: 0.4, later: 0.6}

    def judge(question: str) -> Mapping[str, float]:
        yes = next(p for text, p in likely.items() if text in question)
        return {"Yes": log(yes), "No": log(1 - yes)}

    with (
        serving(dict.fromkeys(TEXTS, item(first)), likely=judge) as one,
        serving(dict.fromkeys(TEXTS, item(later))) as other,
    ):
        two_teachers(one, other)
        kept = "SELECT DISTINCT teacher, text, round(relevance, 3) FROM consideration"
        assert build_with(["first", "second"]).summary["considerations"] == 3
        with open_warehouse(WAREHOUSE, read_only=True) as db:
            assert db.execute(kept).fetchall() == [("first", first, None)]
        assert build_with(["first", "second"], "--relevance").summary["considerations"] == 3
        with open_warehouse(WAREHOUSE, read_only=True) as db:
            assert db.execute(kept).fetchall() == [("second", later, 0.6)]
            # The one that lost is still known to have been said, by whom and how.
            said = "SELECT DISTINCT teacher, text FROM said ORDER BY ALL"
            assert db.execute(said).fetchall() == [("first", first), ("second", later)]
        assert (len(one.measuring), len(other.measuring)) == (6, 0)  # the first of the build measures


@pytest.mark.parametrize(("yes", "contrived"), [(0.49, 1), (0.5, 0)])
def test_an_opposing_item_of_one_teacher_is_contrived_where_it_is_measured_to_be_hardly_relevant(
    yes: float, contrived: int
) -> None:
    def reply(*items: tuple[str, str]) -> str:
        listed = [{"vrd": "Value", "text": t, "explanation": "It is.", "valence": valence} for t, valence in items]
        return json.dumps({"considerations": listed})

    both = (("Thrift", "Supports"), ("Friendship", "Supports"))
    replies = {TEXTS[0]: reply(*both, ("Beauty", "Opposes"))} | dict.fromkeys(TEXTS[1:], reply(*both))

    def judge(question: str) -> Mapping[str, float]:
        p = yes if "Value: Beauty" in question else 0.9
        return {"Yes": log(p), "No": log(1 - p)}

    with (
        serving(dict.fromkeys(TEXTS, reply(*both))) as one,
        serving(replies) as other,
        serving({}, default="Yes", likely=judge) as third,
    ):
        two_teachers(one, other)
        with Path("valueprism.toml").open("a") as file:
            file.write(
                f'[teachers.judge]\nbase_url = "{third.base_url}"\nmodel = "j"\n[relevance]\nteacher = "judge"\n'
            )
        balance = build_with(["first", "second"], "--relevance").summary["balance"]
        assert (len(one.measuring), len(other.measuring), len(third.received)) == (0, 0, 2 + 2 + 3)
    # The judge measures and lists nothing: it makes no situation one that several answered.
    assert (balance["compared"], balance["contrived"]) == (3, contrived)
    assert [row["text"] for row in balance["examples"]] == ["Beauty"] * contrived
    assert [row["relevance"] for row in balance["examples"]] == [pytest.approx(yes)] * contrived


@pytest.mark.parametrize(
    ("likely", "said"), [(None, "the reply holds no log-probabilities"), (lambda _: None, "logprobs is not supported")]
)
def test_an_endpoint_without_log_probabilities_stops_the_run_before_thousands_are_asked(
    likely: object, said: str
) -> None:
    texts = [f"Lending ladder number {name} to the new neighbours" for name in ("one", "two", "three", "four")]
    texts += [f"Painting {thing} in a bright colour" for thing in ("the shed", "a fence", "my bicycle", "our door")]
    texts += [f"Feeding {animal} in the city park" for animal in ("swans", "squirrels", "carp", "pigeons")]
    with serving({}, default=good_reply("Whatever it is"), likely=likely) as server:
        source = write_lines(Path("many.jsonl"), texts)
        ran = build(server, "--relevance", "--concurrency", "1", situations=source)
        assert ran.code == 1
        assert ran.complaint.startswith("30 requests in a row to openai failed, the last with: ")
        assert said in ran.complaint
        assert "name another teacher under [relevance], or build without --relevance" in ran.complaint
        assert len(server.measuring) == 30  # of 12 * 4
        assert build(server, situations=source).summary["considerations"] == 48
        assert len(server.measuring) == 30


def test_where_every_relevance_question_fails_the_run_stops_and_keeps_what_was_listed() -> None:
    with serving(likely=None) as server:
        ran = build(server, "--relevance")
    assert ran.code == 1
    assert ran.complaint.startswith("all 12 requests to openai failed, the last with: the reply holds no log-prob")
    assert row_counts(WAREHOUSE)["consideration"] == 12
    assert relevance() == {"Value": {None}, "Right": {None}, "Duty": {None}}
    assert {(row.stage, row.rule) for row in rejects(WAREHOUSE)} == {("relevance", "teacher_error")}


def test_a_reply_of_neither_word_leaves_the_relevance_unknown_and_says_so() -> None:
    def unsure(question: str) -> Mapping[str, float]:
        return {"The": log(0.5), "It": log(0.5)} if "\nRight:" in question else by_type(question)

    thresholds(least_right=0.9)  # what is not known is not set aside
    with serving(likely=unsure) as server:
        assert build(server, "--relevance").summary["considerations"] == 12
        assert build(server, "--relevance").summary["relevance"]["answered"] == 0
    assert relevance() == {"Value": {0.75}, "Right": {None}, "Duty": {0.25}}
    assert [(row.stage, row.rule) for row in rejects(WAREHOUSE)] == [("relevance", "neither_yes_nor_no")] * 3


def test_a_relevance_question_that_fails_is_set_aside_and_asked_again_next_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("VALUEPRISM_TEACHERS__OPENAI__ATTEMPTS", "1")
    thresholds(least_duty=0.3)
    with serving() as server:
        assert build(server).code == 0
        server.fail_next(TEXTS[1], Fault.FAILING)
        assert build(server, "--relevance").summary["relevance"]["failed"] == 1
        # The failure stands beside what the thresholds set aside, and deriving again does not forget it.
        assert valueprism("reparse", "--warehouse", WAREHOUSE).code == 0
        rules = sorted(row.rule for row in rejects(WAREHOUSE))
        assert rules.count("teacher_busy") == 1
        assert 2 <= rules.count("irrelevant") <= 3  # the question that failed may have been one about a duty
        assert build(server, "--relevance").summary["relevance"]["answered"] == 1
        assert [row.rule for row in rejects(WAREHOUSE)] == ["irrelevant"] * 3
        assert len(server.measuring) == 12 + 1


def test_a_budget_counts_relevance_too_and_the_next_run_goes_on_with_what_is_left() -> None:
    with serving(usage=lambda body: (0, 1 if body.get("logprobs") else 10)) as server:
        table = {"base_url": server.base_url, "model": "m", "prompt_price": "0", "completion_price": "1000"}
        lines = "".join(f"{name} = {json.dumps(value)}\n" for name, value in (table | {"max_tokens": 10}).items())
        Path("valueprism.toml").write_text(f"[teachers.priced]\n{lines}")
        # A token costs a tenth of a cent: three lists of 10 tokens are 0.03, and 0.005 is left for 5 questions of 12.
        spent = build_with(["priced"], "--relevance", "--budget-usd", "0.035", "--concurrency", "1").summary
        assert (spent["asked"], spent["relevance"]["answered"], spent["unasked"]) == (3, 5, 7)
        assert Decimal(spent["cost"]) == Decimal("0.035")
        done = build_with(["priced"], "--relevance", "--budget-usd", "1").summary
        assert (done["asked"], done["relevance"]["answered"], done["relevance"]["cached"]) == (0, 7, 5)
        assert Decimal(done["cost"]) == Decimal("0.007")
        assert len(server.measuring) == 12
    assert outcomes(WAREHOUSE) == ["done", "done"]


def test_a_run_that_is_stopped_among_the_relevance_questions_goes_on_where_it_was(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("VALUEPRISM_CHUNK_SIZE", "1")
    with serving() as server:
        assert build(server).code == 0
        server.fail_next(TEXTS[2], Fault.QUOTA)
        assert build(server, "--relevance", "--concurrency", "1").code == 1
        assert len(server.measuring) == 4 + 4 + 1  # the first two situations, and the question that stopped it
        assert build(server, "--relevance").summary["relevance"]["cached"] == 8
        assert len(server.measuring) == 9 + 4
    assert relevance() == {"Value": {0.75}, "Right": {0.5}, "Duty": {0.25}}


def test_a_dry_run_bounds_the_relevance_questions_in_words() -> None:
    with serving() as server:
        ran = build(server, "--relevance", "--dry-run")
        assert server.received == []
        # Three replies of at most twelve items, as the schema has it.
        assert "relevance: besides, at most 36 short questions to openai, those that are answered already" in ran.out
        assert "their tokens and cost are not in the table" in ran.out
        assert ran.summary["most_relevance_questions"] == 36
        assert build(server, "--relevance").code == 0
        later = build(server, "--dry-run").summary
    assert later["most_relevance_questions"] == 0
    assert later["forecasts"][0]["known"] == 3  # lists are foretold from lists, not from the twelve short replies


def test_a_teacher_that_is_to_measure_and_cannot_be_is_one_line() -> None:
    Path("valueprism.toml").write_text('[relevance]\nteacher = "judge"\n')
    with serving() as server:
        ran = build(server, "--relevance")
        assert ran.code == 1
        assert "teacher 'judge' has no base URL" in ran.complaint
        assert build(server).code == 0  # where nothing is measured, it need not be there
