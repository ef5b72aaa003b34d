"""What a teacher proposes when it is asked for a contrast: read from JSON or from the layout in text, not judged."""

import json
import re
from typing import Final, NamedTuple

_DECODER: Final = json.JSONDecoder(strict=False)  # a raw line break inside a string is no reason to give up
_LAYOUT: Final = re.compile(
    r"^[ \t*_]*situation[ \t*_]*:(?P<situation>.*)\n"
    r"\s*[*_]*first[ \t*_]*:(?P<first>.*?)[ \t]*[\[(](?P<first_valence>[^\[\]()]*)[\])][\s.*_]*\n"
    r"\s*[*_]*second[ \t*_]*:(?P<second>.*?)[ \t]*[\[(](?P<second_valence>[^\[\]()]*)[\])]",
    re.IGNORECASE | re.MULTILINE,
)
_SIDES: Final = ("first", "second")


class Proposal(NamedTuple):
    """A changed situation and what is said of the two considerations in it, as the teacher wrote it.

    Attributes:
        valence_x: the word for it; likewise `valence_y`.
    """

    situation: str
    explanation_x: str
    valence_x: str
    explanation_y: str
    valence_y: str


def read_proposal(reply: str) -> Proposal | None:
    """Return what the reply proposes, or None where it holds neither the JSON nor the layout that was asked for.

    Prose around either is ignored. Broken JSON is not mended: half of a contrast is none.
    """
    start = reply.find("{")
    return (_from_json(reply, start) if start >= 0 else None) or _from_text(reply)


def _from_json(reply: str, start: int) -> Proposal | None:
    try:
        document, _ = _DECODER.raw_decode(reply, start)
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict) or not all(isinstance(document.get(side), dict) for side in _SIDES):
        return None
    sides = [document[side].get(key) for side in _SIDES for key in ("explanation", "valence")]
    words = [document.get("situation"), *sides]
    return Proposal(*words) if all(isinstance(word, str) for word in words) else None


def _from_text(reply: str) -> Proposal | None:
    found = _LAYOUT.search(reply)
    if found is None:
        return None
    names = ("situation", "first", "first_valence", "second", "second_valence")
    return Proposal(*(found[name].strip(" \t*_") for name in names))
