"""The questions that teachers are asked, each made from one versioned file, and the schemas of their replies."""

import json
import tomllib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from typing import Final, TypeAlias

from pydantic import TypeAdapter

from valueprism_build.ids import fold
from valueprism_build.records import Consideration, Purpose, Situation, Valence, Vrd
from valueprism_build.teachers.teacher import Ask, Message, Slot

PROMPT_FILE: Final = "considerations_v1.toml"
COVERAGE_FILE: Final = "coverage_v1.toml"
MISSING_FILE: Final = "missing_v2.toml"
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
    point_of_view: str = ""
    listed: tuple[str, ...] = ()
    people: tuple[str, ...] = ()


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
    version, opening = _opening(PROMPT_FILE, structured)
    return Ask(situation.id, (*opening, _question(situation.text)), version)


def build_coverage_ask(
    situation: Situation, listed: Sequence[Consideration], name: str, point_of_view: str, *, structured: bool
) -> Ask:
    """Return the question what the list about one situation lacks.

    Args:
        situation: what is asked about.
        listed: what it has so far; shown in an order that only the content decides.
        name: of the point of view; the subject of the question.
        point_of_view: who looks at the situation, in a sentence.
        structured: as of `build_ask`.
    """
    version, opening = _opening(COVERAGE_FILE, structured)
    question = _question(situation.text, point_of_view, _lines(listed))
    return Ask(situation.id, (*opening, question), version, purpose=Purpose.COVERAGE, subject=name)


def build_missing_ask(
    situation: Situation, listed: Sequence[Consideration], wish_id: str, phrases: Sequence[str], *, structured: bool
) -> Ask:
    """Return the question how to put what people say the list about one situation lacks.

    Args:
        situation: what is asked about.
        listed: as of `build_coverage_ask`.
        wish_id: the subject of the question.
        phrases: how people put it, free of what tells who they are; shown as JSON strings, so that nothing in them can
            look like a part of the question.
        structured: as of `build_ask`.
    """
    version, opening = _opening(MISSING_FILE, structured)
    question = _question(situation.text, "", _lines(listed), phrases)
    return Ask(situation.id, (*opening, question), version, purpose=Purpose.MISSING, subject=wish_id)


def missing_version(*, structured: bool) -> str:
    """Return the version of the prompt that `build_missing_ask` asks with."""
    return _opening(MISSING_FILE, structured)[0]


def coverage_version(*, structured: bool) -> str:
    """Return the version of the prompt that `build_coverage_ask` asks with."""
    return _opening(COVERAGE_FILE, structured)[0]


def example_explanations() -> frozenset[str]:
    """Return the explanations of the prompts' worked examples, folded by `ids.fold`: a reply with one is an echo."""
    examples = [example for file in (PROMPT_FILE, COVERAGE_FILE, MISSING_FILE) for example in _prompt(file).examples]
    return frozenset(fold(item.explanation) for example in examples for item in example.considerations)


def reply_schema(max_items: int, min_items: int = 1) -> Schema:
    """Return the JSON schema of a reply of so many considerations, strict as OpenAI means it."""
    item = _item_schema(
        vrds=tuple(Vrd),
        text={"type": "string", "maxLength": MAX_TEXT},
        explanation={"type": "string", "maxLength": MAX_EXPLANATION},
    )
    listed: Schema = {"type": "array", "items": item, "minItems": min_items, "maxItems": max_items}
    return object_schema({"considerations": listed})


def slot_schema(slots: Sequence[Slot], max_explanation: int) -> Schema:
    """Return the schema of a reply with exactly one consideration per slot, in their order.

    It uses `prefixItems` and `pattern`: llama.cpp decodes by them, OpenAI refuses the first.

    Args:
        slots: the types in the order of the reply, each with the texts to choose from.
        max_explanation: characters of the one sentence that each explanation is.
    """
    items = [_choice_schema(slot.vrd, slot.texts, max_explanation) for slot in slots]
    return object_schema({"considerations": {"type": "array", "prefixItems": items}})


def free_slot_schema(slots: Sequence[Slot], max_explanation: int, most: int | None = None) -> Schema:
    """Return the schema of a reply with as many considerations as there are slots, or fewer, or none.

    Each is of any of the slots' types, with any text of that type.

    Args:
        slots: as of `slot_schema`.
        max_explanation: likewise.
        most: considerations, where these are fewer than the slots.
    """
    texts = {vrd: [text for slot in slots if slot.vrd is vrd for text in slot.texts] for vrd in Vrd}
    items = [_choice_schema(vrd, of_type, max_explanation) for vrd, of_type in texts.items() if of_type]
    listed: Schema = {"type": "array", "items": {"anyOf": items}, "minItems": 0, "maxItems": most or len(slots)}
    return object_schema({"considerations": listed})


def sentence_schema(longest: int) -> Schema:
    """Return the schema of one sentence: a small model that rambles is cut at so many characters."""
    # One capital, the body, one full stop.
    return {"type": "string", "pattern": rf"^[A-Z][a-zA-Z' ,-]{{30,{longest - 2}}}\.$"}


def object_schema(properties: Schema) -> Schema:
    """Return the schema of an object that has exactly these properties, in this order."""
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _choice_schema(vrd: Vrd, texts: Sequence[str], max_explanation: int) -> Schema:
    return _item_schema((vrd,), {"type": "string", "enum": list(texts)}, sentence_schema(max_explanation))


def _item_schema(vrds: Sequence[Vrd], text: Schema, explanation: Schema) -> Schema:
    return object_schema(
        {
            "vrd": {"type": "string", "enum": [vrd.value for vrd in vrds]},
            "text": text,
            "explanation": explanation,
            "valence": {"type": "string", "enum": [valence.value for valence in Valence]},
        }
    )


@cache
def _prompt(file: str) -> _Prompt:
    text = files("valueprism_build.teachers").joinpath(file).read_text(encoding="utf-8")
    return TypeAdapter(_Prompt).validate_python(tomllib.loads(text))


@cache
def _opening(file: str, structured: bool) -> tuple[str, tuple[Message, ...]]:
    """Return the version of the form, and the messages that go before every question."""
    prompt = _prompt(file)
    form = prompt.json_form if structured else prompt.text_form
    show = _as_json if structured else _as_text
    turns = [Message("system", prompt.task.strip() + "\n" + form.strip())]
    for example in prompt.examples:
        question = _question(example.situation, example.point_of_view, example.listed, example.people)
        turns += [question, Message("assistant", show(example.considerations))]
    return f"{prompt.version}-{'json' if structured else 'text'}", tuple(turns)


def _lines(listed: Sequence[Consideration]) -> list[str]:
    ordered = sorted(listed, key=lambda item: (list(Vrd).index(item.vrd), fold(item.text), item.id))
    return [f"{item.vrd}: {item.text} [{item.valence.lower()}]" for item in ordered]


def _question(
    situation: str, point_of_view: str = "", listed: Sequence[str] = (), people: Sequence[str] = ()
) -> Message:
    lines = [f"Situation: {situation}"]
    if point_of_view:
        lines.append(f"Point of view: {point_of_view}")
    if point_of_view or people:
        lines += ["Listed so far:", *(f"- {line}" for line in listed)]
    if people:
        lines += ["What people wrote:", *(f"- {json.dumps(phrase, ensure_ascii=False)}" for phrase in people)]
    return Message("user", "\n".join(lines))


def _as_json(items: Sequence[_Item]) -> str:
    return json.dumps({"considerations": [asdict(item) for item in items]}, ensure_ascii=False)


def _as_text(items: Sequence[_Item]) -> str:
    lines = []
    for vrd, heading in _HEADINGS.items():
        entries = [f"- {i.text}: {i.explanation} [{i.valence.lower()}]" for i in items if i.vrd is vrd]
        lines += [f"{heading}:", *(entries or ["- N/A"])]
    return "\n".join(lines)
