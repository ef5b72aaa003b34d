"""What a chat endpoint says when it does not answer: its status, its headers, and what to do about them."""

import re
from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Final

from valueprism_build.errors import BuildError, TeacherBusyError, TeacherError, TeacherStoppedError
from valueprism_build.teachers.completion import NO_LOG_PROBABILITIES, shown, without_key
from valueprism_build.teachers.http_connection import HttpReply
from valueprism_build.teachers.teacher import TeacherSettings, variable_of
from valueprism_build.teachers.throttle import RateHeaders

NO_CREDIT: Final = 402
TOO_FAST: Final = 429
# A gateway lost the endpoint behind it, which may have answered all the same.
OUTCOME_UNKNOWN: Final = frozenset({502, 504})
_BUSY: Final = frozenset({408, 409, TOO_FAST})  # and every 5xx
_SCHEMA_WORDS: Final = ("response_format", "json_schema", "schema", "grammar")
_QUOTA = re.compile(rb'"code"\s*:\s*"insufficient_quota"')


def refusal(reply: HttpReply, settings: TeacherSettings, now: datetime, *, has_schema: bool) -> BuildError:
    """Return the error that a reply without a completion stands for.

    Args:
        reply: any status but 200.
        settings: whom was asked.
        now: against which a Retry-After that is a date is held.
        has_schema: whether the request named a JSON schema.
    """
    url, status, said = settings.base_url, reply.status, shown(reply.body)
    key = variable_of(settings.name, "api_key")
    if status == 401:
        return TeacherStoppedError(f"{url} refused the key (401): set {key} to a valid one")
    if status == 403:  # one text, by moderation or a firewall; or all, where the key lacks a right: then all fail
        return TeacherError(f"{url} refused us (403): {said}; see to it, or set {key} to another key")
    if status == NO_CREDIT or _QUOTA.search(reply.body):
        return TeacherStoppedError(f"{url} says that the quota is spent: {said}")
    line = f"{url} answered {status}: {said}"
    if status in _BUSY or status >= 500:
        wait = _retry_after(reply.headers.get("retry-after"), now)
        if wait is not None and wait > settings.wait_max:
            line += f"; it asks to wait {wait:.0f} s, more than wait_max allows ({settings.wait_max:g} s)"
        return TeacherBusyError(line, wait)
    return TeacherError(line + _hint(reply, said, settings, has_schema=has_schema))


def _hint(reply: HttpReply, said: str, settings: TeacherSettings, *, has_schema: bool) -> str:
    """Return how to mend what stands behind a refusal for good, as far as it can be guessed."""
    if reply.status == 400 and has_schema and any(word in said for word in _SCHEMA_WORDS):
        variable = variable_of(settings.name, "structured")
        return f"; if the endpoint knows no JSON schema, set structured=text ({variable})"
    if reply.status == 404 and not settings.base_url.rstrip("/").endswith("/v1"):
        return "; most base URLs end in /v1: mend --base-url"
    if 300 <= reply.status < 400:
        where = without_key(reply.headers.get("location", "elsewhere").encode("latin-1"), settings.api_key)
        return f"; it redirects to {shown(where)}, where the key does not follow: mend --base-url"
    return f"; {NO_LOG_PROBABILITIES}" if "logprobs" in said else ""


def rate_headers(headers: Mapping[str, str]) -> RateHeaders | None:
    """Return what the endpoint says about its limits, or None where it says nothing.

    The names are OpenAI's, which others have taken over: https://platform.openai.com/docs/guides/rate-limits
    """
    if "x-ratelimit-limit-requests" not in headers and "x-ratelimit-limit-tokens" not in headers:
        return None
    return RateHeaders(
        requests_per_minute=_positive(headers.get("x-ratelimit-limit-requests")),
        tokens_per_minute=_positive(headers.get("x-ratelimit-limit-tokens")),
        requests_left=_number(headers.get("x-ratelimit-remaining-requests")),
        tokens_left=_number(headers.get("x-ratelimit-remaining-tokens")),
    )


def _retry_after(header: str | None, now: datetime) -> float | None:
    """Return seconds; the header holds them, or a date."""
    if header is None:
        return None
    seconds = _number(header)
    if seconds is not None:
        return seconds
    try:
        return max(0.0, (parsedate_to_datetime(header) - now).total_seconds())
    except (ValueError, TypeError):  # no date, or one without a zone: as if nothing was said
        return None


def _positive(header: str | None) -> float | None:
    return _number(header) or None


def _number(header: str | None) -> float | None:
    """Return a number of zero or more, or None for anything else."""
    try:
        number = float(header or "")
    except ValueError:
        return None
    return max(0.0, number) if number < float("inf") else None
