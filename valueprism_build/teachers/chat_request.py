"""What is sent to a chat endpoint: the body of a request, its identity, and how large it can be at worst."""

import hashlib
import json
from dataclasses import dataclass
from typing import Final, NamedTuple

import orjson

from valueprism_build.ids import REQUEST_HASH_BYTES
from valueprism_build.records import MAY_BE_EMPTY, Purpose
from valueprism_build.teachers.contrast_prompt import contrast_schema
from valueprism_build.teachers.prompts import Schema, free_slot_schema, reply_schema, slot_schema
from valueprism_build.teachers.teacher import Ask, Message, TeacherSettings
from valueprism_build.wishes import MOST_WISHED

_SEPARATOR: Final = b"\x1f"  # no JSON holds it bare


class Tokens(NamedTuple):
    """How many tokens a request takes, or can take at most."""

    prompt: int
    completion: int

    @property
    def total(self) -> int:
        """Return both together: what limits per minute count."""
        return self.prompt + self.completion


@dataclass(frozen=True, slots=True)
class _Opening:
    """The messages before the last, which most requests of a run have in common: written and hashed once.

    Attributes:
        digest: of what all requests for the purpose have in common, up to and including these messages.
    """

    purpose: Purpose
    messages: tuple[Message, ...]
    written: list[orjson.Fragment]
    digest: hashlib.blake2b


@dataclass(frozen=True, slots=True)
class _Form:
    """What the requests of one teacher for one purpose have in common.

    Attributes:
        params: the parameters as canonical JSON.
        max_tokens: longest reply; None where nobody bounds it.
        options: what goes into the body beside model, messages and seed.
    """

    params: str
    schema: Schema | None
    max_tokens: int | None
    options: dict[str, object]


class ChatRequests:
    """Makes the requests of one teacher; what they have in common is made once."""

    def __init__(self, settings: TeacherSettings) -> None:
        """Make what all requests for one purpose have in common."""
        self._settings = settings
        self._forms = {purpose: _form(settings, purpose) for purpose in Purpose}
        self._identities = {purpose: _identity(settings, form) for purpose, form in self._forms.items()}
        self._last_opening = self._opening(Purpose.CONSIDERATIONS, ())

    def params(self, purpose: Purpose) -> str:
        """Return the parameters of every request for one purpose as canonical JSON."""
        return self._forms[purpose].params

    def has_schema(self, purpose: Purpose) -> bool:
        """Return whether requests for one purpose name a JSON schema."""
        return self._forms[purpose].schema is not None

    def identity(self, ask: Ask) -> str:
        """Return the hash of the canonical request: messages, model, parameters, schema, base URL, sample."""
        # In the end it is the digest of _SEPARATOR + orjson.dumps([ask.messages, ask.sample_index]).
        digest = self._opening_of(ask).digest.copy()
        digest.update(b"%b],%d]" % (orjson.dumps(ask.messages[-1]), ask.sample_index))
        return digest.hexdigest()

    def body(self, ask: Ask) -> bytes:
        """Return the JSON to send; sample i is asked with seed + i."""
        s = self._settings
        seed = {} if s.seed is None else {"seed": s.seed + ask.sample_index}
        messages = [*self._opening_of(ask).written, ask.messages[-1]]
        return orjson.dumps({"model": s.model, "messages": messages, **self._forms[ask.purpose].options, **seed})

    def at_most(self, ask: Ask, body: bytes) -> Tokens:
        """Return how many tokens a request can take at worst.

        No tokenizer makes more tokens than there are bytes, and the JSON around the messages is longer than what a
        chat template puts there. Where there is no limit on the completion, its share is unknown and counts nothing.
        """
        return Tokens(len(body), self._forms[ask.purpose].max_tokens or 0)

    def _opening_of(self, ask: Ask) -> _Opening:
        last, messages = self._last_opening, ask.messages[:-1]
        if ask.purpose is not last.purpose or messages != last.messages:  # quick: mostly the very same objects
            last = self._last_opening = self._opening(ask.purpose, messages)
        return last

    def _opening(self, purpose: Purpose, messages: tuple[Message, ...]) -> _Opening:
        written = [orjson.dumps(message) for message in messages]
        digest = self._identities[purpose].copy()
        digest.update(_SEPARATOR + b"[[" + b"".join(one + b"," for one in written))
        return _Opening(purpose, messages, [orjson.Fragment(one) for one in written], digest)


def _form(s: TeacherSettings, purpose: Purpose) -> _Form:
    if purpose.by_log_probabilities:
        return _first_word(s)
    schema = _schema(s, purpose)
    values = {"max_tokens": s.max_tokens, "response_format": s.structured, "seed": s.seed}
    options: dict[str, object] = {"temperature": s.temperature, "max_tokens": s.max_tokens}
    if schema is not None:
        # A name for the endpoint's own use; one contrast is no list of considerations.
        name = "contrast" if purpose is Purpose.CONTRAST else "considerations"
        named = {"name": name, "strict": True, "schema": schema}
        options["response_format"] = {"type": "json_schema", "json_schema": named}
    return _Form(_canonical(values | {"temperature": s.temperature}), schema, s.max_tokens, _given(options))


def _first_word(s: TeacherSettings) -> _Form:
    """Return how to ask for one word and its log-probabilities; what the endpoint takes no value for is left to it."""
    max_tokens = None if s.max_tokens is None else 1
    options: dict[str, object] = {
        "temperature": None if s.temperature is None else 0.0,
        "max_tokens": max_tokens,
        "logprobs": True,
        "top_logprobs": s.top_logprobs,
    }
    return _Form(_canonical(options | {"seed": s.seed}), None, max_tokens, _given(options))


def _given(options: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in options.items() if value is not None}


def _identity(s: TeacherSettings, form: _Form) -> hashlib.blake2b:
    common = {"base_url": s.endpoint, "model": s.model, "params": form.params, "schema": form.schema}
    return hashlib.blake2b(_canonical(common).encode(), digest_size=REQUEST_HASH_BYTES)


def _schema(settings: TeacherSettings, purpose: Purpose) -> Schema | None:
    if settings.structured == "text":
        return None
    if purpose is Purpose.CONTRAST:
        return contrast_schema(settings.slot_explanation if settings.slots else None)
    most = min(settings.max_items, MOST_WISHED) if purpose is Purpose.MISSING else settings.max_items
    if not settings.slots:
        return reply_schema(most, min_items=0 if purpose in MAY_BE_EMPTY else 1)
    if purpose not in MAY_BE_EMPTY:
        return slot_schema(settings.slots, settings.slot_explanation)
    return free_slot_schema(settings.slots, settings.slot_explanation, min(len(settings.slots), most))


def _canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
