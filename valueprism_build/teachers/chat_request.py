"""What is sent to a chat endpoint: the body of a request, its identity, and how large it can be at worst."""

import hashlib
import json
from typing import Final, NamedTuple

import orjson

from valueprism_build.ids import REQUEST_HASH_BYTES
from valueprism_build.teachers.prompts import Schema, reply_schema, slot_schema
from valueprism_build.teachers.teacher import Ask, TeacherSettings

_SEPARATOR: Final = b"\x1f"  # no JSON holds it bare


class Tokens(NamedTuple):
    """How many tokens a request takes, or can take at most."""

    prompt: int
    completion: int

    @property
    def total(self) -> int:
        """Return both together: what limits per minute count."""
        return self.prompt + self.completion


class ChatRequests:
    """Makes the requests of one teacher; what they have in common is made once.

    Attributes:
        params: the parameters of every request as canonical JSON.
    """

    def __init__(self, settings: TeacherSettings) -> None:
        """Make what all requests have in common."""
        s = self._settings = settings
        schema = _schema(s)
        values = {"max_tokens": s.max_tokens, "response_format": s.structured, "seed": s.seed}
        self.params: Final = _canonical(values | {"temperature": s.temperature})
        self.has_schema: Final = schema is not None
        url = (s.identity_url or s.base_url).rstrip("/")
        common = {"base_url": url, "model": s.model, "params": self.params, "schema": schema}
        self._identity = hashlib.blake2b(_canonical(common).encode(), digest_size=REQUEST_HASH_BYTES)
        options: dict[str, object] = {"temperature": s.temperature, "max_tokens": s.max_tokens}
        if schema is not None:
            form = {"name": "considerations", "strict": True, "schema": schema}
            options["response_format"] = {"type": "json_schema", "json_schema": form}
        self._options: Final = {name: value for name, value in options.items() if value is not None}

    def identity(self, ask: Ask) -> str:
        """Return the hash of the canonical request: messages, model, parameters, schema, base URL, sample."""
        digest = self._identity.copy()
        digest.update(_SEPARATOR + orjson.dumps([ask.messages, ask.sample_index]))
        return digest.hexdigest()

    def body(self, ask: Ask) -> bytes:
        """Return the JSON to send; sample i is asked with seed + i."""
        s = self._settings
        seed = {} if s.seed is None else {"seed": s.seed + ask.sample_index}
        return orjson.dumps({"model": s.model, "messages": ask.messages, **self._options, **seed})

    def at_most(self, body: bytes) -> Tokens:
        """Return how many tokens a request can take at worst.

        No tokenizer makes more tokens than there are bytes, and the JSON around the messages is longer than what a
        chat template puts there. Where there is no limit on the completion, its share is unknown and counts nothing.
        """
        return Tokens(len(body), self._settings.max_tokens or 0)


def _schema(settings: TeacherSettings) -> Schema | None:
    if settings.structured == "text":
        return None
    if settings.slots:
        return slot_schema(settings.slots, settings.slot_explanation)
    return reply_schema(settings.max_items)


def _canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
