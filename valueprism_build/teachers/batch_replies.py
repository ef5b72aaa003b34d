"""What the Batch API says about files and batches, read with no more trust than any other input.

The openai package's own classes are filled unchecked.
"""

from typing import NamedTuple, TypeVar

from pydantic import BaseModel, ValidationError

from valueprism_build.errors import TeacherError
from valueprism_build.teachers.batches import BatchState
from valueprism_build.teachers.completion import shown


class Page(NamedTuple):
    """A part of the listing of all batches, the newest first."""

    batches: list[BatchState]
    has_more: bool


class _File(BaseModel):
    id: str


class _Problem(BaseModel):
    code: str | None = None
    message: str | None = None
    line: int | None = None


class _Problems(BaseModel):
    data: list[_Problem] | None = None


class _Counts(BaseModel):
    completed: int = 0
    failed: int = 0


class _Batch(BaseModel):
    id: str
    status: str
    input_file_id: str
    created_at: int
    completed_at: int | None = None
    expired_at: int | None = None
    cancelled_at: int | None = None
    failed_at: int | None = None
    output_file_id: str | None = None
    error_file_id: str | None = None
    errors: _Problems | None = None
    request_counts: _Counts | None = None


class _Page(BaseModel):
    data: list[_Batch]
    has_more: bool = False


_Model = TypeVar("_Model", bound=BaseModel)


def read_file_id(body: bytes) -> str:
    """Return the id of a file that was sent.

    Raises:
        TeacherError: the reply is none of the Batch API's; likewise for all others here.
    """
    return _read(_File, body).id


def read_batch(body: bytes) -> BatchState:
    """Return how a batch is doing."""
    return _state(_read(_Batch, body))


def read_page(body: bytes) -> Page:
    """Return a part of the listing."""
    page = _read(_Page, body)
    return Page([_state(batch) for batch in page.data], page.has_more)


def _read(model: type[_Model], body: bytes) -> _Model:
    try:
        return model.model_validate_json(body)
    except ValidationError:
        raise TeacherError("the reply is none of the Batch API's: leave out --batch, or mend --base-url") from None


def _state(batch: _Batch) -> BatchState:
    counts = batch.request_counts or _Counts()
    ended_at = batch.completed_at or batch.expired_at or batch.cancelled_at or batch.failed_at
    problems = batch.errors.data or [] if batch.errors else []
    problem = "; ".join(map(_said, problems))
    return BatchState(
        batch_id=batch.id,
        input_file_id=batch.input_file_id,
        status=batch.status,
        done=counts.completed + counts.failed,
        output_file_id=batch.output_file_id,
        error_file_id=batch.error_file_id,
        seconds=float(ended_at - batch.created_at) if ended_at else 0.0,
        problem=shown(f"batch {batch.id} failed: {problem}".encode()) if problem else "",
    )


def _said(problem: _Problem) -> str:
    where = "" if problem.line is None else f" (line {problem.line})"
    return f"{problem.message or problem.code}{where}"
