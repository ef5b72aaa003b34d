"""What can go wrong at the teacher: the run stops with one line, or sets aside what was not answered and goes on."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from tests.flows.building import TEXTS, WAREHOUSE, build, obliging
from tests.flows.command_line import valueprism
from tests.flows.jobs import good_reply, write_lines
from tests.flows.stored import answered, outcomes, rejects, row_counts
from tests.teacher_faults import Fault
from tests.teacher_server import TeacherServer
from valueprism_build.ids import situation_id

pytestmark = pytest.mark.usefixtures("prefect_api")


@pytest.fixture(autouse=True)
def _two_quick_attempts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VALUEPRISM_TEACHERS__OPENAI__ATTEMPTS", "2")
    monkeypatch.setenv("VALUEPRISM_TEACHERS__OPENAI__WAIT_INITIAL", "0.01")
    monkeypatch.setenv("VALUEPRISM_TEACHERS__OPENAI__TIMEOUT", "2")


def teacher(
    *, always: Fault | None = None, faults: Mapping[str, Sequence[Fault]] | None = None, key: str | None = None
) -> TeacherServer:
    answers = {text: good_reply(text, number) for number, text in enumerate(TEXTS)}
    return TeacherServer(answers, always=always, faults=faults or {}, key=key)


def test_a_server_that_is_down_stops_the_run_with_one_line() -> None:
    ran = build(None)
    assert (ran.code, ran.out) == (1, "")
    assert "nobody answers at http://127.0.0.1:9/v1" in ran.complaint
    assert outcomes(WAREHOUSE) == ["failed"]


def test_a_wrong_key_stops_the_run_with_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VALUEPRISM_TEACHERS__OPENAI__API_KEY", "canary-wrong")
    with teacher(key="right") as server:
        ran = build(server)
        assert (ran.code, ran.out) == (1, "")
        assert "refused the key (401): set VALUEPRISM_TEACHERS__OPENAI__API_KEY" in ran.complaint
        assert len(server.received) <= 3  # those under way; a refused key is not tried again
        monkeypatch.setenv("VALUEPRISM_TEACHERS__OPENAI__API_KEY", "right")
        assert build(server).summary["asked"] == 3
    assert outcomes(WAREHOUSE) == ["failed", "done"]


def test_a_base_url_that_lacks_its_end_is_told_and_mended_by_giving_the_right_one() -> None:
    source = write_lines(Path("mine.jsonl"), TEXTS)
    how = ("build", "--situations", source, "--teacher", "vllm", "--model", "m", "--warehouse", WAREHOUSE, "--json")
    with teacher() as server:
        short = server.base_url.removesuffix("/v1")
        said = valueprism(*how, "--base-url", short).complaint
        assert "answered 404: 404: Not Found; most base URLs end in /v1: mend --base-url" in said
        assert valueprism(*how, "--base-url", server.base_url).summary["asked"] == 3
        again = valueprism(*how, "--base-url", short)
    assert f"is at {server.base_url}, not at {short}" in again.complaint  # once it has replied, its name is taken


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (Fault.HTML, "no chat completion, it begins '<html><body>Welcome to nginx"),
        (Fault.NOT_JSON, "no chat completion, it begins '{"),
        (Fault.NO_CHOICES, "no chat completion"),
        (Fault.WRONG_TYPES, "no chat completion, it begins '{\"choices\": 7}'"),
        (Fault.BAD_REQUEST, "answered 400: "),
        (Fault.MODERATED, "refused us (403): "),
        (Fault.FAILING, "answered 500: "),
        (Fault.BUSY, "answered 429: "),
        (Fault.RESET, "broke the connection"),
        (Fault.HALF_BODY, "broke the connection"),
        (Fault.HANG, "did not answer within 2 s"),
    ],
)
def test_a_run_in_which_every_request_failed_stops_with_one_line(fault: Fault, said: str) -> None:
    with teacher(always=fault) as server:
        ran = build(server)
    assert (ran.code, ran.out) == (1, "")
    assert ran.complaint.startswith("all 3 requests to openai failed, the last with: ")
    assert said in ran.complaint
    assert outcomes(WAREHOUSE) == ["failed"]
    assert {(reject.stage, said in reject.detail) for reject in rejects(WAREHOUSE)} == {("ask", True)}


def test_a_quota_that_is_spent_stops_the_run_with_one_line() -> None:
    with teacher(always=Fault.QUOTA) as server:
        assert "says that the quota is spent" in build(server).complaint


@pytest.mark.parametrize(
    ("faults", "rule"),
    [
        ([Fault.HTML], "teacher_error"),
        ([Fault.BAD_REQUEST], "teacher_error"),
        ([Fault.MODERATED], "teacher_error"),
        ([Fault.BUSY] * 2, "teacher_busy"),  # at both attempts
    ],
)
def test_one_situation_that_fails_is_set_aside_and_asked_again_next_time(faults: list[Fault], rule: str) -> None:
    with teacher(faults={TEXTS[1]: faults}) as server:
        first = build(server).summary
        assert first["funnel"][2] == {"stage": "ask", "came_in": 3, "kept": 2, "held": 0, "rejected": 1}
        assert [(reject.stage, reject.rule) for reject in rejects(WAREHOUSE)] == [("ask", rule)]
        assert answered(WAREHOUSE) == sorted(map(situation_id, (TEXTS[0], TEXTS[2])))
        requests = len(server.received)

        second = build(server).summary

        assert second["funnel"][2] == {"stage": "ask", "came_in": 3, "kept": 1, "held": 2, "rejected": 0}
        assert [request.situation for request in server.received[requests:]] == [TEXTS[1]]
    assert rejects(WAREHOUSE) == []
    # Four items in each of three replies.
    assert row_counts(WAREHOUSE)["consideration"] == 12


@pytest.mark.parametrize(
    ("fault", "items", "rules"),
    [
        (
            Fault.TRUNCATED,
            2,
            {"truncated": 1},
        ),  # two values, shorter than the right and the duty: the cut is in the third
        (Fault.EMPTY_LIST, 0, {"no_items": 1}),
        (Fault.REFUSAL, 0, {"refusal": 1}),
        (Fault.MANY_ITEMS, 50, {"too_many_items": 250}),  # items 51 to 300 are past the parser's limit of 50
    ],
)
def test_a_strange_reply_is_a_counted_reject_and_costs_no_other_situation(
    fault: Fault, items: int, rules: dict[str, int]
) -> None:
    with teacher(faults={TEXTS[1]: [fault]}) as server:
        summary = build(server).summary
    parse = summary["funnel"][3]
    # The replies about the other two situations list four items each.
    assert (parse["kept"], parse["rejected"]) == (4 + 4 + items, sum(rules.values()))
    status = valueprism("status", "--warehouse", WAREHOUSE, "--json").summary
    assert {row["rule"]: row["rows"] for row in status["rejected"] if row["stage"] == "parse"} == rules


@pytest.mark.parametrize(
    ("reply", "rules"),
    [
        ('{"considerations": 7}', {"no_items"}),
        (
            '{"considerations": [7, null, {"vrd": 1, "text": ["x"], "explanation": {}, "valence": 0}]}',
            {"not_an_item", "no_text"},
        ),
        ("", {"no_items"}),
        ("null", {"unparsable"}),
    ],
)
def test_a_reply_of_wrong_types_is_a_counted_reject(reply: str, rules: set[str]) -> None:
    answers = {text: good_reply(text) for text in TEXTS} | {TEXTS[0]: reply}
    with TeacherServer(answers) as server:
        summary = build(server).summary
    assert summary["funnel"][3]["kept"] == 8
    assert {reject.rule for reject in rejects(WAREHOUSE)} == rules
    assert len(rejects(WAREHOUSE)) == summary["funnel"][3]["rejected"]


def test_a_stopped_run_keeps_the_replies_that_came_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VALUEPRISM_CHUNK_SIZE", "1")
    with teacher(faults={TEXTS[2]: [Fault.QUOTA]}) as server:
        assert build(server).code == 1
        assert answered(WAREHOUSE) == sorted(map(situation_id, TEXTS[:2]))
        assert row_counts(WAREHOUSE)["consideration"] == 8  # what was answered is derived
        assert build(server).summary["asked"] == 1


def test_a_mended_line_takes_its_old_reject_with_it() -> None:
    source = write_lines(Path("mine.jsonl"), TEXTS)
    whole = source.read_text()
    source.write_text(whole.replace(f'"{TEXTS[1]}"', f'"{TEXTS[1]}').replace(f'"{TEXTS[2]}"', '"What is right?"'))
    with obliging() as server:
        assert build(server, situations=source).summary["situations"] == 1
        assert [(reject.subject, reject.rule) for reject in rejects(WAREHOUSE)] == [
            ("mine.jsonl:2", "broken_json"),
            ("mine.jsonl:3", "question"),
        ]
        source.write_text(whole)
        assert build(server, situations=source).summary["asked"] == 2
    assert rejects(WAREHOUSE) == []
