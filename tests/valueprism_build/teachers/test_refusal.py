from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from valueprism_build.errors import BuildError, TeacherBusyError, TeacherError, TeacherStoppedError
from valueprism_build.teachers.http_connection import HttpReply
from valueprism_build.teachers.refusal import rate_headers, refusal
from valueprism_build.teachers.teacher import TeacherSettings
from valueprism_build.teachers.throttle import RateHeaders

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
GIVEN = TeacherSettings("vllm", "http://host/v1", "m", api_key="sk-canary-4d1")


def refused(status: int, body: bytes = b"because", headers: Mapping[str, str] | None = None) -> BuildError:
    return refusal(HttpReply(status, headers or {}, body), GIVEN, NOON, has_schema=True)


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (401, b"", TeacherStoppedError),
        (402, b"Insufficient Balance", TeacherStoppedError),
        (403, b"", TeacherError),
        (429, b'{"error": {"code" : "insufficient_quota"}}', TeacherStoppedError),
        (429, b"", TeacherBusyError),
        (408, b"", TeacherBusyError),
        (409, b"", TeacherBusyError),
        (500, b"", TeacherBusyError),
        (529, b"", TeacherBusyError),
        (302, b"", TeacherError),
        (400, b"", TeacherError),
        (404, b"", TeacherError),
        (422, b"", TeacherError),
    ],
)
def test_a_status_says_whether_to_stop_to_try_again_or_to_set_aside(
    status: int, body: bytes, error: type[BuildError]
) -> None:
    assert type(refused(status, body)) is error


@pytest.mark.parametrize("status", [402, 403, 429, 400, 500])
def test_what_the_endpoint_says_is_repeated_on_one_line(status: int) -> None:
    said = str(refused(status, b"Your input\nwas flagged"))
    assert "Your input was flagged" in said
    assert "\n" not in said


def test_a_redirect_says_where_to_and_repeats_no_key() -> None:
    said = str(refused(308, b"", {"location": "https://host/v1/chat/completions?key=sk-canary-4d1"}))
    assert "redirects to https://host/v1/chat/completions?key=***, where the key does not follow: mend" in said
    assert "redirects to elsewhere" in str(refused(302, b""))


def test_where_nothing_is_found_a_base_url_that_lacks_its_end_is_the_likeliest_cause() -> None:
    elsewhere = replace(GIVEN, base_url="http://host:8000")
    said = str(refusal(HttpReply(404, {}, b"Not Found"), elsewhere, NOON, has_schema=True))
    assert said == "http://host:8000 answered 404: Not Found; most base URLs end in /v1: mend --base-url"
    assert str(refused(404)) == "http://host/v1 answered 404: because"  # an unknown model, say


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("20", 20),
        ("0.5", 0.5),
        ("-3", 0),
        ("Fri, 02 Jan 2026 12:00:30 GMT", 30),
        ("Fri, 02 Jan 2026 11:00:00 GMT", 0),  # the past
        ("inf", None),
        ("nan", None),
        ("soon", None),
        ("", None),
    ],
)
def test_a_retry_after_is_seconds_or_a_date_and_anything_else_is_as_if_not_said(
    header: str, seconds: float | None
) -> None:
    error = refused(429, headers={"retry-after": header})
    assert isinstance(error, TeacherBusyError)
    assert error.retry_after == seconds


def test_limits_are_read_where_they_are_stated_and_a_limit_of_nothing_is_none() -> None:
    stated = {
        "x-ratelimit-limit-requests": "60",
        "x-ratelimit-remaining-requests": "0",
        "x-ratelimit-limit-tokens": "0",
        "x-ratelimit-remaining-tokens": "many",
    }
    assert rate_headers(stated) == RateHeaders(60, None, 0, None)
    assert rate_headers({"x-ratelimit-remaining-requests": "0"}) is None
