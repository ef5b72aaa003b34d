"""A free answer to phrases, each of which may be a wish: what people write is lists, sentences, both, and neither."""

import html
import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from annotation.wishes.personal import contact_data_in, without_names
from annotation.wishes.saying_nothing import only_small_words, says_nothing
from valueprism_build.ids import fold
from valueprism_build.situations.cleaning import clean

SHORT_WORDS: Final = 4
"""Words up to which what stands between commas is an entry of a list; what is longer is part of a sentence."""
TERSE_WORDS: Final = 2
"""Words of all entries but the last, of three or more, from which on the last may be longer: health, money, caring for
your kids."""
LAST_WORDS: Final = 8
"""Words that it may have."""
CHARS_PER_WORD: Final = 20
"""A phrase of so many characters for each word that it may have is too long, too: a megabyte may be one word."""

_ELEMENT: Final = re.compile(r"<(script|style)\b.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_BREAK: Final = re.compile(r"</?(?:br|p|div|li|ul|ol|h\d|tr|td)\b[^<>]*>", re.IGNORECASE)
_TAG: Final = re.compile(r"</?[a-zA-Z!][^<>]*>")
_NUMBER: Final = r"\(?\d{1,2}[.)]\s+"
_LINES: Final = re.compile(
    rf"[\r\n;\u2022\u2023\u25cf]+\s*(?:{_NUMBER})?|\s+[-*\u2013\u2014]\s+|^\s*{_NUMBER}|\s{_NUMBER}"
)
_SENTENCES: Final = re.compile(
    r"(?<=[.!?])(?<!\bDr\.)(?<!\bMr\.)(?<!\bMs\.)(?<!\bMrs\.)(?<!\bProf\.)(?<!\be\.g\.)(?<!\bi\.e\.)(?<!\bvs\.)(?<!\b[A-Z]\.)\s+"
    r"|(?<=[\u3002\uff01\uff1f])"
)
_LABEL: Final = re.compile(
    r"^(?:(?:values?|rights?|dut(?:y|ies)|missing|what(?:['\u2019]s| is) missing|also)\s*[:\u2013-]\s*)+", re.IGNORECASE
)
_COMMAS: Final = re.compile(r",\s*(?:(?:and|or|&)\s+)?|\u3001|\uff0c")
_LAST_AND: Final = re.compile(r"\s+(?:and|&)\s+")
# "The captain's rule, which all should follow" is no list, nor is "you owe them, they raised you".
_CLAUSES: Final = frozenset(
    [
        "because", "but", "e", "eg", "even", "he", "i", "if", "it", "its", "not", "she", "since", "so",
        "that", "thats", "theres", "they", "this", "we", "when", "where", "which", "while", "who", "you",
    ]
)  # fmt: skip
_MARKS: Final = " \t#-*\u2013\u2014\u2022.,:;!?\"'`(){}<>/\\|_~=+\u201c\u201d\u2018\u2019\u3002"


class SetAside(NamedTuple):
    """A part of an answer that is no wish; the detail never repeats it."""

    rule: str
    detail: str


class Split(NamedTuple):
    """What an answer comes to."""

    kept: list[str]
    set_aside: list[SetAside]


def split(text: str, *, most_phrases: int, most_words: int) -> Split:
    """Return the phrases of an answer, on one line each, and what is set aside of it, by rule.

    The rules: no_words, too_long_phrase, says_nothing, contact_data, only_small_words, too_many_phrases. A phrase that
    comes twice is one. Markup is taken out, names are replaced (`personal.without_names`).

    Args:
        text: as the person wrote it.
        most_phrases: further ones are set aside.
        most_words: of a phrase.
    """
    found = Split([], [])
    seen: set[str] = set()
    for part in _parts(_plain(text)):
        if (key := fold(part)) in seen:
            continue
        seen.add(key)
        fault = _fault(part, most_words)
        if fault is None and len(found.kept) == most_phrases:
            fault = SetAside("too_many_phrases", f"phrase {len(seen)}, at most {most_phrases} of an answer are taken")
        if fault is None:
            found.kept.append(part)
        else:
            found.set_aside.append(fault)
    if not seen:
        found.set_aside.append(SetAside("no_words", "holds no letter and no digit"))
    return found


def _plain(text: str) -> str:
    return _TAG.sub("", _BREAK.sub("\n", _ELEMENT.sub("\n", html.unescape(text))))


def _parts(text: str) -> Iterator[str]:
    """Yield what the text lists: of its lines the sentences, and of these what stands between commas if it is short."""
    for line in _LINES.split(text):
        for sentence in _SENTENCES.split(line):
            # Names first: "my husband, Greg, says so" may look like a list.
            for part in _entries(_LABEL.sub("", without_names(clean(sentence)).strip(_MARKS))):
                if trimmed := part.strip(_MARKS):
                    yield trimmed


def _entries(sentence: str) -> list[str]:
    entries = [entry for entry in _COMMAS.split(sentence) if entry.strip(_MARKS)]
    if len(entries) > 1 and len(joined := _LAST_AND.split(entries[-1])) > 1:
        entries[-1:] = joined
    return entries if _is_list(entries) else [sentence]


def _is_list(entries: Sequence[str]) -> bool:
    if len(entries) < 2 or any(fold(entry).partition(" ")[0] in _CLAUSES for entry in entries):
        return False
    *others, last = (len(entry.split()) for entry in entries)
    return max(*others, last) <= SHORT_WORDS or (len(others) > 1 and max(others) <= TERSE_WORDS and last <= LAST_WORDS)


def _fault(part: str, most_words: int) -> SetAside | None:
    words = len(part.split())
    if not any(map(str.isalnum, part)):  # `fold` keeps the marks that are parts of some emoji
        return SetAside("no_words", "holds no letter and no digit")
    # First of those that read it: looking for addresses in 20,000 characters without a blank takes minutes.
    if words > most_words or len(part) > most_words * CHARS_PER_WORD:
        return SetAside("too_long_phrase", f"{words} words and {len(part)} characters, at most {most_words} words")
    if says_nothing(part):
        return SetAside("says_nothing", f"{words} words that say that nothing is missing, or that nobody knows")
    if kind := contact_data_in(part):
        return SetAside("contact_data", f"{kind}, so nobody else may read it")
    if only_small_words(part):
        return SetAside("only_small_words", f"{words} words, none of which says what is missing")
    return None
