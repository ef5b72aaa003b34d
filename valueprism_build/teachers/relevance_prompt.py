"""The question whether a value, right or duty is relevant in a situation, made from one versioned file."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final, Literal

from pydantic import TypeAdapter

from valueprism_build.ids import vrd_id
from valueprism_build.records import Purpose, Situation, Vrd
from valueprism_build.teachers.teacher import Ask, Message

RELEVANCE_FILE: Final = "relevance_v1.toml"


@dataclass(frozen=True, slots=True)
class _Example:
    situation: str
    vrd: Vrd
    text: str
    answer: Literal["Yes", "No"]


@dataclass(frozen=True, slots=True)
class _Prompt:
    version: str
    task: str
    question: str
    examples: tuple[_Example, ...]


def relevance_ask(situation: Situation, vrd: Vrd, text: str, purpose: Purpose = Purpose.RELEVANCE) -> Ask:
    """Return the question about one value, right or duty; its subject is their `ids.vrd_id`.

    Args:
        situation: where it may matter.
        vrd: its type.
        text: what it is called.
        purpose: RELEVANCE of what was named about the situation, NEGATIVES of what is foreign to it.
    """
    return Ask(
        situation.id,
        (*_opening(), _question(situation.text, vrd, text)),
        _prompt().version,
        purpose=purpose,
        subject=vrd_id(situation.id, vrd, text),
    )


@cache
def _prompt() -> _Prompt:
    text = files("valueprism_build.teachers").joinpath(RELEVANCE_FILE).read_text(encoding="utf-8")
    return TypeAdapter(_Prompt).validate_python(tomllib.loads(text))


@cache
def _opening() -> tuple[Message, ...]:
    """Return the messages that go before every question."""
    turns = [Message("system", _prompt().task.strip())]
    for example in _prompt().examples:
        turns.append(_question(example.situation, example.vrd, example.text))
        turns.append(Message("assistant", example.answer))
    return tuple(turns)


def _question(situation: str, vrd: Vrd, text: str) -> Message:
    # The question's own text is the format; a brace in a situation is only inserted.
    return Message("user", _prompt().question.strip().format(situation=situation, vrd=vrd, text=text, noun=vrd.lower()))
