"""The body of a chat completion, read with no more trust than any other input."""

from dataclasses import dataclass
from typing import Final

from pydantic import BaseModel, Field, ValidationError

from valueprism_build.errors import TeacherError

_SHOWN: Final = 120  # characters of a strange reply that an error repeats


@dataclass(frozen=True, slots=True)
class Completion:
    """What a teacher said, and what it cost in tokens.

    Attributes:
        text: as it came; empty where the teacher sent none.
        finish_reason: as reported; "refusal" where the reply is marked as one, "unknown" where nothing is said.
    """

    text: str
    finish_reason: str
    prompt_tokens: int
    completion_tokens: int


class _Message(BaseModel):
    content: str | None = None
    refusal: str | None = None


class _Choice(BaseModel):
    message: _Message
    finish_reason: str | None = None


class _Usage(BaseModel):
    prompt_tokens: int = 0
    completion_tokens: int = 0


class _Body(BaseModel):
    choices: list[_Choice] = Field(min_length=1)
    usage: _Usage | None = None


def read_completion(body: str) -> Completion:
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
    usage = parsed.usage or _Usage()
    if message.refusal and not message.content:
        text, reason = message.refusal, "refusal"
    else:
        text, reason = message.content or "", parsed.choices[0].finish_reason or "unknown"
    return Completion(text, reason, usage.prompt_tokens, usage.completion_tokens)


def shown(text: str) -> str:
    """Return the beginning of a text on one line, for an error message."""
    line = " ".join(text[: 4 * _SHOWN].split())
    return line if len(line) <= _SHOWN else line[:_SHOWN] + "..."
