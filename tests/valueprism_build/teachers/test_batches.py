import errno
import json
from dataclasses import replace
from decimal import Decimal

import pytest

from tests.teacher_server import TeacherServer
from tests.valueprism_build.teachers.situations import ask, reply
from valueprism_build.errors import BuildError, SettingsError
from valueprism_build.records import Purpose
from valueprism_build.teachers.batches import (
    BatchLine,
    BatchRequest,
    BatchSettings,
    batch_files,
    batch_line,
    scratch_file,
)
from valueprism_build.teachers.chat_request import ChatRequests
from valueprism_build.teachers.openai_teacher import OpenAITeacher
from valueprism_build.teachers.teacher import TeacherSettings

CAT = "Feeding a stray cat \u2665"


def lines(*sizes: int) -> list[BatchLine]:
    """Return lines of so many bytes each."""
    return [BatchLine(request(str(i)), b"x" * (size - 1) + b"\n") for i, size in enumerate(sizes)]


def request(request_hash: str) -> BatchRequest:
    return BatchRequest(request_hash, "s", "v", "{}", Purpose.CONSIDERATIONS, "", None)


def split(given: list[BatchLine], *, max_requests: int = 50, max_bytes: int = 1000) -> list[list[str]]:
    """Return the request hashes of each file, having checked that the file holds their lines."""
    by_hash = {line.request.request_hash: line.text for line in given}
    found = []
    for part in batch_files(given, max_requests=max_requests, max_bytes=max_bytes):
        part.file.seek(0)
        hashes = [request.request_hash for request in part.requests]
        assert part.file.read() == b"".join(by_hash[request_hash] for request_hash in hashes)
        found.append(hashes)
    return found


def test_nothing_to_ask_makes_no_file() -> None:
    assert split([]) == []


def test_a_file_holds_exactly_the_most_requests_and_the_next_file_the_next() -> None:
    assert split(lines(9, 9, 9, 9), max_requests=4) == [["0", "1", "2", "3"]]
    assert split(lines(9, 9, 9, 9), max_requests=3) == [["0", "1", "2"], ["3"]]


def test_a_file_holds_exactly_the_most_bytes_and_no_more() -> None:
    # 400 + 600 = 1000 fit; with 601 they do not.
    assert split(lines(400, 600, 5)) == [["0", "1"], ["2"]]
    assert split(lines(400, 601, 5)) == [["0"], ["1", "2"]]


def test_a_line_that_is_too_long_goes_alone() -> None:
    assert split(lines(5, 1001, 5)) == [["0"], ["1"], ["2"]]


def test_the_files_are_nameless_and_closed_once_done_with() -> None:
    files = []
    for part in batch_files(lines(9, 9), max_requests=1):
        assert isinstance(part.file.name, int)  # a number, no path
        files.append(part.file)
    assert [file.closed for file in files] == [True, True]


def test_a_file_that_cannot_be_written_is_one_line() -> None:
    with pytest.raises(BuildError, match=r"cannot write to .*: .*No space left.*; free some space"), scratch_file():
        raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize(
    "settings",
    [
        TeacherSettings("replay", model="m"),
        TeacherSettings("replay", model="m", structured="text", temperature=None, max_tokens=None, seed=None),
    ],
)
@pytest.mark.parametrize("purpose", list(Purpose))
async def test_a_line_asks_exactly_what_the_online_path_sends(settings: TeacherSettings, purpose: Purpose) -> None:
    question = replace(ask(CAT, structured=settings.structured == "json_schema"), purpose=purpose, subject="a subject")
    with TeacherServer({CAT: reply(CAT)}, likely=lambda _: {"Yes": -0.1}) as server:
        given = replace(settings, base_url=server.base_url)
        async with OpenAITeacher(given) as teacher:
            answer = await teacher.answer(question, lambda _: None)
    chat = ChatRequests(given)
    params, body = chat.params(purpose), chat.body(question)
    made = batch_line(question, chat.identity(question), body, params=params, worst=Decimal("0.5"))
    line = made.text
    assert line.endswith(b"}\n")
    assert line.count(b"\n") == 1
    assert json.loads(line) == {
        "custom_id": answer.request_hash,
        "method": "POST",
        "url": "/v1/chat/completions",
        "body": server.received[0].body,
    }
    assert made.request == BatchRequest(
        answer.request_hash,
        answer.situation_id,
        answer.prompt_version,
        answer.params,
        answer.purpose,
        answer.subject,
        Decimal("0.5"),
    )


def test_limits_that_no_endpoint_takes_are_refused_by_name() -> None:
    for name, wrong in (("max_requests", 50_001), ("max_requests", 0), ("max_bytes", 0), ("poll_seconds", -1)):
        with pytest.raises(SettingsError, match=f"batch setting {name} is {wrong}"):
            BatchSettings(**{name: wrong})  # type: ignore[arg-type]
