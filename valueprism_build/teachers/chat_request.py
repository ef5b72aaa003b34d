"""What is sent to a chat endpoint: the body of a request, its identity, and how large it can be at worst."""

import hashlib
import json
from typing import Final, NamedTuple

import orjson

from valueprism_build.ids import REQUEST_HASH_BYTES
from valueprism_build.records import Purpose
from valueprism_build.teachers.prompts import Schema, free_slot_schema, reply_schema, slot_schema
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
        values = {"max_tokens": s.max_tokens, "response_format": s.structured, "seed": s.seed}
        self.params: Final = _canonical(values | {"temperature": s.temperature})
        self.has_schema: Final = s.structured == "json_schema"
        url = (s.identity_url or s.base_url).rstrip("/")
        schemas = {purpose: _schema(s, purpose) for purpose in Purpose}
        commons = {
            purpose: {"base_url": url, "model": s.model, "params": self.params, "schema": schema}
            for purpose, schema in schemas.items()
        }
        self._identities: Final = {
            purpose: hashlib.blake2b(_canonical(common).encode(), digest_size=REQUEST_HASH_BYTES)
            for purpose, common in commons.items()
        }
        self._options: Final = {purpose: _options(s, schema) for purpose, schema in schemas.items()}

    def identity(self, ask: Ask) -> str:
        """Return the hash of the canonical request: messages, model, parameters, schema, base URL, sample."""
        digest = self._identities[ask.purpose].copy()
        digest.update(_SEPARATOR + orjson.dumps([ask.messages, ask.sample_index]))
        return digest.hexdigest()

    def body(self, ask: Ask) -> bytes:
        """Return the JSON to send; sample i is asked with seed + i."""
        s = self._settings
        seed = {} if s.seed is None else {"seed": s.seed + ask.sample_index}
        return orjson.dumps({"model": s.model, "messages": ask.messages, **self._options[ask.purpose], **seed})

    def at_most(self, body: bytes) -> Tokens:
        """Return how many tokens a request can take at worst.

        No tokenizer makes more tokens than there are bytes, and the JSON around the messages is longer than what a
        chat template puts there. Where there is no limit on the completion, its share is unknown and counts nothing.
        """
        return Tokens(len(body), self._settings.max_tokens or 0)


def _options(settings: TeacherSettings, schema: Schema | None) -> dict[str, object]:
    options: dict[str, object] = {"temperature": settings.temperature, "max_tokens": settings.max_tokens}
    if schema is not None:
        form = {"name": "considerations", "strict": True, "schema": schema}
        options["response_format"] = {"type": "json_schema", "json_schema": form}
    return {name: value for name, value in options.items() if value is not None}


def _schema(settings: TeacherSettings, purpose: Purpose) -> Schema | None:
    if settings.structured == "text":
        return None
    maybe_nothing = purpose is Purpose.COVERAGE
    if settings.slots:
        make = free_slot_schema if maybe_nothing else slot_schema
        return make(settings.slots, settings.slot_explanation)
    return reply_schema(settings.max_items, min_items=0 if maybe_nothing else 1)


def _canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
