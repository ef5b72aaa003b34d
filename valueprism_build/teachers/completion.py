"""The body of a chat completion, read with no more trust than any other input."""

from dataclasses import dataclass
from typing import Annotated, Final

import orjson
from pydantic import BaseModel, Field, ValidationError, ValidatorFunctionWrapHandler, WrapValidator

from valueprism_build.errors import TeacherError
from valueprism_build.teachers.chat_request import Tokens

NO_LOG_PROBABILITIES: Final = (
    "if the endpoint gives no log-probabilities, name another teacher under [relevance], or build without --relevance"
)
SHORTEST_KEY: Final = 8
"""Characters of a key; where none is wanted, people write "x", "none" or "EMPTY"."""
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


class NoLogProbabilitiesError(TeacherError):
    """A completion without the log-probabilities that were asked for: of no use, and paid for.

    Attributes:
        used: as of `Completion`.
    """

    def __init__(self, used: Tokens | None) -> None:
        """Say so, and how to mend it."""
        super().__init__(f"the reply holds no log-probabilities; {NO_LOG_PROBABILITIES}")
        self.used = used


class _Message(BaseModel):
    content: str | None = None
    refusal: str | None = None


class _Usage(BaseModel):
    prompt_tokens: int = Field(ge=0)
    completion_tokens: int = Field(ge=0)


class _Likely(BaseModel):
    token: str
    logprob: float = Field(allow_inf_nan=False)


class _Token(_Likely):
    top_logprobs: list[_Likely] = []


class _LogProbs(BaseModel):
    content: list[_Token] | None = None


def _or_none(value: object, read: ValidatorFunctionWrapHandler) -> object:
    # A reply that was paid for is not thrown away because its bill, or what nobody may have asked for, is illegible.
    try:
        return read(value)
    except ValidationError:
        return None


class _Choice(BaseModel):
    message: _Message
    finish_reason: str | None = None
    logprobs: Annotated[_LogProbs | None, WrapValidator(_or_none)] = None


class _Body(BaseModel):
    choices: list[_Choice] = Field(min_length=1)
    usage: Annotated[_Usage | None, WrapValidator(_or_none)] = None


def read_completion(body: bytes, *, log_probabilities: bool = False) -> Completion:
    """Return the first choice of a chat completion.

    Args:
        body: as it came.
        log_probabilities: the first token is what counts: the text is JSON, `content` as it came, and `top`, pairs of a
            token and its natural log-probability, in the order of the endpoint.

    Raises:
        NoLogProbabilitiesError: they are missing.
        TeacherError: the body is no chat completion: a web page, half a document, another shape.
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
    if log_probabilities:
        top = _top(parsed.choices[0])
        if top is None:
            raise NoLogProbabilitiesError(used)
        text = orjson.dumps({"content": text, "top": top}).decode()
    return Completion(text, reason, used)


def without_key(body: bytes, key: str) -> bytes:
    """Return a body in which an endpoint that repeats the key does not: nothing of it is stored or said.

    What is shorter than `SHORTEST_KEY` stays: it is no secret, and "x" or "none" stand in every other reply.
    """
    return body.replace(key.encode(), b"***") if len(key) >= SHORTEST_KEY else body


def _top(choice: _Choice) -> list[tuple[str, float]] | None:
    """Return the listed tokens in the place of the first one, and that one should it not be listed, or None."""
    if choice.logprobs is None or not choice.logprobs.content:
        return None
    first = choice.logprobs.content[0]
    pairs = [(likely.token, likely.logprob) for likely in first.top_logprobs]
    return pairs if first.token in dict(pairs) else [*pairs, (first.token, first.logprob)]


def shown(body: bytes) -> str:
    """Return the beginning of a body on one line, for an error message."""
    line = " ".join(body[: 4 * _SHOWN].decode(errors="replace").split())
    return line if len(line) <= _SHOWN else line[:_SHOWN] + "..."
