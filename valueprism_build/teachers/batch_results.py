"""The files that a batch gives back to answers: every request of the batch has one outcome.

A line of the output file or the error file is `{"id", "custom_id", "response": {"status_code", "request_id", "body"} |
null, "error": {"code", "message"} | null}`, in whatever order (OpenAI, Batch API guide, 5).
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from pydantic import BaseModel, ValidationError

from valueprism_build.errors import TeacherError
from valueprism_build.records import TEACHER_BUSY, TEACHER_ERROR, Answer, FailedTry, Rejected
from valueprism_build.teachers.batches import Batch, BatchRequest, BatchState
from valueprism_build.teachers.budget import NOTHING
from valueprism_build.teachers.chat_request import Tokens
from valueprism_build.teachers.completion import Completion, NoLogProbabilitiesError, read_completion, shown
from valueprism_build.teachers.prices import Price

# The endpoint's own names for requests that it did not come to.
_NOT_REACHED: Final = frozenset({"batch_expired", "batch_cancelled"})


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one request: an answer, which holds the error if there is no reply.

    Attributes:
        failed_try: what a request without a reply has cost; None for a reply.
        rejected: why it has none; None for a reply.
    """

    answer: Answer
    failed_try: FailedTry | None = None
    rejected: Rejected | None = None


class _Response(BaseModel):
    status_code: int
    body: object = None


class _Error(BaseModel):
    code: str | None = None
    message: str | None = None


class _Line(BaseModel):
    custom_id: str
    response: _Response | None = None
    error: _Error | None = None


@dataclass(frozen=True, slots=True)
class BatchResults:
    """Reads the results of one batch that has ended.

    Attributes:
        now: stamps the answers.
        price: of a token in a batch; None where nobody knows it.
    """

    batch: Batch
    state: BatchState
    now: datetime
    price: Price | None

    def outcomes(self, requests: Sequence[BatchRequest], lines: Iterable[bytes]) -> Iterator[Outcome]:
        """Yield exactly one outcome per request, those without any result last.

        Args:
            requests: of the batch, whose outcome is not known yet.
            lines: of its output file and its error file. A line that cannot be read, or that names none of the
                requests, is passed over: its request counts as without result.
        """
        missing = {request.request_hash: request for request in requests}
        for text in lines:
            line = _read(text)
            request = missing.pop(line.custom_id, None) if line else None
            if line and request:
                yield self._outcome(request, line)
        for request in missing.values():
            yield self._without_result(request)

    def _outcome(self, request: BatchRequest, line: _Line) -> Outcome:
        if line.response is None:
            error = line.error or _Error()
            rule = error.code if error.code in _NOT_REACHED else TEACHER_ERROR
            said = shown((error.message or error.code or "no reason given").encode())
            return self._failed(request, rule, f"batch {self.state.batch_id}: {said}")
        status, body = line.response.status_code, json.dumps(line.response.body).encode()
        if status != 200:
            rule = TEACHER_BUSY if status == 429 or status >= 500 else TEACHER_ERROR
            return self._failed(request, rule, f"{self.batch.endpoint} answered {status}: {shown(body)}")
        try:
            completion = read_completion(body, log_probabilities=request.purpose.by_log_probabilities)
        except NoLogProbabilitiesError as error:
            cost = self._cost(request, error.used)
            return self._failed(request, TEACHER_ERROR, str(error), lost=error.used is None, cost=cost)
        except TeacherError as error:
            return self._failed(request, TEACHER_ERROR, str(error), lost=True)
        return Outcome(self._answer(request, completion, self._cost(request, completion.used)))

    def _cost(self, request: BatchRequest, used: Tokens | None) -> Decimal | None:
        """Return what a reply cost: at worst where it tells no tokens."""
        return request.worst if used is None or self.price is None else self.price.of(used)

    def _without_result(self, request: BatchRequest) -> Outcome:
        """Set a request aside of which the files say nothing; where there are replies, this one may be lost."""
        state = self.state
        rule = "batch_incomplete" if state.status == "completed" else f"batch_{state.status}"
        why = state.problem or f"batch {state.batch_id} ended as {state.status} without a result for this request"
        return self._failed(request, rule, why, lost=state.status == "completed" or state.output_file_id is not None)

    def _failed(
        self, request: BatchRequest, rule: str, error: str, *, lost: bool = False, cost: Decimal | None = NOTHING
    ) -> Outcome:
        """Return the outcome of a request without a reply of use; one that is lost may have cost the most it can."""
        failed_try = FailedTry(
            request_hash=request.request_hash,
            situation_id=request.situation_id,
            teacher=self.batch.teacher,
            model=self.batch.model,
            error=error,
            cost=request.worst if lost else cost,
            outcome_known=not lost,
            latency=self.state.seconds,
            created_at=self.now,
            purpose=request.purpose,
        )
        answer = self._answer(request, Completion("", "error", None), None, error)
        return Outcome(answer, failed_try, Rejected(request.request_hash, request.purpose.stage, rule, error))

    def _answer(
        self, request: BatchRequest, completion: Completion, cost: Decimal | None, error: str | None = None
    ) -> Answer:
        used = completion.used or (0, 0)
        return Answer(
            request_hash=request.request_hash,
            situation_id=request.situation_id,
            teacher=self.batch.teacher,
            model=self.batch.model,
            prompt_version=request.prompt_version,
            params=request.params,
            text=completion.text,
            finish_reason=completion.finish_reason,
            prompt_tokens=used[0],
            completion_tokens=used[1],
            cost=cost,
            latency=self.state.seconds,
            created_at=self.now,
            error=error,
            purpose=request.purpose,
            subject=request.subject,
        )


def any_result(lines: Iterable[bytes]) -> bool:
    """Return whether one of the lines is a result; else they are something else, a web page say."""
    return any(_read(line) for line in lines)


def _read(text: bytes) -> _Line | None:
    try:
        return _Line.model_validate_json(text)
    except ValidationError:
        return None
