"""A teacher's reply, however it is laid out, as items: strict JSON, then repaired JSON, then the text layout.

Nothing is judged here. What the reply lists comes out once, in order, as the teacher wrote it.
"""

import json
import re
from collections.abc import Iterator
from typing import Final, Literal, NamedTuple

from json_repair import repair_json

from valueprism_build.ids import fold
from valueprism_build.records import Vrd

VRD_NAMES: Final = {
    "value": Vrd.VALUE,
    "values": Vrd.VALUE,
    "right": Vrd.RIGHT,
    "rights": Vrd.RIGHT,
    "duty": Vrd.DUTY,
    "duties": Vrd.DUTY,
    "obligation": Vrd.DUTY,
    "obligations": Vrd.DUTY,
}
_KEYS: Final = frozenset({"type", "vrd", "text", "explanation", "valence", "label"})
NOTHING: Final = frozenset({"n a", "na", "none", "nothing", "not applicable"})

_FENCE = re.compile(r"```\w*(.*?)(?:```|\Z)", re.DOTALL)
_JSON_START = re.compile(r"""\{\s*["'}]|\[\s*[\[{"'\]]""")
_JSON_STRING = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\Z)', re.DOTALL)
# No two neighbours repeat the same characters: a runaway line of blanks must not be tried in every division.
_HEADER = re.compile(
    rf"[ \t#*_>.\d)-]*({'|'.join(VRD_NAMES)})[ \t*_]*(?::[ \t*_]*)?(?:(?:n/?a|none)?\.[ \t]*|(?:n/?a|none)[ \t]*)?",
    re.IGNORECASE,
)
_BULLET = re.compile(r"\s*(?:[-*\u2022\u2013]|\d+[.)])\s+")
_LABEL = re.compile(r"(?:\[([^\[\]]*)\]|\((support\w*|oppos\w*|either)\))[\s.]*\Z", re.IGNORECASE)
_DECODER: Final = json.JSONDecoder(strict=False)  # a raw line break inside a string is no reason to guess
_BRACKETED = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")


class Item(NamedTuple):
    """One item as the teacher wrote it.

    Attributes:
        raw: the item as it came, for a reader.
        vrd: the words that say its type; like the other three, empty where the reply holds no string for it.
        fault: the rule that it breaks by its very form.
    """

    raw: object
    vrd: str = ""
    text: str = ""
    explanation: str = ""
    valence: str = ""
    fault: Literal["truncated", "not_an_item"] | None = None


class Reading(NamedTuple):
    """What a reply lists, whether any layout fitted it, and whether it was cut off before its end."""

    items: list[Item]
    legible: bool
    cut: bool


def read_items(reply: str, *, cut_off: bool, max_repair_chars: int) -> Reading:
    """Return the reply's items in the order of the reply.

    A cut-off reply that lists anything holds exactly one item with the fault "truncated", its last: what arrived of
    the item at the cut, or nothing where the cut fell between two. That item is never shown to the repairer, so
    repair cannot finish a sentence that the teacher did not.

    Args:
        reply: the raw text; prose around the list and a code fence are ignored.
        cut_off: the endpoint says that it stopped at the token limit. JSON that is complete all the same is not cut;
            JSON that ends with open brackets is, whatever the endpoint says.
        max_repair_chars: broken JSON longer than this is not repaired, because repair takes quadratic time.
    """
    fenced = _FENCE.search(reply)
    body = fenced[1] if fenced else reply
    lines = body.splitlines()
    if any(_HEADER.fullmatch(line) for line in lines):
        return _read_text_layout(lines, cut_off)
    if _JSON_START.search(body):
        return _read_json(body, cut_off, max_repair_chars)
    return Reading([], legible=False, cut=cut_off)


def _read_json(body: str, cut_off: bool, max_repair_chars: int) -> Reading:
    """Read each JSON value in the text; the first that is not strict JSON goes to repair with all that follows it."""
    items: list[Item] = []
    start = _JSON_START.search(body)
    while start:
        try:
            document, end = _DECODER.raw_decode(body, start.start())
        except (ValueError, RecursionError):
            return _read_broken(items, body[start.start() :], cut_off, max_repair_chars)
        items += _items(document)
        start = _JSON_START.search(body, end)
    return Reading(items, legible=True, cut=False)


def _read_broken(items: list[Item], broken: str, cut_off: bool, max_repair_chars: int) -> Reading:
    """Read JSON that does not parse, after the items of what did."""
    # Strings are masked at equal length, so that a bracket in an explanation neither counts nor moves the cut.
    bare = _JSON_STRING.sub(lambda string: "_" * len(string[0]), broken)
    cut = cut_off or bare.count("{") + bare.count("[") > bare.count("}") + bare.count("]")
    whole, tail = broken, ""
    if cut and (last := bare.rfind("{")) > bare.rfind("}"):
        whole, tail = broken[:last], broken[last:]
    try:
        document: object = repair_json(whole, return_objects=True) if len(whole) <= max_repair_chars else None
    except (ValueError, RecursionError):
        document = None
    if document is None:
        unread = [Item(broken, fault="not_an_item")] if items else []
        return Reading(items + unread, legible=False, cut=cut)
    return _marked(items + list(_items(document)), cut, tail)


def _marked(items: list[Item], cut: bool, tail: str) -> Reading:
    """Close a reading with the item that a cut took away; a cut reply without items is for the caller to name."""
    if cut and items:
        items = [*items, Item(tail, fault="truncated")]
    return Reading(items, legible=True, cut=cut)


def _items(document: object) -> Iterator[Item]:
    """Yield the items of a list, of {"considerations": ...}, of {"values": [...], ...} or of one lone item."""
    while isinstance(document, dict) and "considerations" in document:
        document = document["considerations"]
    if isinstance(document, list):
        yield from (_item(entry, "") for entry in document)
    elif isinstance(document, dict):
        keys = {fold(key): value for key, value in document.items()}
        if "text" in keys:
            yield _item(document, "")
            return
        for key, listed in keys.items():
            if key in VRD_NAMES:
                yield from _items_of_section(listed, key)


def _items_of_section(listed: object, section: str) -> Iterator[Item]:
    if isinstance(listed, list):
        yield from (_item(entry, section) for entry in listed)
    elif not (listed is None or (isinstance(listed, str) and fold(listed) in NOTHING)):
        yield _item(listed, section)


def _item(entry: object, section: str) -> Item:
    if not isinstance(entry, dict):
        return Item(entry, fault="not_an_item")
    words = {key if key in _KEYS else fold(key): value for key, value in entry.items() if isinstance(value, str)}
    return Item(
        entry,
        vrd=words.get("type") or words.get("vrd") or section,
        text=words.get("text", ""),
        explanation=words.get("explanation", ""),
        valence=words.get("valence") or words.get("label", ""),
    )


def _read_text_layout(lines: list[str], cut_off: bool) -> Reading:
    """Read `- <text>: <explanation> [label]` lines under `Values:`, `Rights:` and `Duties:`."""
    items: list[Item] = []
    section, bulleted = "", False
    pending: list[str] = []  # the lines of the item under way
    for line in lines:
        header, bullet = _HEADER.fullmatch(line), _BULLET.match(line)
        if bulleted and pending and line.strip() and not header and not bullet and not _LABEL.search(pending[-1]):
            pending.append(line.strip())  # an explanation that runs on over the line's end
            continue
        items += _line_items(" ".join(pending), section)
        section = header[1] if header else section
        bulleted = bullet is not None
        # What stands before the first header is a greeting, not an item.
        item = line[bullet.end() if bullet else 0 :].strip() if section and not header else ""
        pending = [item] if item else []
    open_at_end = cut_off and bool(pending) and not _LABEL.search(pending[-1])
    last = " ".join(pending)
    items += [] if open_at_end else _line_items(last, section)
    return _marked(items, cut_off, last if open_at_end else "")


def _line_items(line: str, section: str) -> list[Item]:
    """Return the one item of a line, or none for a blank line or one that says there is nothing."""
    if not line or fold(line) in NOTHING:
        return []
    body, label = _without_label(line)
    # A colon inside "(invasive rabbits: Australia)" belongs to the name.
    colon = _BRACKETED.sub(lambda scope: "_" * len(scope[0]), body).find(":")
    if colon < 0:
        return [Item(line, fault="not_an_item")]
    name, explanation = body[:colon].rstrip(" *_"), body[colon + 1 :].lstrip(" *_")
    if not label:
        name, label = _without_label(name)  # "Honesty [supports]: because ..."
    return [Item(line, section, name, explanation, label)]


def _without_label(line: str) -> tuple[str, str]:
    """Split a trailing [label] off; the label is empty where there is none."""
    label = _LABEL.search(line)
    return (line[: label.start()], label[1] or label[2]) if label else (line, "")
