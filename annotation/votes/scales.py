"""What answers to a question can be, and how far apart two of them are: declared, or found from the answers.

Levels of measurement are Stevens's ("On the theory of scales of measurement", Science 1946).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import isfinite
from typing import Final, NamedTuple

from valueprism_build.errors import BuildError

AFFIRMATIVE: Final = ("yes", "y", "true", "agree")
"""Of two answers that are found, one of these comes last; otherwise the one later in the alphabet does."""
ORDINAL_AT_MOST: Final = 11
"""So many different whole numbers, as 0 to 10 are, are taken for the points of a rating scale, more for a measure."""


class Level(StrEnum):
    """What may be done with the answers."""

    BINARY = "binary"
    NOMINAL = "nominal"
    ORDINAL = "ordinal"
    INTERVAL = "interval"


class Declared(NamedTuple):
    """What the user says of a question; without answers they are found."""

    level: Level
    answers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scale:
    """The answers of one question.

    Attributes:
        answers: in their order where the level has one; of a binary scale the affirmative one is last. An answer that
            nobody gave counts as a category when it was declared.
        values: a number for each: what it says on an interval scale, otherwise its place from 0.
    """

    level: Level
    answers: tuple[str, ...]
    values: tuple[float, ...]


def declared_scale(declared: Declared, found: Sequence[str]) -> Scale:
    """Return the scale that was declared.

    Args:
        declared: as the user says.
        found: different answers that were given; those which do not fit the scale are refused elsewhere.

    Raises:
        BuildError: the declaration contradicts itself, or has no answers where these must be known.
    """
    level, answers = declared
    if level is Level.INTERVAL:
        return _interval(answers or [answer for answer in found if number(answer) is not None])
    if not answers:
        if level is Level.ORDINAL and any(number(answer) is None for answer in found):
            raise BuildError(f"an ordinal scale of {', '.join(found[:5])}: their order is unknown; declare the answers")
        answers = _ordered(found)
    if len({folded(answer) for answer in answers}) < len(answers) or not all(map(folded, answers)):
        raise BuildError(f"a scale of {', '.join(answers)}: two answers are alike, or one is blank; declare each once")
    if level is Level.BINARY and len(answers) != 2:
        raise BuildError(f"a binary scale has two answers, not {len(answers)} ({', '.join(answers[:5])})")
    return Scale(level, tuple(answers), tuple(map(float, range(len(answers)))))


def found_scale(found: Sequence[str]) -> Scale:
    """Return the scale that answers suggest: two are binary, numbers ordinal or interval, others nominal.

    Args:
        found: different answers that were given, at least one.
    """
    distinct = _ordered(found)
    if len(distinct) == 2:
        return declared_scale(Declared(Level.BINARY, distinct), found)
    values = [number(answer) for answer in distinct]
    if any(value is None for value in values) or len(distinct) == 1:
        return declared_scale(Declared(Level.NOMINAL, distinct), found)
    if len(distinct) <= ORDINAL_AT_MOST and all(value is not None and value.is_integer() for value in values):
        return declared_scale(Declared(Level.ORDINAL, distinct), found)
    return _interval(distinct)


def codes(scale: Scale, answers: Sequence[str]) -> list[int]:
    """Return the place of each answer on the scale, -1 for one that is not on it; case does not matter."""
    if scale.level is Level.INTERVAL:
        of_value = {value: code for code, value in enumerate(scale.values)}
        return [-1 if (value := number(answer)) is None else of_value.get(value, -1) for answer in answers]
    of_answer = {folded(answer): code for code, answer in enumerate(scale.answers)}
    return [of_answer.get(folded(answer), -1) for answer in answers]


def yes_codes(scale: Scale, yes: Sequence[str] = ()) -> list[int]:
    """Return the places of the answers that say yes; none where nobody can tell which do.

    Args:
        scale: of the question.
        yes: these answers; where none is given, the last of two, or an affirmative word.

    Raises:
        BuildError: one of them is not on the scale.
    """
    if yes:
        places = codes(scale, yes)
        if min(places) < 0:
            raise BuildError(f"answer {yes[places.index(-1)]!r} is not on the scale {', '.join(scale.answers[:20])}")
        return places
    if scale.level is Level.BINARY:
        return [1]
    return [place for place, answer in enumerate(scale.answers) if folded(answer) in AFFIRMATIVE]


def number(answer: str) -> float | None:
    """Return the finite number that an answer is, or None."""
    try:
        value = float(answer)
    except ValueError:
        return None
    return value if isfinite(value) else None


def folded(answer: str) -> str:
    """Return what is equal for answers that differ only in case or blanks, or are the same number."""
    value = number(answer)
    return " ".join(answer.casefold().split()) if value is None else repr(value)


def _ordered(found: Sequence[str]) -> tuple[str, ...]:
    """Return one spelling for each answer: by number where all are, else affirmative last, else by the alphabet."""
    spelled = {folded(answer): answer for answer in sorted(found, reverse=True)}
    if all(number(answer) is not None for answer in spelled):
        return tuple(spelled[key] for key in sorted(spelled, key=lambda key: (number(key) or 0.0, key)))
    return tuple(spelled[key] for key in sorted(spelled, key=lambda key: (key in AFFIRMATIVE, key)))


def _interval(answers: Sequence[str]) -> Scale:
    values = sorted({value for answer in answers if (value := number(answer)) is not None})
    if len(values) < len(answers) and any(number(answer) is None for answer in answers):
        raise BuildError(f"an interval scale has numbers for answers, not all of {', '.join(answers[:5])}")
    return Scale(Level.INTERVAL, tuple(repr(value).removesuffix(".0") for value in values), tuple(values))
