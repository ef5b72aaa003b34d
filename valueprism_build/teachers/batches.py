"""Requests to the files that the Batch API takes (OpenAI, Batch API guide, 1). Nothing is sent here."""

from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from tempfile import TemporaryFile, gettempdir
from typing import IO, Final

from valueprism_build.errors import BuildError, SettingsError
from valueprism_build.records import Purpose
from valueprism_build.teachers.teacher import Ask

CHAT_ENDPOINT: Final = "/v1/chat/completions"
MAX_REQUESTS: Final = 50_000
"""Most requests in one file, by the Batch API's rules."""
MAX_BYTES: Final = 200_000_000
"""Most bytes in one file: the rules say 200 MB, and this is the smaller reading of it."""

ENDED: Final = frozenset({"failed", "completed", "expired", "cancelled"})
"""What a batch is at its end; before it is validating, in_progress, finalizing or cancelling."""


@dataclass(frozen=True, slots=True)
class BatchSettings:
    """Whether and how the Batch API is used.

    Attributes:
        enabled: ask through it; half the price, an answer within a day.
        wait: until all batches have ended; otherwise look once and leave the rest to the next run.
        poll_seconds: between two looks.
        bad_looks: so many in a row at an endpoint that is busy or away end the run.
        max_requests: in one file; fewer where the endpoint bounds the tokens that may be queued.
        max_bytes: in one file.
    """

    enabled: bool = False
    wait: bool = True
    poll_seconds: float = 60.0
    bad_looks: int = 30
    max_requests: int = MAX_REQUESTS
    max_bytes: int = MAX_BYTES

    def __post_init__(self) -> None:
        """Refuse what no endpoint takes.

        Raises:
            SettingsError: names the setting, its value and its range.
        """
        for name, most in (("max_requests", MAX_REQUESTS), ("max_bytes", MAX_BYTES)):
            if not 1 <= getattr(self, name) <= most:
                raise SettingsError(f"batch setting {name} is {getattr(self, name)}; give 1 to {most}")
        if self.bad_looks < 1:
            raise SettingsError(f"batch setting bad_looks is {self.bad_looks}; give 1 or more")
        if self.poll_seconds < 0:
            raise SettingsError(f"batch setting poll_seconds is {self.poll_seconds}; give 0 or more")


@dataclass(frozen=True, slots=True)
class BatchRequest:
    """One request of a batch: what an answer must be stored with.

    Attributes:
        request_hash: the custom id under which its result comes back.
        params: its parameters as canonical JSON.
        worst: the most that it can cost, in US dollars; None where the price is unknown.
    """

    request_hash: str
    situation_id: str
    prompt_version: str
    params: str
    purpose: Purpose
    subject: str
    worst: Decimal | None


@dataclass(frozen=True, slots=True)
class Batch:
    """A file of requests at an endpoint, and the batch that was made of it.

    Attributes:
        endpoint: `TeacherSettings.endpoint`.
        file_id: the endpoint's name for the uploaded file; one batch is made of it, never two.
        requests: how many.
        batch_id: the endpoint's name for the batch; None while it is not known to have been made.
        status: as last seen, or "uploaded".
        answered: requests whose reply is in the answer journal; likewise `failed`, those that have none.
    """

    endpoint: str
    file_id: str
    teacher: str
    model: str
    requests: int
    created_at: datetime
    batch_id: str | None = None
    status: str = "uploaded"
    answered: int = 0
    failed: int = 0

    @property
    def taken(self) -> bool:
        """Return whether it is known of every request what became of it."""
        return self.answered + self.failed == self.requests


@dataclass(frozen=True, slots=True)
class BatchState:
    """What the endpoint says about a batch.

    Attributes:
        done: requests that it has worked on so far, with or without success.
        output_file_id: replies; there may be some although the batch expired or was cancelled.
        error_file_id: requests without a reply.
        seconds: from its making to its end, or 0.
        problem: why it failed as a whole; empty if it did not.
    """

    batch_id: str
    input_file_id: str
    status: str
    done: int = 0
    output_file_id: str | None = None
    error_file_id: str | None = None
    seconds: float = 0.0
    problem: str = ""


@dataclass(frozen=True, slots=True)
class BatchFile:
    """An open `scratch_file` of requests."""

    file: IO[bytes]
    requests: list[BatchRequest]


@dataclass(frozen=True, slots=True)
class BatchLine:
    """One request and its line of the file."""

    request: BatchRequest
    text: bytes


def batch_line(ask: Ask, request_hash: str, body: bytes, *, params: str, worst: Decimal | None) -> BatchLine:
    """Return the line that asks what POSTing `body`, a JSON object, would ask."""
    head = f'{{"custom_id":"{request_hash}","method":"POST","url":"{CHAT_ENDPOINT}","body":'
    request = BatchRequest(request_hash, ask.situation_id, ask.prompt_version, params, ask.purpose, ask.subject, worst)
    return BatchLine(request, head.encode() + body + b"}\n")


@contextmanager
def scratch_file() -> Iterator[IO[bytes]]:
    """Open a nameless file; it vanishes when it is closed or the process dies.

    Raises:
        BuildError: it cannot be written.
    """
    try:
        with TemporaryFile() as file:
            yield file
    except OSError as error:
        raise BuildError(f"cannot write to {gettempdir()}: {error}; free some space there or set TMPDIR") from error


def batch_files(
    lines: Iterable[BatchLine], *, max_requests: int = MAX_REQUESTS, max_bytes: int = MAX_BYTES
) -> Generator[BatchFile, None, None]:
    """Yield files of at most so many requests and bytes; each is closed when the next one is asked for, or this ends.

    Memory holds one file's `BatchRequest`s and no bodies. A line longer than `max_bytes` goes alone, and the endpoint
    will say that it is too long.
    """
    source = iter(lines)
    line = next(source, None)
    while line is not None:
        with scratch_file() as file:
            requests = list[BatchRequest]()
            while line is not None and (not requests or _fits(file, requests, line, max_requests, max_bytes)):
                file.write(line.text)
                requests.append(line.request)
                line = next(source, None)
            yield BatchFile(file, requests)


def _fits(file: IO[bytes], requests: list[BatchRequest], line: BatchLine, max_requests: int, max_bytes: int) -> bool:
    return len(requests) < max_requests and file.tell() + len(line.text) <= max_bytes
