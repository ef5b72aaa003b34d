"""The body of a chat completion, read with no more trust than any other input."""

from dataclasses import dataclass
from typing import Annotated, Final, cast

from pydantic import BaseModel, Field, ValidationError, ValidatorFunctionWrapHandler, WrapValidator

from valueprism_build.errors import TeacherError
from valueprism_build.teachers.chat_request import Tokens

_SHOWN: Final = 120  # characters of a strange reply that an error repeats


@dataclass(frozen=True, slots=True)
class Completion:
    """What a teacher said, and what it cost in tokens.

    Attributes:
        text: as it came; empty where the teacher sent none.
        finish_reason: as reported; "refusal" where the reply is marked as one, "unknown" where nothing is said.
        used: None where nothing is said.
    """

    text: str
    finish_reason: str
    used: Tokens | None


class _Message(BaseModel):
    content: str | None = None
    refusal: str | None = None


class _Choice(BaseModel):
    message: _Message
    finish_reason: str | None = None


class _Usage(BaseModel):
    prompt_tokens: int = Field(ge=0)
    completion_tokens: int = Field(ge=0)


def _or_none(value: object, read: ValidatorFunctionWrapHandler) -> _Usage | None:
    # A reply that was paid for is not thrown away because its bill is illegible.
    try:
        return cast("_Usage | None", read(value))
    except ValidationError:
        return None


class _Body(BaseModel):
    choices: list[_Choice] = Field(min_length=1)
    usage: Annotated[_Usage | None, WrapValidator(_or_none)] = None


def read_completion(body: bytes) -> Completion:
    """Return the first choice of a chat completion.

    Raises:
        TeacherError: the body is no chat completion (a web page, half a document, another shape).
    """
    try:
        parsed = _Body.model_validate_json(body)
    except ValidationError:
        raise TeacherError(
            f"the reply is no chat completion, it begins {shown(body)!r}; check that the base URL ends in /v1"
        ) from None
    message = parsed.choices[0].message
    used = None if parsed.usage is None else Tokens(parsed.usage.prompt_tokens, parsed.usage.completion_tokens)
    if message.refusal and not message.content:
        text, reason = message.refusal, "refusal"
    else:
        text, reason = message.content or "", parsed.choices[0].finish_reason or "unknown"
    return Completion(text, reason, used)


def without_key(body: bytes, key: str) -> bytes:
    """Return a body in which an endpoint that repeats the key does not: nothing of it is stored or said."""
    return body.replace(key.encode(), b"***") if key else body


def shown(body: bytes) -> str:
    """Return the beginning of a body on one line, for an error message."""
    line = " ".join(body[: 4 * _SHOWN].decode(errors="replace").split())
    return line if len(line) <= _SHOWN else line[:_SHOWN] + "..."
