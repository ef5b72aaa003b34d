import json

import pytest

from valueprism_build.errors import TeacherError
from valueprism_build.teachers.chat_request import Tokens
from valueprism_build.teachers.completion import Completion, read_completion, shown, without_key


def body(message: object, **more: object) -> bytes:
    return json.dumps({"choices": [{"message": message}], **more}).encode()


@pytest.mark.parametrize(
    ("usage", "used"),
    [
        ({"prompt_tokens": 3, "completion_tokens": 0, "total_tokens": 99}, Tokens(3, 0)),
        (None, None),
        ("many", None),
        ({"prompt_tokens": 3}, None),
        ({"prompt_tokens": -3, "completion_tokens": 4}, None),
    ],
)
def test_a_reply_is_kept_whatever_its_bill_says(usage: object, used: Tokens | None) -> None:
    assert read_completion(body({"content": "Yes"}, usage=usage)) == Completion("Yes", "unknown", used)


@pytest.mark.parametrize(
    ("message", "text", "reason"),
    [
        ({"content": None}, "", "unknown"),
        ({}, "", "unknown"),
        ({"content": None, "refusal": "No."}, "No.", "refusal"),
        ({"content": "Yes", "refusal": ""}, "Yes", "unknown"),
    ],
)
def test_what_was_said_is_the_content_or_the_refusal(message: object, text: str, reason: str) -> None:
    assert read_completion(body(message)) == Completion(text, reason, None)


@pytest.mark.parametrize("strange", [b"", b"null", b"[]", b'{"choices": []}', b"<html>", b"\xff\xfe"])
def test_what_is_no_completion_is_an_error(strange: bytes) -> None:
    with pytest.raises(TeacherError, match="no chat completion"):
        read_completion(strange)


def test_an_error_shows_the_beginning_on_one_line() -> None:
    assert shown(b"a\n  b\xff") == "a b\N{REPLACEMENT CHARACTER}"
    assert shown(b"x" * 120) == "x" * 120
    assert shown(b"x" * 121) == "x" * 120 + "..."


def test_a_key_is_taken_out_wherever_it_stands_and_no_key_takes_nothing() -> None:
    assert without_key(b"sk-12345 and sk-12345", "sk-12345") == b"*** and ***"
    assert without_key(b"sk-12345", "") == b"sk-12345"


def test_what_stands_for_no_key_spoils_no_reply() -> None:
    assert without_key(b"expect none to fix it", "x") == b"expect none to fix it"
    assert without_key(b"expect none to fix it", "none") == b"expect none to fix it"
