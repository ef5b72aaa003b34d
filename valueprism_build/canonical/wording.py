"""What a consideration's wording is about: wordings that differ in case, number, head or synonym come to one form.

"Duty to be honest", "Duty of honesty" and "Duty to tell the truth" are one form; so are "Privacy rights" and "Right to
privacy", "Gigi's right to autonomy" and "Right to personal autonomy". A negation is part of the form, so "Duty not to
intervene" and "Duty to intervene" are two.

Embeddings cannot do this: all-MiniLM-L6-v2 puts "Duty to protect oneself" and "... and others" at cosine 0.972, "Duty
of honesty" and "Duty to tell the truth" at 0.73. So words are looked up in a table, `wording.toml`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from valueprism_build.canonical.word_table import Notions, WordTable, word_table
from valueprism_build.ids import fold
from valueprism_build.records import Vrd

# Raise it when a text would come to another form.
WORDING_VERSION: Final = "1"
APART: Final = ">"
_OVER: Final = frozenset({"over", "than", "versus", "vs", "before", "above"})
_NEGATIONS: Final = frozenset({"not", "no", "never", "without", "cannot", "non", "avoid"})
_ASIDE = re.compile(r"\s*[(\[{][^)\]}]*[)\]}]")
# A letter to `fold`, so that a possessive outlives it.
_APOSTROPHE: Final = "\N{MODIFIER LETTER APOSTROPHE}"
_APOSTROPHES: Final = str.maketrans(dict.fromkeys("'\N{RIGHT SINGLE QUOTATION MARK}", _APOSTROPHE))
_NON = re.compile(r"\bnon(?=[a-z]{4})")
_PEOPLE: Final = "parents?|child(?:ren)?|teachers?|students?|doctors?|patients?|workers?|employe(?:es?|rs?)|citizens?"
_HOLDER = re.compile(
    r".*\w(?:[\u2019']s|s[\u2019']) (?=rights? (?:to|not|of)\b)|(?<=\bright )of (?:the )?\w+ (?=to\b)"
    rf"|(?<=\bduty )of (?:{_PEOPLE}|governments?|states?|owners?|humans?|people) (?=to\b|towards?\b)",
    re.IGNORECASE,
)
_HEADS: Final = {
    Vrd.VALUE: re.compile(r"(?:the )?(?:value|importance) of\b"),
    Vrd.RIGHT: re.compile(r"(?:an? |the )?(?:rights?|entitlement) (?:to|of|against)\b|(?:the )?right\b(?= not\b)"),
    Vrd.DUTY: re.compile(
        r"(?:an? |the )?(?:moral )?(?:dut(?:y|ies)|obligations?|responsibilit(?:y|ies)) (?:to|of|towards?|for)\b"
        r"|(?:the )?(?:moral )?(?:duty|obligation)\b(?= not\b)"
    ),
}
_TAILS: Final = {Vrd.RIGHT: re.compile(r"\brights?$")}


@dataclass(frozen=True, slots=True)
class Wording:
    """What a text is about.

    Attributes:
        notions: in alphabetical order; where the text sets one thing over another, both sides with `APART` between.
        negated: whether it is about not doing, or being free from, what the notions name.
    """

    notions: Notions
    negated: bool


def general(text: str) -> str:
    """Return the text without its holder and asides: "Gigi's right to life (at home)" is "Right to life"."""
    bare = _HOLDER.sub("", _ASIDE.sub("", text)).strip()
    return bare[0].upper() + bare[1:] if fold(bare) else text.strip()


@lru_cache(maxsize=1 << 17)
def wording(vrd: Vrd, text: str) -> Wording:
    """Return what the text is about; a text of nothing but heads and small words is about itself."""
    table = word_table()
    words = _without_head(vrd, table.spelled(_NON.sub("non ", _plain(general(text)))))
    listed = list(_notions(words, table))
    said = [notion for notion in listed if notion not in _NEGATIONS]
    sides: list[list[str]] = [[]]
    for notion in table.joined(said):
        if notion == APART:
            sides.append([])
        else:
            sides[-1].append(notion)
    weighty = [table.weighty(vrd, sorted(side)) for side in sides]
    notions = [notion for side in weighty if side for notion in (APART, *side)][1:]
    return Wording(tuple(notions) or (fold(text) or text,), (len(listed) - len(said)) % 2 == 1)


def word_of(notion: str, text: str) -> str | None:
    """Return the text's own word for the notion, lower-case, or None where a phrase came to it."""
    table = word_table()
    return next((word for word in table.spelled(_plain(text)).split() if table.notion(word) == notion), None)


def _plain(text: str) -> str:
    return fold(text.translate(_APOSTROPHES))


def _without_head(vrd: Vrd, lowered: str) -> str:
    head = _HEADS[vrd].match(lowered)
    rest = lowered[head.end() :] if head else lowered
    return _TAILS[vrd].sub("", rest) if vrd in _TAILS else rest


def _notions(text: str, table: WordTable) -> Iterator[str]:
    """Yield the notions in their order, without weightless words; what one is free from is negated."""
    words = [word.lstrip(_APOSTROPHE) for word in text.split() if word.strip(_APOSTROPHE)]
    bases = [word.partition(_APOSTROPHE)[0] for word in words]
    notions = [table.notion(base) for base in bases]
    for index, (word, base, notion) in enumerate(zip(words, bases, notions, strict=True)):
        following = notions[index + 1] if index + 1 < len(notions) else ""
        possessive = _APOSTROPHE in word and (notion == "other" or following in table.goods)
        if base in _OVER:
            yield APART
        elif notion == "free" and following == "from":
            yield "not"
        elif not (possessive or base in table.weightless or notion == "from"):
            yield notion
