"""The seam to whoever answers: a `Teacher`, the question it gets, and the store that remembers its replies."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from valueprism_build.records import Answer


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a chat."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Ask:
    """One question about one situation, ready to send.

    Attributes:
        prompt_version: version of the prompt that the messages were made from.
        sample_index: 0 for the first sample of the same question, 1 for a second, ...
    """

    situation_id: str
    messages: tuple[Message, ...]
    prompt_version: str
    sample_index: int = 0


class Teacher(Protocol):
    """Anything that turns a question into text."""

    @property
    def name(self) -> str:
        """Return the name that rows carry as their teacher."""

    def request_hash(self, ask: Ask) -> str:
        """Return the hash of the canonical request: messages, model, parameters, schema, base URL, sample."""

    async def answer(self, ask: Ask) -> Answer:
        """Return the reply, raw.

        Raises:
            TeacherBusyError: it may answer later, and the bounded tries are used up.
            TeacherError: it will never answer this question.
            TeacherStoppedError: it will answer no question (key refused, nobody listens).
        """


class AnswerStore(Protocol):
    """Replies, raw, durable before they are used; the cache and the provenance."""

    def add(self, answers: Sequence[Answer]) -> None:
        """Commit the answers in one transaction; a stored reply is never overwritten, a stored error is."""

    def answered(self, hashes: Sequence[str]) -> set[str]:
        """Return those request hashes for which a reply (not an error) is stored."""

    def for_situations(self, situation_ids: Sequence[str]) -> list[Answer]:
        """Return the replies (not the errors), ordered by situation, teacher, model, prompt, hash."""
