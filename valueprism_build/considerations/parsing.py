"""A teacher's answer to considerations. Whatever it lists is kept, or rejected by name."""

import re
import reprlib
from typing import Final, NamedTuple

from valueprism_build.considerations.quoting import RUN, quotes
from valueprism_build.considerations.replies import NOTHING, VRD_NAMES, Item, Reading, read_items
from valueprism_build.ids import consideration_id, fold
from valueprism_build.records import MAY_BE_EMPTY, Answer, Consideration, Rejected, Stage, Valence

PARSER_VERSION: Final = "2"
"""Stored with what was parsed; raised whenever the same answer would parse to something else."""

_VALENCES: Final = {
    **dict.fromkeys(("support", "supports", "supported", "supporting", "supportive"), Valence.SUPPORTS),
    **dict.fromkeys(("oppose", "opposes", "opposed", "opposing"), Valence.OPPOSES),
    # Either is defined as "may support or oppose depending on context". "Neutral" is not that, so it stays unknown.
    **dict.fromkeys(("either", "both", "depends", "depends on context", "supports or opposes"), Valence.EITHER),
}
MAX_ITEMS: Final = 50  # of one answer; real lists hold 2 to 11
_CHARS_PER_WORD: Final = 20
# Control characters and lone surrogates: no column, file or hash can hold them.
_UNWRITABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_OPENING_MARKS: Final = " \"'`*_\u201c\u201d\u2018\u2019"
_CLOSING_MARKS: Final = _OPENING_MARKS + ".,;:"
_REFUSAL = re.compile(
    r"\b(?:i['\u2019]?m sorry|i am sorry|i apologi[sz]e|as an ai\b|i(?: can(?:['\u2019]?t|not| not)|['\u2019]m unable"
    r"| am unable|['\u2019]m not able| am not able| won['\u2019]?t| will not))",
    re.IGNORECASE,
)


# How a reply in one of the layouts says that a list lacks nothing, and how one in plain words does.
_EMPTY_LIST = re.compile(r"\[\s*\]|\b(?:n/?a|none|nothing)\b", re.IGNORECASE)
_NOTHING_MISSING: Final = "nothing is missing"


class Parsed(NamedTuple):
    """Everything that an answer lists, in two piles."""

    kept: list[Consideration]
    rejected: list[Rejected]


class _Broken(NamedTuple):
    rule: str
    detail: str


def parse(
    answer: Answer,
    *,
    echoes: frozenset[str],
    quoted: frozenset[str] = frozenset(),
    max_items: int = MAX_ITEMS,
    max_text_words: int = 20,
    max_explanation_words: int = 120,
    max_repair_chars: int = 20_000,
) -> Parsed:
    """Return the considerations of an answer, and a `Rejected` for each item that is none.

    An item is rejected under `request_hash:position`, position from 0 over all items of the answer, kept or not:
    not_an_item, truncated, unknown_type, no_text, unknown_valence, no_explanation, too_long_text,
    too_long_explanation, echoed_example, repeats_a_person, too_many_items. An answer that lists nothing is rejected
    once, under its request hash: refusal, truncated, no_items (a list that is empty) or unparsable. To the question
    what a list lacks, nothing is a good answer: it is rejected only where the reply does not say so.

    Texts and explanations come out on one line, of single spaces; a text also loses quotes at its ends and
    closing punctuation. Nothing else is rewritten.

    Args:
        answer: a reply, not an error.
        echoes: explanations of the prompt's worked examples, each through `ids.fold`.
        quoted: `run_digests` of what people wrote, where the answer is to that; an item that repeats it is set aside.
        max_items: items beyond it are rejected as too_many_items.
        max_text_words: the longest real text has 14. As many times 20 characters are too long as well.
        max_explanation_words: likewise; the longest real explanation has 64.
        max_repair_chars: broken JSON longer than this is unparsable: repair takes quadratic time, at worst 12 seconds
            at this length. A real answer of 8 items has about 2,000.
    """
    if answer.finish_reason == "content_filter":
        return _nothing(answer, "refusal", "the endpoint's content filter stopped it")
    reading = read_items(answer.text, cut_off=answer.finish_reason == "length", max_repair_chars=max_repair_chars)
    if not reading.items:
        return _unlisted(answer, reading)
    parsed = Parsed([], [])
    for position, listed in enumerate(reading.items):
        text, explanation = _trimmed(listed.text), one_line(listed.explanation)
        item = Item(listed.raw, listed.vrd, text, explanation, listed.valence, listed.fault)
        if position >= max_items:
            broken: _Broken | None = _Broken("too_many_items", f"item {position + 1}, at most {max_items} are taken")
        else:
            broken = _broken_form(item) or _broken_content(item, echoes, max_text_words, max_explanation_words)
            broken = broken or (_repeated(item, quoted) if quoted else None)
        if broken is None:
            parsed.kept.append(_consideration(item, answer, position))
        else:
            subject = f"{answer.request_hash}:{position}"
            parsed.rejected.append(Rejected(subject, Stage.PARSE, broken.rule, broken.detail))
    return parsed


def declines(reply: str) -> bool:
    """Return whether the teacher says that it will not answer."""
    return bool(_REFUSAL.search(reply))


def valence_of(word: str) -> Valence | None:
    """Return the valence that a teacher's word stands for, or None."""
    return _VALENCES.get(fold(word))


def _unlisted(answer: Answer, reading: Reading) -> Parsed:
    """Say why an answer lists nothing."""
    if declines(answer.text):
        return _nothing(answer, "refusal", f"declined: {excerpt(answer.text)}")
    if reading.cut:
        return _nothing(answer, "truncated", f"cut off before the first item was whole: {excerpt(answer.text)}")
    if answer.purpose in MAY_BE_EMPTY and _says_nothing_is_missing(answer.text, reading):
        return Parsed([], [])
    if reading.legible or not answer.text.strip():
        return _nothing(answer, "no_items", f"lists nothing: {excerpt(answer.text)}")
    return _nothing(answer, "unparsable", f"neither JSON nor the text layout: {excerpt(answer.text)}")


def _says_nothing_is_missing(text: str, reading: Reading) -> bool:
    folded = fold(text)
    in_words = folded in NOTHING or folded.startswith(_NOTHING_MISSING)
    return in_words or bool(reading.legible and _EMPTY_LIST.search(text))


def _nothing(answer: Answer, rule: str, detail: str) -> Parsed:
    return Parsed([], [Rejected(answer.request_hash, Stage.PARSE, rule, detail)])


def _broken_form(item: Item) -> _Broken | None:
    if item.fault == "truncated":
        arrived = f"only {_brief(item.raw)} arrived" if item.raw else "the answer ends between two items"
        return _Broken("truncated", f"cut off: {arrived}")
    if item.fault:
        return _Broken(item.fault, f"not an item: {_brief(item.raw)}")
    if (folded := fold(item.text)) in NOTHING or not folded:
        return _Broken("no_text", f"no text in {_brief(item.raw)}")
    if fold(item.vrd) not in VRD_NAMES:
        return _Broken("unknown_type", f"type {_brief(item.vrd)} of {_brief(item.text)}")
    if valence_of(item.valence) is None:
        return _Broken("unknown_valence", f"valence {_brief(item.valence)} of {_brief(item.text)}")
    return None


def _broken_content(
    item: Item, echoes: frozenset[str], max_text_words: int, max_explanation_words: int
) -> _Broken | None:
    folded = fold(item.explanation)
    if not folded:
        return _Broken("no_explanation", f"no explanation of {_brief(item.text)}")
    if excess := too_long(item.text, max_text_words):
        return _Broken("too_long_text", f"{excess}: {_brief(item.text)}")
    if excess := too_long(item.explanation, max_explanation_words):
        return _Broken("too_long_explanation", f"{excess}: {_brief(item.text)}")
    if folded in echoes:
        return _Broken("echoed_example", f"the prompt's own example: {_brief(item.explanation)}")
    return None


def _repeated(item: Item, quoted: frozenset[str]) -> _Broken | None:
    """Refuse a person's own words; the detail does not repeat them."""
    if any(quotes(text, quoted) for text in (item.text, item.explanation)):
        return _Broken("repeats_a_person", f"{RUN} words in a row are those of somebody who said what is missing")
    return None


def too_long(text: str, most_words: int) -> str:
    """Return in words by how much a text of single spaces is too long; empty where it is not.

    A megabyte may be a single word.
    """
    words, most_chars = text.count(" ") + 1, most_words * _CHARS_PER_WORD
    if words > most_words:
        return f"{words} words, at most {most_words}"
    return f"{len(text)} characters, at most {most_chars}" if len(text) > most_chars else ""


def _consideration(item: Item, answer: Answer, position: int) -> Consideration:
    vrd, valence = VRD_NAMES[fold(item.vrd)], _VALENCES[fold(item.valence)]
    return Consideration(
        id=consideration_id(answer.situation_id, vrd, item.text, valence),
        situation_id=answer.situation_id,
        vrd=vrd,
        text=item.text,
        explanation=item.explanation,
        valence=valence,
        teacher=answer.teacher,
        request_hash=answer.request_hash,
        position=position,
    )


def one_line(text: str) -> str:
    """Return the text with single spaces and nothing that no column can hold."""
    writable = text if text.isprintable() else _UNWRITABLE.sub(" ", text)  # what prints can be written
    return " ".join(writable.split())


def _trimmed(text: str) -> str:
    return one_line(text).lstrip(_OPENING_MARKS).rstrip(_CLOSING_MARKS)


def _brief(value: object) -> str:
    """Return the value, shortened, on one line that can be written anywhere."""
    return one_line(reprlib.repr(value))


def excerpt(reply: str, chars: int = 120) -> str:
    """Return how the reply begins, for the detail of a reject."""
    return repr(one_line(reply[:chars]))
