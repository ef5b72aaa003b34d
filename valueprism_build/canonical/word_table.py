"""The table of `wording.toml`: which words name one notion, and which add nothing where they stand."""

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, TypeAlias

from valueprism_build.records import Vrd
from valueprism_build.stemming import snowball_stem

Notions: TypeAlias = tuple[str, ...]
"""Names of notions, or stems of words that the table does not name."""


@dataclass(frozen=True, slots=True)
class WordTable:
    """The table, in notions.

    Attributes:
        spelling: what is replaced before words are told apart.
        misspelled: any of it.
        words: the notion of each word that is named.
        weightless: words that never add anything.
        light: for each type, notions that add nothing to any other; under None, for a concern; so below.
        goods: notions of what is one's own to have.
        phrases: by their first notion, the longest first: a run of notions and what it means.
        alone: notions that are another one when nothing else is said.
        idle: for each type, a notion and those beside which it adds nothing.
        against: notions of deeds against something.
    """

    spelling: Sequence[tuple[re.Pattern[str], str]]
    misspelled: re.Pattern[str]
    words: Mapping[str, str]
    weightless: frozenset[str]
    light: Mapping[Vrd | None, frozenset[str]]
    goods: frozenset[str]
    phrases: Mapping[str, Sequence[tuple[Notions, Notions]]]
    alone: Mapping[Vrd | None, Mapping[str, str]]
    idle: Mapping[Vrd | None, Mapping[str, frozenset[str]]]
    against: frozenset[str]

    @property
    def named(self) -> frozenset[str]:
        """Return the notions that the table tells apart by hand."""
        return frozenset(self.words.values())

    def spelled(self, lowered: str) -> str:
        """Return the text in the spelling of the table."""
        if self.misspelled.search(lowered):  # seldom; one look spares thirty
            for pattern, other in self.spelling:
                lowered = pattern.sub(other, lowered)
        return lowered

    def notion(self, word: str) -> str:
        """Return what a lower-case word names."""
        return self.words.get(word) or snowball_stem(word)

    def joined(self, notions: Sequence[str]) -> Iterator[str]:
        """Yield the notions with each phrase replaced by what it means."""
        index = 0
        while index < len(notions):
            for run, meant in self.phrases.get(notions[index], ()):
                if tuple(notions[index : index + len(run)]) == run:
                    yield from meant
                    index += len(run)
                    break
            else:
                yield notions[index]
                index += 1

    def weighty(self, vrd: Vrd | None, notions: Sequence[str]) -> list[str]:
        """Return the notions without those that add nothing beside the others; None for those of a concern."""
        idle = self.idle[vrd]
        kept = [notion for notion in notions if idle.get(notion, frozenset()).isdisjoint(notions)]
        heavy = [notion for notion in kept if notion not in self.light[vrd]] or kept
        return [self.alone[vrd].get(heavy[0], heavy[0])] if len(heavy) == 1 else heavy


@cache
def word_table() -> WordTable:
    """Return the table of `wording.toml`, read once."""
    read: dict[str, Any] = tomllib.loads(files(__package__).joinpath("wording.toml").read_text("utf-8"))
    spelling = [(re.compile(rf"\b{one}\b"), other) for one, other in read["spelling"].items()]
    words = {word: notion for notion, listed in read["words"].items() for word in listed.split()}
    weightless = frozenset(read["weightless"]["always"].split())

    def notions(text: str) -> Notions:
        return tuple(words.get(word) or snowball_stem(word) for word in text.split() if word not in weightless)

    phrases: dict[str, list[tuple[Notions, Notions]]] = {}
    for run, meant in sorted(((notions(one), notions(other)) for one, other in read["phrases"].items()), key=_longest):
        phrases.setdefault(run[0], []).append((run, meant))

    def pairs(table: Mapping[str, str]) -> dict[str, str]:
        return {notions(one)[0]: notions(other)[0] for one, other in table.items()}

    light, concern = frozenset(notions(read["weightless"]["beside_others"])), read["concern"]
    against = frozenset(notions(concern["against"]))
    return WordTable(
        spelling,
        re.compile("|".join(pattern.pattern for pattern, _ in spelling)),
        words,
        weightless,
        light={**dict.fromkeys(Vrd, light), None: frozenset(notions(concern["deeds"])) | against},
        goods=frozenset(notions(read["goods"]["words"])),
        phrases=phrases,
        alone={**dict.fromkeys(Vrd, pairs(read["alone"])), None: pairs(concern["alone"])},
        idle={
            **{vrd: _idle(read["idle"]["any"], read["idle"].get(vrd, {}), notions) for vrd in Vrd},
            None: _idle(concern["idle"], {}, notions),
        },
        against=against,
    )


def _idle(
    everywhere: Mapping[str, str], here: Mapping[str, str], notions: Callable[[str], Notions]
) -> dict[str, frozenset[str]]:
    return {
        notions(one)[0]: frozenset(notions(f"{everywhere.get(one, '')} {here.get(one, '')}"))
        for one in everywhere.keys() | here.keys()
    }


def _longest(phrase: tuple[Notions, Notions]) -> int:
    return -len(phrase[0])
