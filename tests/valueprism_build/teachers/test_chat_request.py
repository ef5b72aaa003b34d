import json
from dataclasses import asdict, replace

import pytest

from tests.valueprism_build.teachers.situations import ask, situation
from valueprism_build.records import Purpose, Vrd
from valueprism_build.teachers.chat_request import ChatRequests
from valueprism_build.teachers.prompts import build_coverage_ask, build_missing_ask
from valueprism_build.teachers.teacher import Ask, Message, Slot, TeacherSettings

CAT = "Feeding a stray cat"
OPENAI = TeacherSettings("a", "http://x/v1", "m")
TEXT = TeacherSettings("a", "http://x/v1", "m", structured="text")
SLOTS = TeacherSettings("a", "http://x/v1", "m", slots=(Slot(Vrd.VALUE, ("Peace",)), Slot(Vrd.VALUE, ("Hope",))))


@pytest.mark.parametrize(
    ("teacher", "identity"),
    [(OPENAI, "4b2ae2c2f0568b89ecde5fbf00a83c3e"), (TEXT, "fc5b3ff4cee7d0fefaeadde6b0b08c49")],
)
def test_the_identity_of_a_first_question_never_changes_or_it_would_be_paid_for_again(
    teacher: TeacherSettings, identity: str
) -> None:
    # Taken before there was any other question.
    assert ChatRequests(teacher).identity(ask(CAT, structured=teacher.structured != "text")) == identity


@pytest.mark.parametrize(("teacher", "least", "most"), [(OPENAI, (1, 0), (12, 12)), (SLOTS, (None, 0), (None, 2))])
def test_a_reply_to_the_question_for_coverage_may_be_empty(
    teacher: TeacherSettings, least: tuple[int | None, int], most: tuple[int | None, int]
) -> None:
    requests = ChatRequests(teacher)
    missing = build_coverage_ask(situation(CAT), [], "cat", "The cat itself.", structured=True)
    bodies = [json.loads(requests.body(question)) for question in (ask(CAT), missing)]
    lists = [body["response_format"]["json_schema"]["schema"]["properties"]["considerations"] for body in bodies]
    assert tuple(listed.get("minItems") for listed in lists) == least
    assert tuple(listed.get("maxItems") for listed in lists) == most
    assert requests.identity(missing) != requests.identity(ask(CAT))


@pytest.mark.parametrize(("teacher", "most"), [(OPENAI, 2), (SLOTS, 2)])
def test_a_reply_to_what_people_miss_is_one_or_two_considerations_or_none(teacher: TeacherSettings, most: int) -> None:
    wish = build_missing_ask(situation(CAT), [], "w", ["x"], structured=True)
    schema = json.loads(ChatRequests(teacher).body(wish))["response_format"]["json_schema"]["schema"]
    listed = schema["properties"]["considerations"]
    assert (listed["minItems"], listed["maxItems"]) == (0, most)


def test_another_schema_is_another_request() -> None:
    missing = build_coverage_ask(situation(CAT), [], "cat", "The cat itself.", structured=True)
    fewer = TeacherSettings("a", "http://x/v1", "m", max_items=3)
    assert ChatRequests(fewer).identity(missing) != ChatRequests(OPENAI).identity(missing)


FIRST = ask(CAT)
ALONE = Ask("s", (Message("user", 'Wh\u00e4t?\x1f "\\\n\U0001f600'),), "v")
BRIEF = replace(FIRST, messages=(Message("system", "Be brief."), FIRST.messages[-1]), sample_index=3)
COVERAGE = replace(BRIEF, purpose=Purpose.COVERAGE)


@pytest.mark.parametrize("questions", [[ALONE, BRIEF], [FIRST, BRIEF, FIRST, ALONE, COVERAGE, BRIEF, FIRST]])
def test_a_request_is_the_same_whatever_was_asked_before_it(questions: list[Ask]) -> None:
    requests = ChatRequests(OPENAI)
    for question in questions:
        assert requests.identity(question) == ChatRequests(OPENAI).identity(question)
        assert requests.body(question) == ChatRequests(OPENAI).body(question)
        body = json.loads(requests.body(question))
        assert body["messages"] == [asdict(message) for message in question.messages]
        assert body["seed"] == 7 + question.sample_index


def test_whatever_differs_in_a_question_makes_another_request() -> None:
    assert len({ChatRequests(OPENAI).identity(question) for question in (FIRST, ALONE, BRIEF, COVERAGE)}) == 4
