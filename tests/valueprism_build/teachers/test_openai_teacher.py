import asyncio
import logging
import re
import socket
import traceback
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import format_datetime
from typing import Any, cast

import openai
import pytest

from tests.teacher_faults import Fault
from tests.teacher_server import TeacherServer
from tests.valueprism_build.teachers.situations import ask, reply
from valueprism_build.errors import SettingsError, TeacherBusyError, TeacherError, TeacherStoppedError
from valueprism_build.records import Answer, FailedTry
from valueprism_build.teachers.budget import Budget
from valueprism_build.teachers.http_connection import MAX_BODY
from valueprism_build.teachers.openai_teacher import OpenAITeacher
from valueprism_build.teachers.prompts import reply_schema
from valueprism_build.teachers.teacher import TeacherSettings
from valueprism_build.teachers.throttle import Throttle

CAT = "Feeding a stray cat"
ANSWERS = {CAT: reply(CAT)}
CANARY = "sk-canary-7f3a9"
NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


def settings(server: TeacherServer) -> TeacherSettings:
    return TeacherSettings("replay", server.base_url, "m", api_key=CANARY, wait_initial=0.01, wait_max=1, timeout=5)


async def answer(
    given: TeacherSettings, structured: bool = True, budget: Budget | None = None, failed: list[FailedTry] | None = None
) -> Answer:
    failed = [] if failed is None else failed
    async with OpenAITeacher(given, budget=budget, clock=lambda: NOON) as teacher:
        return await teacher.answer(ask(CAT, structured=structured), failed.append)


async def test_a_reply_arrives_raw_with_what_it_took_to_get_it() -> None:
    with TeacherServer(ANSWERS, key=CANARY) as server:
        got = await answer(settings(server))
    assert got.text == ANSWERS[CAT]
    assert (got.teacher, got.model, got.finish_reason, got.error) == ("replay", "m", "stop", None)
    assert got.completion_tokens == len(ANSWERS[CAT].split())
    assert got.prompt_tokens > 100
    assert got.created_at == NOON
    assert got.params == '{"max_tokens":2000,"response_format":"json_schema","seed":7,"temperature":0.0}'
    assert 0 < got.latency < 5
    assert got.cost is None


async def test_the_request_carries_messages_parameters_and_schema() -> None:
    with TeacherServer(ANSWERS) as server:
        await answer(settings(server))
        await answer(replace(settings(server), structured="text", seed=None, temperature=None), structured=False)
    first, second = (received.body for received in server.received)
    assert first["response_format"]["json_schema"]["strict"] is True  # type: ignore[index]
    assert (first["seed"], first["temperature"], first["max_tokens"]) == (7, 0.0, 2000)
    assert not {"response_format", "seed", "temperature"} & set(second)


@pytest.mark.parametrize("fault", [Fault.BUSY, Fault.FAILING, Fault.RESET, Fault.HALF_BODY])
async def test_what_may_pass_is_tried_again_and_each_failure_is_told(fault: Fault) -> None:
    failed: list[FailedTry] = []
    with TeacherServer(ANSWERS, faults={CAT: [fault, fault]}) as server:
        got = await answer(settings(server), failed=failed)
    assert got.text == ANSWERS[CAT]
    assert len(server.received) == 3  # two faults, then the reply
    assert [one.request_hash for one in failed] == [got.request_hash] * 2
    # A status is an answer of a kind; of a broken connection nobody knows what became.
    assert {one.outcome_known for one in failed} == {fault in {Fault.BUSY, Fault.FAILING}}
    assert {one.cost for one in failed} == {Decimal(0) if fault in {Fault.BUSY, Fault.FAILING} else None}


@pytest.mark.parametrize("fault", [Fault.BUSY, Fault.FAILING, Fault.RESET, Fault.HALF_BODY])
async def test_tries_are_bounded(fault: Fault) -> None:
    with TeacherServer(ANSWERS, always=fault) as server, pytest.raises(TeacherBusyError):
        await answer(replace(settings(server), attempts=3))
    assert len(server.received) == 3


@pytest.mark.parametrize("fault", [Fault.HANG, Fault.DRIP])
async def test_a_server_that_hangs_or_drips_is_given_up_after_the_time_out(fault: Fault) -> None:
    with (
        TeacherServer(ANSWERS, always=fault) as server,
        pytest.raises(TeacherBusyError, match=r"did not answer within 0\.2 s"),
    ):
        await answer(replace(settings(server), attempts=2, timeout=0.2))
    assert len(server.received) == 2


async def test_a_body_without_end_is_cut_off() -> None:
    with (
        TeacherServer(ANSWERS, always=Fault.LONG) as server,
        pytest.raises(TeacherBusyError, match=f"sent more than {MAX_BODY} bytes"),
    ):
        await answer(replace(settings(server), attempts=1))


@pytest.mark.parametrize("fault", [Fault.LENGTH_TOO_LONG, Fault.LENGTH_TOO_SHORT])
async def test_a_wrong_length_is_an_error_and_spoils_no_later_request(fault: Fault) -> None:
    with TeacherServer(ANSWERS, faults={CAT: [fault]}) as server:
        async with OpenAITeacher(replace(settings(server), attempts=1)) as teacher:
            # Half of it is no completion; the other half, where it comes at once, breaks the connection.
            with pytest.raises(TeacherError, match=r"broke the connection|no chat completion"):
                await teacher.answer(ask(CAT), lambda _: None)
            assert (await teacher.answer(ask(CAT), lambda _: None)).text == ANSWERS[CAT]


async def test_retry_after_is_obeyed() -> None:
    with TeacherServer(ANSWERS, faults={CAT: [Fault.BUSY_RETRY_AFTER]}, retry_after="0.4") as server:
        await answer(settings(server))
    assert server.received[1].at - server.received[0].at >= 0.4


async def test_a_retry_after_beyond_our_patience_is_not_waited_for() -> None:
    with (
        TeacherServer(ANSWERS, always=Fault.BUSY_RETRY_AFTER, retry_after="3600") as server,
        pytest.raises(TeacherBusyError, match=r"asks to wait 3600 s, more than wait_max allows \(1 s\)") as caught,
    ):
        await answer(settings(server))
    assert caught.value.retry_after == 3600
    assert len(server.received) == 1


async def test_a_retry_after_may_be_a_date() -> None:
    date = format_datetime(NOON.replace(minute=1), usegmt=True)  # the teacher's clock stands at 12:00
    with (
        TeacherServer(ANSWERS, always=Fault.BUSY_RETRY_AFTER, retry_after=date) as server,
        pytest.raises(TeacherBusyError) as caught,
    ):
        await answer(settings(server))
    assert caught.value.retry_after == 60


async def test_a_bad_request_is_not_tried_again_and_says_how_to_do_without_a_schema() -> None:
    with (
        TeacherServer(ANSWERS, always=Fault.BAD_REQUEST) as server,
        pytest.raises(TeacherError, match="set structured=text") as caught,
    ):
        await answer(settings(server))
    assert not isinstance(caught.value, TeacherBusyError)
    assert len(server.received) == 1


@pytest.mark.parametrize("fault", [Fault.HTML, Fault.NOT_JSON, Fault.NO_CHOICES, Fault.WRONG_TYPES])
async def test_what_is_no_completion_is_an_error_that_shows_its_beginning(fault: Fault) -> None:
    with (
        TeacherServer(ANSWERS, always=fault) as server,
        pytest.raises(TeacherError, match=r"no chat completion, it begins '[<{]"),
    ):
        await answer(settings(server))
    assert len(server.received) == 1


@pytest.mark.parametrize(
    ("fault", "reason", "beginning"),
    [
        (Fault.TRUNCATED, "length", '{"considerations": [{'),
        (Fault.EMPTY_LIST, "stop", '{"considerations": []}'),
        (Fault.MANY_ITEMS, "stop", '{"considerations": [{'),
        (Fault.REFUSAL, "refusal", "I'm sorry"),
    ],
)
async def test_a_poor_reply_is_a_reply_for_the_parser_to_judge(fault: Fault, reason: str, beginning: str) -> None:
    with TeacherServer(ANSWERS, always=fault) as server:
        got = await answer(settings(server))
    assert got.finish_reason == reason
    assert got.text.startswith(beginning)


async def test_a_refused_key_stops_the_run_at_once_and_names_the_setting() -> None:
    with (
        TeacherServer(ANSWERS, key="another") as server,
        pytest.raises(TeacherStoppedError, match=r"VALUEPRISM_TEACHERS__[A-Z]+__API_KEY") as caught,
    ):
        await answer(settings(server))
    assert "\n" not in str(caught.value)
    assert len(server.received) == 1


async def test_a_spent_quota_stops_the_run_at_once() -> None:
    with (
        TeacherServer(ANSWERS, always=Fault.QUOTA) as server,
        pytest.raises(TeacherStoppedError, match="quota is spent"),
    ):
        await answer(settings(server))
    assert len(server.received) == 1


async def test_nobody_listening_stops_the_run_and_names_the_url() -> None:
    with TeacherServer(ANSWERS) as server:
        gone = settings(server)
    with pytest.raises(TeacherStoppedError, match=re.escape(gone.base_url)):
        await answer(replace(gone, attempts=2))


async def test_a_server_without_tls_stops_the_run_and_costs_nothing() -> None:
    failed: list[FailedTry] = []
    budget = Budget(Decimal(1))
    with TeacherServer(ANSWERS) as server:
        given = replace(settings(server), base_url=server.base_url.replace("http:", "https:"), attempts=2, **PRICED)  # type: ignore[arg-type]
        with pytest.raises(TeacherStoppedError, match=r"nobody answers at https://.*tried 2 times"):
            await answer(given, budget=budget, failed=failed)
    assert failed == []  # no connection, so nothing was sent
    assert [budget.spent, budget.reserved] == [0, 0]


async def test_a_connection_that_never_comes_about_costs_nothing_and_sets_the_row_aside() -> None:
    failed: list[FailedTry] = []
    budget = Budget(Decimal(1))
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes connections, and never shakes hands
        url = f"https://127.0.0.1:{silent.getsockname()[1]}/v1"
        given = TeacherSettings("replay", url, "m", attempts=2, timeout=0.1, wait_initial=0.01, **PRICED)  # type: ignore[arg-type]
        with pytest.raises(TeacherBusyError, match=r"no connection within 0\.1 s"):
            await answer(given, budget=budget, failed=failed)
    assert failed == []
    assert [budget.spent, budget.reserved] == [0, 0]


@pytest.mark.parametrize(
    "change",
    [
        {"base_url": "127.0.0.1:80/v1"},
        {"base_url": "http:///v1"},
        {"base_url": "http://host:x/v1"},
        {"base_url": "http://host..name/v1"},
        {"base_url": "http://host/v1?version=1"},
        {"base_url": f"http://user:{CANARY}@host/v1"},
        {"api_key": f"{CANARY}\n"},
        {"api_key": f"{CANARY}é"},
    ],
)
def test_settings_that_cannot_work_are_refused_before_anything_is_sent(change: dict[str, str]) -> None:
    given = TeacherSettings("replay", "http://127.0.0.1:1/v1", "m")
    with pytest.raises(SettingsError) as caught:
        OpenAITeacher(replace(given, **change))  # type: ignore[arg-type]
    assert CANARY not in str(caught.value)


@pytest.mark.parametrize("fault", list(Fault))
async def test_the_key_is_in_no_answer_no_error_and_no_log(fault: Fault, caplog: pytest.LogCaptureFixture) -> None:
    failed: list[FailedTry] = []
    with TeacherServer(ANSWERS, always=fault) as server, caplog.at_level(logging.DEBUG):
        given = replace(settings(server), attempts=2, timeout=0.2)
        try:
            said = repr(await answer(given, failed=failed))
        except (TeacherError, TeacherStoppedError) as error:
            said = "".join(traceback.format_exception(error))
    assert server.received[0].authorization == f"Bearer {CANARY}"  # the server saw it, and some faults repeat it
    for told in (said, repr(failed), repr(given), *(f"{log.getMessage()} {log.__dict__}" for log in caplog.records)):
        assert CANARY[:8] not in told  # not even its beginning


def test_the_identity_of_a_request_is_its_content_and_not_the_accident_of_a_port() -> None:
    one = TeacherSettings("a", "http://127.0.0.1:1/v1", "m", identity_url="local://m")
    same = [replace(one, base_url="http://127.0.0.1:2/v1/"), replace(one, name="b", api_key="k", attempts=1)]
    other = [
        replace(one, identity_url=None),
        replace(one, model="n"),
        replace(one, temperature=0.5),
        replace(one, max_items=3),
        replace(one, structured="text"),
    ]
    here = OpenAITeacher(one).request_hash(ask(CAT))
    assert {OpenAITeacher(s).request_hash(ask(CAT)) for s in same} == {here}
    assert here not in {OpenAITeacher(s).request_hash(ask(CAT)) for s in other}
    assert OpenAITeacher(one).request_hash(replace(ask(CAT), sample_index=1)) != here


async def test_a_second_sample_is_asked_with_another_seed() -> None:
    with TeacherServer(ANSWERS) as server:
        async with OpenAITeacher(settings(server)) as teacher:
            await teacher.answer(replace(ask(CAT), sample_index=2), lambda _: None)
    assert server.received[0].body["seed"] == 7 + 2


async def test_what_arrives_is_what_the_openai_client_would_have_sent() -> None:
    given = TeacherSettings("replay", "", "m", api_key=CANARY)
    question = ask(CAT)
    schema = {"name": "considerations", "strict": True, "schema": reply_schema(given.max_items)}
    with TeacherServer(ANSWERS, key=CANARY) as server:
        await answer(replace(given, base_url=server.base_url))
        async with openai.AsyncOpenAI(base_url=server.base_url, api_key=CANARY) as client:
            await client.chat.completions.create(
                model="m",
                messages=cast("Any", [{"role": m.role, "content": m.content} for m in question.messages]),
                temperature=0.0,
                max_tokens=2000,
                seed=7,
                response_format=cast("Any", {"type": "json_schema", "json_schema": schema}),
            )
    ours, theirs = server.received
    assert ours.body == theirs.body
    for header in ("Authorization", "Content-Type", "Accept"):
        assert ours.headers[header] == theirs.headers[header]


async def test_the_limits_that_the_endpoint_states_hold_back_the_next_request() -> None:
    throttle = Throttle(in_flight=4, clock=lambda: 0.0)  # time stands still: nothing refills
    headers = {"x-ratelimit-limit-requests": "60", "x-ratelimit-remaining-requests": "1"}
    with TeacherServer(ANSWERS, headers=headers) as server:
        async with OpenAITeacher(settings(server), throttle=throttle) as teacher:
            await teacher.answer(ask(CAT), lambda _: None)
            await teacher.answer(ask(CAT), lambda _: None)  # the one that is left
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(teacher.answer(ask(CAT), lambda _: None), 0.2)
    assert len(server.received) == 2


@pytest.mark.parametrize(("fault", "window"), [(Fault.BUSY, 4), (Fault.FAILING, 8), (Fault.RESET, 8)])
async def test_only_a_429_halves_the_number_of_requests_under_way(fault: Fault, window: float) -> None:
    throttle = Throttle(in_flight=8)
    with TeacherServer(ANSWERS, always=fault) as server:
        async with OpenAITeacher(replace(settings(server), attempts=1), throttle=throttle) as teacher:
            with pytest.raises(TeacherBusyError):
                await teacher.answer(ask(CAT), lambda _: None)
    assert (throttle.window, throttle.in_flight) == (window, 0)


async def test_a_retry_after_holds_back_every_request_to_that_teacher() -> None:
    with TeacherServer(ANSWERS, faults={CAT: [Fault.BUSY_RETRY_AFTER]}, retry_after="0.3") as server:
        async with OpenAITeacher(settings(server)) as teacher:
            first = asyncio.create_task(teacher.answer(ask(CAT), lambda _: None))
            while not server.received:
                await asyncio.sleep(0.005)
            await asyncio.sleep(0.1)  # the 429 is read
            await asyncio.gather(first, teacher.answer(ask(CAT), lambda _: None))
    refused, *later = server.received
    assert min(one.at for one in later) - refused.at >= 0.3


# US$ per million tokens; round, so that costs can be told by eye.
PRICED = {"prompt_price": Decimal(1), "completion_price": Decimal(10)}


async def test_a_reply_costs_what_its_usage_says() -> None:
    with TeacherServer(ANSWERS, usage=lambda _: (1000, 200)) as server:
        got = await answer(replace(settings(server), **PRICED))  # type: ignore[arg-type]
    assert got.cost == Decimal("0.003")  # 1000 * 1 / 10^6 + 200 * 10 / 10^6


@pytest.mark.parametrize("fault", [Fault.RESET, Fault.HALF_BODY, Fault.GATEWAY, Fault.HTML])
async def test_a_try_of_unknown_outcome_is_counted_at_its_worst(fault: Fault) -> None:
    failed: list[FailedTry] = []
    budget = Budget(Decimal(1))
    with TeacherServer(ANSWERS, always=fault) as server:
        given = replace(settings(server), attempts=1, **PRICED)  # type: ignore[arg-type]
        with pytest.raises(TeacherError):
            await answer(given, budget=budget, failed=failed)
        prompt_bytes = int(server.received[0].headers["Content-Length"])
    worst = Decimal(prompt_bytes + 10 * 2000) / 10**6  # as many tokens as bytes, and max_tokens
    assert [one.cost for one in failed] == [worst]
    assert [budget.spent, budget.reserved] == [worst, 0]


async def test_a_reply_that_does_not_say_what_it_took_is_kept_and_counted_at_its_worst() -> None:
    budget = Budget(Decimal(1))
    with TeacherServer(ANSWERS, always=Fault.NO_USAGE) as server:
        got = await answer(replace(settings(server), **PRICED), budget=budget)  # type: ignore[arg-type]
        prompt_bytes = int(server.received[0].headers["Content-Length"])
    worst = Decimal(prompt_bytes + 10 * 2000) / 10**6
    assert (got.text, got.prompt_tokens, got.completion_tokens) == (ANSWERS[CAT], 0, 0)
    assert [got.cost, budget.spent, budget.reserved] == [worst, worst, 0]


@pytest.mark.parametrize("fault", [Fault.BUSY, Fault.FAILING, Fault.BAD_REQUEST])
async def test_a_refused_try_costs_nothing(fault: Fault) -> None:
    budget = Budget(Decimal(1))
    with TeacherServer(ANSWERS, always=fault) as server, pytest.raises(TeacherError):
        await answer(replace(settings(server), attempts=2, **PRICED), budget=budget)  # type: ignore[arg-type]
    assert [budget.spent, budget.reserved] == [0, 0]


@pytest.mark.parametrize(
    ("change", "said"),
    [({}, "price of teacher 'replay' is unknown"), (PRICED | {"max_tokens": None}, "has no max_tokens")],
)
def test_a_budget_that_cannot_be_kept_is_refused_with_one_line(change: dict[str, object], said: str) -> None:
    given = replace(TeacherSettings("replay", "http://127.0.0.1:1/v1", "m"), **change)  # type: ignore[arg-type]
    with pytest.raises(SettingsError, match=said) as refused:
        OpenAITeacher(given, budget=Budget(Decimal(1)))
    assert "\n" not in str(refused.value)
