"""Telling questions from actions, also where the question mark was forgotten.

Conservative: verbs that also open an imperative or an elided sentence ("Do a pushup", "Can food for the homeless",
"Will my fortune to charity", "Did the dishes") count only before a word that makes them a question. Some unmarked
questions pass ("did the war end justly"); an action that is lost would be worse.
"""

import re
from typing import Final

_SUBJECTS: Final = "i|you|he|she|it|we|they|there|people|anyone|someone|somebody|anybody|everyone"
_OPENINGS: Final = (
    r"(?:why|whose|which|who|who's|what's|how)\b",
    r"what (?!an?\b)",
    r"(?:where|when) (?:is|are|am|was|were|do|does|did|can|could|should|would|will)\b",
    r"(?:is|are|does|isn't|aren't|doesn't|don't (?:i|you|we|they)|am i)\b",
    rf"(?:was|were|may|might|shall|can|do|will) (?:{_SUBJECTS})\b",
    r"(?:have|has) (?:i|you|we|they|he|she)\b",
    r"(?:should|could|would) (?!have\b|rather\b|'ve\b|be\b|not\b)\w",
    r"did (?!the\b|an?\b|my\b|his\b|her\b|our\b|their\b|some|not|no|every|all\b|nothing\b|so\b)\w",
)
_OPENING: Final = re.compile(rf"(?:{'|'.join(_OPENINGS)})", re.IGNORECASE)
# A question that somebody quotes is part of an action: Answering "are you fine?" with a lie.
_QUOTED: Final = re.compile(r"\"[^\"]*\"|\u201c[^\u201d]*\u201d")


def question_in(text: str) -> str | None:
    """Return what makes the text a question, or None."""
    if "?" in _QUOTED.sub("", text):
        return "holds a question mark"
    plain = text.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    opening = _OPENING.match(plain)
    return f"opens as a question: {opening.group()!r}" if opening else None
