"""The question for a situation in which two considerations change sides, made from one versioned file."""

import json
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

from pydantic import TypeAdapter

from valueprism_build.contrasts.subject import Named, Subject, written
from valueprism_build.ids import fold
from valueprism_build.records import Purpose, Situation, Valence
from valueprism_build.teachers.prompts import MAX_EXPLANATION, Schema, object_schema, sentence_schema
from valueprism_build.teachers.teacher import Ask, Message

CONTRAST_FILE: Final = "contrast_v1.toml"
MAX_SITUATION: Final = 1000  # characters: as many as the filter lets through by default


@dataclass(frozen=True, slots=True)
class _Example:
    situation: str
    first: str
    second: str
    changed: str
    first_explanation: str
    second_explanation: str


@dataclass(frozen=True, slots=True)
class _Prompt:
    version: str
    task: str
    json_form: str
    text_form: str
    examples: tuple[_Example, ...]


def contrast_ask(situation: Situation, subject: Subject, *, structured: bool) -> Ask:
    """Return the question for a changed situation in which both change sides; the answer carries the subject.

    Args:
        situation: what is to be changed.
        subject: what supports it and what opposes it.
        structured: ask for JSON; otherwise for a layout in text.
    """
    version, opening = _opening(structured)
    question = _question(situation.text, _line(subject.x), _line(subject.y))
    return Ask(situation.id, (*opening, question), version, purpose=Purpose.CONTRAST, subject=written(subject))


def contrast_version(*, structured: bool) -> str:
    """Return the version of the prompt that `contrast_ask` asks with."""
    return _opening(structured)[0]


def contrast_schema(longest: int | None = None) -> Schema:
    """Return the JSON schema of a reply. The valences are free: that they are swapped is the teacher's to say.

    Args:
        longest: characters of the one sentence that each explanation is, for small models; None for any text.
    """
    explanation: Schema = (
        {"type": "string", "maxLength": MAX_EXPLANATION} if longest is None else sentence_schema(longest)
    )
    valence: Schema = {"type": "string", "enum": [valence.value for valence in Valence]}
    side = object_schema({"explanation": explanation, "valence": valence})
    situation: Schema = {"type": "string", "maxLength": MAX_SITUATION}
    return object_schema({"situation": situation, "first": side, "second": side})


def example_texts() -> frozenset[str]:
    """Return what the worked examples answer, folded by `ids.fold`: a reply with one of these is an echo."""
    return frozenset(
        fold(text)
        for example in _prompt().examples
        for text in (example.changed, example.first_explanation, example.second_explanation)
    )


@cache
def _prompt() -> _Prompt:
    text = files("valueprism_build.teachers").joinpath(CONTRAST_FILE).read_text(encoding="utf-8")
    return TypeAdapter(_Prompt).validate_python(tomllib.loads(text))


@cache
def _opening(structured: bool) -> tuple[str, tuple[Message, ...]]:
    """Return the version of the form, and the messages that go before every question."""
    prompt = _prompt()
    form = prompt.json_form if structured else prompt.text_form
    show = _as_json if structured else _as_text
    turns = [Message("system", prompt.task.strip() + "\n" + form.strip())]
    for example in prompt.examples:
        turns.append(_question(example.situation, example.first, example.second))
        turns.append(Message("assistant", show(example)))
    return f"{prompt.version}-{'json' if structured else 'text'}", tuple(turns)


def _question(situation: str, first: str, second: str) -> Message:
    lines = [f"Situation: {situation}", f"First: {first} [supports]", f"Second: {second} [opposes]"]
    return Message("user", "\n".join(lines))


def _line(named: Named) -> str:
    return f"{named.vrd}: {named.text}"


def _as_json(example: _Example) -> str:
    # In an example both have changed sides, as they should.
    first = {"explanation": example.first_explanation, "valence": Valence.OPPOSES}
    second = {"explanation": example.second_explanation, "valence": Valence.SUPPORTS}
    return json.dumps({"situation": example.changed, "first": first, "second": second}, ensure_ascii=False)


def _as_text(example: _Example) -> str:
    lines = [f"Situation: {example.changed}", f"First: {example.first_explanation} [opposes]"]
    return "\n".join([*lines, f"Second: {example.second_explanation} [supports]"])
