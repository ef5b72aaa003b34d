"""The question that teachers are asked, made from one versioned file, and the schema that their replies must fit."""

import json
import tomllib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from typing import Final, TypeAlias

from pydantic import TypeAdapter

from valueprism_build.ids import fold
from valueprism_build.records import Situation, Valence, Vrd
from valueprism_build.teachers.teacher import Ask, Message, Slot

PROMPT_FILE: Final = "considerations_v1.toml"
# About twice the longest text (83 characters) and explanation (343) of 316 real replies of a large teacher:
# room for every honest reply, an end to a runaway one.
MAX_TEXT: Final = 160
MAX_EXPLANATION: Final = 700

_HEADINGS: Final = {Vrd.VALUE: "Values", Vrd.RIGHT: "Rights", Vrd.DUTY: "Duties"}

Schema: TypeAlias = dict[str, object]


@dataclass(frozen=True, slots=True)
class _Item:
    vrd: Vrd
    text: str
    explanation: str
    valence: Valence


@dataclass(frozen=True, slots=True)
class _Example:
    situation: str
    considerations: tuple[_Item, ...]


@dataclass(frozen=True, slots=True)
class _Prompt:
    version: str
    task: str
    json_form: str
    text_form: str
    examples: tuple[_Example, ...]


def build_ask(situation: Situation, *, structured: bool) -> Ask:
    """Return the question about one situation.

    Args:
        situation: what is asked about.
        structured: ask for JSON; otherwise for the text layout with the headings Values, Rights and Duties.
    """
    version, opening = _opening(structured)
    return Ask(situation.id, (*opening, _question(situation.text)), version)


def example_explanations() -> frozenset[str]:
    """Return the explanations of the prompt's worked examples, folded by `ids.fold`: a reply with one is an echo."""
    return frozenset(fold(item.explanation) for example in _prompt().examples for item in example.considerations)


def reply_schema(max_items: int) -> Schema:
    """Return the JSON schema of a reply of 1 to `max_items` considerations, strict as OpenAI means it."""
    item = _item_schema(
        vrds=tuple(Vrd),
        text={"type": "string", "maxLength": MAX_TEXT},
        explanation={"type": "string", "maxLength": MAX_EXPLANATION},
    )
    return _object_schema({"considerations": {"type": "array", "items": item, "minItems": 1, "maxItems": max_items}})


def slot_schema(slots: Sequence[Slot], max_explanation: int) -> Schema:
    """Return the schema of a reply with exactly one consideration per slot, in their order.

    It uses `prefixItems` and `pattern`: llama.cpp decodes by them, OpenAI refuses the first.

    Args:
        slots: the types in the order of the reply, each with the texts to choose from.
        max_explanation: characters of the one sentence that each explanation is.
    """
    # One capital, the body, one full stop: a small model that rambles is cut at the bound.
    sentence: Schema = {"type": "string", "pattern": rf"^[A-Z][a-zA-Z' ,-]{{30,{max_explanation - 2}}}\.$"}
    items = [_item_schema((slot.vrd,), {"type": "string", "enum": list(slot.texts)}, sentence) for slot in slots]
    return _object_schema({"considerations": {"type": "array", "prefixItems": items}})


def _item_schema(vrds: Sequence[Vrd], text: Schema, explanation: Schema) -> Schema:
    return _object_schema(
        {
            "vrd": {"type": "string", "enum": [vrd.value for vrd in vrds]},
            "text": text,
            "explanation": explanation,
            "valence": {"type": "string", "enum": [valence.value for valence in Valence]},
        }
    )


def _object_schema(properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


@cache
def _prompt() -> _Prompt:
    text = files("valueprism_build.teachers").joinpath(PROMPT_FILE).read_text(encoding="utf-8")
    return TypeAdapter(_Prompt).validate_python(tomllib.loads(text))


@cache
def _opening(structured: bool) -> tuple[str, tuple[Message, ...]]:
    """Return the version of the form, and the messages that go before every question."""
    prompt = _prompt()
    form = prompt.json_form if structured else prompt.text_form
    show = _as_json if structured else _as_text
    turns = [Message("system", prompt.task.strip() + "\n" + form.strip())]
    for example in prompt.examples:
        turns += [_question(example.situation), Message("assistant", show(example.considerations))]
    return f"{prompt.version}-{'json' if structured else 'text'}", tuple(turns)


def _question(situation: str) -> Message:
    return Message("user", f"Situation: {situation}")


def _as_json(items: Sequence[_Item]) -> str:
    return json.dumps({"considerations": [asdict(item) for item in items]}, ensure_ascii=False)


def _as_text(items: Sequence[_Item]) -> str:
    lines = []
    for vrd, heading in _HEADINGS.items():
        entries = [f"- {i.text}: {i.explanation} [{i.valence.lower()}]" for i in items if i.vrd is vrd]
        lines += [f"{heading}:", *(entries or ["- N/A"])]
    return "\n".join(lines)
