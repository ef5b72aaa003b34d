"""Relevance questions: what is sent, what is kept of the reply, and an endpoint that gives no log-probabilities."""

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any, cast

import openai
import pytest

from tests.teacher_faults import Fault
from tests.teacher_server import TeacherServer
from tests.valueprism_build.teachers.situations import ask, situation
from valueprism_build.errors import TeacherBusyError, TeacherError
from valueprism_build.records import Answer, FailedTry, Purpose, Vrd
from valueprism_build.teachers.chat_request import ChatRequests
from valueprism_build.teachers.completion import read_completion
from valueprism_build.teachers.openai_teacher import OpenAITeacher
from valueprism_build.teachers.relevance_prompt import relevance_ask
from valueprism_build.teachers.teacher import TeacherSettings

CAT = "Feeding a stray cat"
QUESTION = relevance_ask(situation(CAT), Vrd.VALUE, "Compassion")
LIKELY = {"Yes": -0.25, " Yes": -3.5, "No": -2.0, "It": -4.0}


def serving(likely: dict[str, float] | None = LIKELY) -> TeacherServer:
    return TeacherServer({}, default="Yes", likely=lambda _: likely)


async def answer(server: TeacherServer, failed: list[FailedTry], **change: object) -> Answer:
    given = replace(TeacherSettings("replay", server.base_url, "m"), **change)  # type: ignore[arg-type]
    async with OpenAITeacher(given) as teacher:
        return await teacher.answer(QUESTION, failed.append)


async def test_the_likeliest_first_tokens_are_kept_in_the_order_of_the_endpoint() -> None:
    with serving() as server:
        got = await answer(server, [], top_logprobs=3)
    assert json.loads(got.text) == {"content": "Yes", "top": [["Yes", -0.25], ["No", -2.0], [" Yes", -3.5]]}
    assert (got.purpose, got.subject, got.completion_tokens) == (Purpose.RELEVANCE, QUESTION.subject, 1)
    assert got.params == '{"logprobs":true,"max_tokens":1,"seed":7,"temperature":0.0,"top_logprobs":3}'


async def test_what_arrives_is_what_the_openai_client_would_have_sent_and_it_reads_the_same() -> None:
    with serving() as server:
        ours = await answer(server, [])
        async with openai.AsyncOpenAI(base_url=server.base_url, api_key="none") as client:
            theirs = await client.chat.completions.create(
                model="m",
                messages=cast("Any", [{"role": m.role, "content": m.content} for m in QUESTION.messages]),
                temperature=0.0,
                max_tokens=1,
                seed=7,
                logprobs=True,
                top_logprobs=20,
            )
    assert server.received[0].body == server.received[1].body
    assert theirs.choices[0].logprobs is not None
    assert theirs.choices[0].logprobs.content is not None
    listed = theirs.choices[0].logprobs.content[0].top_logprobs
    assert json.loads(ours.text)["top"] == [[likely.token, likely.logprob] for likely in listed]


async def test_what_an_endpoint_takes_no_value_for_is_left_to_it() -> None:
    with serving() as server:
        await answer(server, [], temperature=None, max_tokens=None, seed=None)
    assert set(server.received[0].body) == {"model", "messages", "logprobs", "top_logprobs"}


async def test_an_endpoint_that_ignores_the_wish_is_no_answer_and_says_how_to_mend_it() -> None:
    failed: list[FailedTry] = []
    prices = {"prompt_price": Decimal(1), "completion_price": Decimal(10)}
    with (
        TeacherServer({}, default="Yes", usage=lambda _: (1000, 2)) as server,
        pytest.raises(TeacherError, match="holds no log-probabilities; if the endpoint gives no") as caught,
    ):
        await answer(server, failed, **prices)
    assert not isinstance(caught.value, TeacherBusyError)
    paid = Decimal("0.00102")  # it says its tokens: 1000 * 1 / 10^6 + 2 * 10 / 10^6
    assert [(one.purpose, one.outcome_known, one.cost) for one in failed] == [(Purpose.RELEVANCE, True, paid)]
    assert len(server.received) == 1


async def test_an_endpoint_that_ignores_the_wish_and_tells_no_tokens_is_counted_at_its_worst() -> None:
    failed: list[FailedTry] = []
    prices = {"prompt_price": Decimal(0), "completion_price": Decimal(10)}
    with (
        TeacherServer({}, default="Yes", always=Fault.NO_USAGE) as server,
        pytest.raises(TeacherError, match="holds no log-probabilities"),
    ):
        await answer(server, failed, **prices)
    assert [(one.outcome_known, one.cost) for one in failed] == [(False, Decimal("0.00001"))]  # one token at most


async def test_an_endpoint_that_refuses_the_wish_is_asked_once_and_says_how_to_mend_it() -> None:
    failed: list[FailedTry] = []
    with (
        serving(likely=None) as server,
        pytest.raises(TeacherError, match=r"answered 400: .*logprobs.*name another teacher under \[relevance\]"),
    ):
        await answer(server, failed)
    assert [(one.purpose, one.outcome_known) for one in failed] == [(Purpose.RELEVANCE, True)]
    assert len(server.received) == 1


def body(logprobs: object) -> bytes:
    return json.dumps({"choices": [{"message": {"content": "Yes"}, "logprobs": logprobs}]}).encode()


def test_a_first_token_that_is_not_in_its_own_list_is_added_to_it() -> None:
    first = {"token": "Yes", "logprob": -3.0, "top_logprobs": [{"token": "No", "logprob": -0.1}]}
    text = read_completion(body({"content": [first]}), log_probabilities=True).text
    assert json.loads(text)["top"] == [["No", -0.1], ["Yes", -3.0]]


@pytest.mark.parametrize(
    "logprobs",
    [
        None,
        {"content": None},
        {"content": []},
        {"content": [{"token": "Yes"}]},
        {"content": [{"token": "Yes", "logprob": float("nan")}]},
        {"content": [{"token": "Yes", "logprob": -1, "top_logprobs": [{"token": 7, "logprob": -1}]}]},
        {"tokens": ["Yes"], "token_logprobs": [-1.0]},  # the shape of the older completions endpoint
        "yes",
    ],
)
def test_log_probabilities_of_another_shape_are_none(logprobs: object) -> None:
    with pytest.raises(TeacherError, match="holds no log-probabilities"):
        read_completion(body(logprobs), log_probabilities=True)
    assert read_completion(body(logprobs)).text == "Yes"  # where nobody asked for them they do no harm


def test_the_first_question_keeps_the_identity_that_it_has_in_journals_of_today() -> None:
    given = TeacherSettings("a", "http://h/v1", "m")
    # As the version before relevance questions made them: another hash, and every answer would be paid for again.
    assert ChatRequests(given).identity(ask("x y")) == "ab850887cafced680cdc1efcec838588"
    assert ChatRequests(replace(given, structured="text")).identity(ask("x y", structured=False)) == (
        "c2e5181707c19d69a3571f1226aa8e5b"
    )


def test_a_relevance_question_is_another_request_where_other_tokens_are_listed() -> None:
    given = TeacherSettings("a", "http://h/v1", "m")
    here = ChatRequests(given).identity(QUESTION)
    assert ChatRequests(replace(given, top_logprobs=5)).identity(QUESTION) != here
    # What shapes only the list of considerations leaves it as it is.
    assert ChatRequests(replace(given, max_items=3, structured="text", max_tokens=9)).identity(QUESTION) == here


def test_at_worst_a_relevance_question_takes_one_token() -> None:
    chat = ChatRequests(TeacherSettings("a", "http://h/v1", "m"))
    sent = chat.body(QUESTION)
    assert chat.at_most(QUESTION, sent) == (len(sent), 1)
    assert chat.at_most(ask(CAT), chat.body(ask(CAT))).completion == 2000
