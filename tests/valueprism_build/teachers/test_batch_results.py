import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from valueprism_build.records import Purpose, Rejected, Stage
from valueprism_build.teachers.batch_results import BatchResults, Outcome
from valueprism_build.teachers.batches import Batch, BatchRequest, BatchState
from valueprism_build.teachers.prices import Price

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
BATCH = Batch("http://x/v1", "file-1", "t", "m", 2, NOON, "batch_1")
REQUESTS = [
    BatchRequest("a", "sa", "v", "{}", Purpose.CONSIDERATIONS, "", Decimal(100)),
    BatchRequest("b", "sb", "v", "{}", Purpose.COVERAGE, "a view", Decimal(200)),
]
USAGE = {"prompt_tokens": 10, "completion_tokens": 3}
PRICE = Price(Decimal("0.5"), Decimal(1), "test")


def good(custom_id: str, usage: object = USAGE) -> bytes:
    message = {"role": "assistant", "content": f"reply to {custom_id} \u2665"}
    body = {"choices": [{"message": message, "finish_reason": "stop"}], "usage": usage}
    return line(custom_id, response={"status_code": 200, "request_id": "r", "body": body})


def line(custom_id: str, response: object = None, error: object = None) -> bytes:
    return json.dumps({"id": "1", "custom_id": custom_id, "response": response, "error": error}).encode() + b"\n"


def read(
    lines: Sequence[bytes], status: str = "completed", *, output: str | None = "file-2", problem: str = ""
) -> list[Outcome]:
    state = BatchState("batch_1", "file-1", status, output_file_id=output, seconds=60, problem=problem)
    return list(BatchResults(BATCH, state, NOON, PRICE).outcomes(REQUESTS, lines))


def test_results_in_another_order_go_to_their_own_requests() -> None:
    first, second = read([good("b"), good("a")])
    assert (first.answer.request_hash, first.answer.situation_id) == ("b", "sb")
    assert (first.answer.purpose, first.answer.subject) == (Purpose.COVERAGE, "a view")
    assert first.answer.text == "reply to b \u2665"
    assert (first.failed_try, first.rejected) == (None, None)
    assert (second.answer.request_hash, second.answer.text) == ("a", "reply to a \u2665")
    assert (second.answer.purpose, second.answer.subject) == (Purpose.CONSIDERATIONS, "")
    assert (first.answer.teacher, first.answer.model, first.answer.params) == ("t", "m", "{}")
    assert (first.answer.latency, first.answer.created_at, first.answer.error) == (60, NOON, None)


def test_a_reply_costs_what_its_tokens_cost_in_a_batch() -> None:
    answer = read([good("a")])[0].answer
    assert (answer.prompt_tokens, answer.completion_tokens) == (10, 3)
    assert answer.cost == Decimal(8)  # 10 * 0.5 + 3


@pytest.mark.parametrize("usage", [None, "many", {"prompt_tokens": -1, "completion_tokens": 3}])
def test_a_reply_without_a_legible_bill_is_kept_and_counted_at_its_worst(usage: object) -> None:
    answer = read([good("a", usage)])[0].answer
    assert (answer.text, answer.prompt_tokens, answer.cost) == ("reply to a \u2665", 0, Decimal(100))


@pytest.mark.parametrize(
    ("result", "rule", "said", "cost"),
    [
        (line("a", {"status_code": 400, "body": {"error": {"message": "too long"}}}), "teacher_error", "400: ", 0),
        (line("a", {"status_code": 429, "body": None}), "teacher_busy", "answered 429: null", 0),
        (line("a", {"status_code": 500, "body": "<html>"}), "teacher_busy", "answered 500", 0),
        # It was answered, and nobody can tell what it cost.
        (line("a", {"status_code": 200, "body": {"choices": 7}}), "teacher_error", "no chat completion", 100),
        (line("a", error={"code": "batch_expired", "message": "not in time"}), "batch_expired", "not in time", 0),
        (line("a", error={"code": "batch_cancelled", "message": "no"}), "batch_cancelled", "no", 0),
        (line("a", error={"code": "strange", "message": None}), "teacher_error", "strange", 0),
        (line("a"), "teacher_error", "no reason given", 0),
    ],
)
def test_a_request_without_a_reply_is_set_aside_by_a_rule(result: bytes, rule: str, said: str, cost: int) -> None:
    failed = read([result, good("b")])[0]
    assert (failed.answer.text, failed.answer.cost) == ("", None)
    error = failed.answer.error or ""
    assert said in error
    assert failed.rejected == Rejected("a", Stage.ASK, rule, error)
    assert failed.failed_try is not None
    assert (failed.failed_try.error, failed.failed_try.outcome_known) == (error, not cost)
    assert failed.failed_try.cost == cost


@pytest.mark.parametrize(("usage", "cost"), [(USAGE, 8), (None, 100)])  # 10 * 0.5 + 3; at worst
def test_a_reply_without_the_log_probabilities_that_were_asked_for_costs_what_it_says(usage: object, cost: int) -> None:
    state = BatchState("batch_1", "file-1", "completed", output_file_id="file-2", seconds=60)
    asked = replace(REQUESTS[0], purpose=Purpose.RELEVANCE)
    [failed] = BatchResults(BATCH, state, NOON, PRICE).outcomes([asked], [good("a", usage)])
    assert failed.rejected is not None
    assert "holds no log-probabilities" in failed.rejected.detail
    assert failed.failed_try is not None
    assert (failed.failed_try.cost, failed.failed_try.outcome_known) == (Decimal(cost), usage is not None)


def test_what_fails_is_set_aside_at_the_stage_of_what_it_was_asked_for() -> None:
    failed = read([line("b"), good("a")])[0]
    assert failed.rejected is not None
    assert (failed.rejected.subject_id, failed.rejected.stage) == ("b", Stage.COVERAGE)
    assert failed.failed_try is not None
    assert failed.failed_try.purpose is Purpose.COVERAGE


@pytest.mark.parametrize(
    ("status", "output", "rule", "cost"),
    [
        # A completed batch has worked on every request; others may not have come to it, and where there is no file of
        # replies at all, nobody was answered.
        ("completed", None, "batch_incomplete", 100),
        ("expired", "file-2", "batch_expired", 100),
        ("expired", None, "batch_expired", 0),
        ("cancelled", None, "batch_cancelled", 0),
        ("failed", None, "batch_failed", 0),
    ],
)
def test_a_request_without_any_result_has_an_outcome_all_the_same(
    status: str, output: str | None, rule: str, cost: int
) -> None:
    # Half a line, a line of nobody, a line of another batch, and one that comes twice.
    replied, silent = read(
        [b'{"custom_id": "a", "respo', b"\n", good("c"), good("b"), good("b")], status, output=output
    )
    assert (replied.answer.request_hash, replied.rejected) == ("b", None)
    assert silent.rejected is not None
    assert (silent.rejected.subject_id, silent.rejected.rule) == ("a", rule)
    assert silent.answer.error == f"batch batch_1 ended as {status} without a result for this request"
    assert silent.failed_try is not None
    assert silent.failed_try.cost == cost


def test_a_batch_that_failed_as_a_whole_gives_its_reason_to_every_request() -> None:
    outcomes = read([], "failed", output=None, problem="the file is empty")
    assert [outcome.answer.error for outcome in outcomes] == ["the file is empty"] * 2
