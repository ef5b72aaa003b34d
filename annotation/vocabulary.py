"""What a study asks, in one place: its forms are made from this, and its answers are read by it."""

import re
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import ClassVar, Final

from pydantic import ConfigDict, TypeAdapter, ValidationError

from valueprism_build.campaigns import Gold
from valueprism_build.errors import BuildError

PREFER_NOT_TO_SAY: Final = "Prefer not to say"
INTRO: Final = "intro"
"""The first page: consent and demographics. The others are called as the `Place` of their questions."""
CONSENT: Final = "consent"
"""The question that consent is an answer to."""
TEXT_AT_MOST: Final = 20_000
"""Characters of a written answer that are taken: a person who writes 10 kB loses none of it."""
_ID: Final = re.compile(r"[a-z]+(_[a-z]+)*")


class Place(StrEnum):
    """The page that a question stands on."""

    BEFORE = "before"
    ITEM = "item"
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class Condition:
    """The answer to an earlier question of the same page on which a question is asked."""

    __pydantic_config__: ClassVar = ConfigDict(extra="forbid")
    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Question:
    """One question about a situation or an item.

    Attributes:
        answers: of which a person gives one; none where the person writes.
        asked_if: None where it is always asked. What is asked is required unless `required` is false.
        gold: for each kind of gold item, the answers that are not wrong; for another kind none is.
    """

    __pydantic_config__: ClassVar = ConfigDict(extra="forbid")
    id: str
    place: Place
    ask: str
    answers: tuple[str, ...] = ()
    required: bool = True
    asked_if: Condition | None = None
    gold: dict[Gold, tuple[str, ...]] | None = None


@dataclass(frozen=True, slots=True)
class Demographic:
    """One question about the person; `choices` ends with the wish not to say."""

    __pydantic_config__: ClassVar = ConfigDict(extra="forbid")
    id: str
    ask: str
    answers: tuple[str, ...]

    @property
    def choices(self) -> tuple[str, ...]:
        """Return all that can be chosen."""
        return (*self.answers, PREFER_NOT_TO_SAY)


@dataclass(frozen=True, slots=True)
class Study:
    """All that is said to a person and asked of them.

    Attributes:
        consent: what a person reads before anything else; blank lines part paragraphs.
        agree: the one answer to it.
        whole_situations: whether a person who meets a situation judges all its items, or one.
    """

    __pydantic_config__: ClassVar = ConfigDict(extra="forbid")
    name: str
    title: str
    consent: str
    agree: str
    whole_situations: bool
    demographics: tuple[Demographic, ...]
    questions: tuple[Question, ...]

    def __post_init__(self) -> None:
        """Refuse what cannot be asked or read back.

        Raises:
            BuildError: names the question and what is wrong with it.
        """
        ids = [CONSENT, *(one.id for one in self.demographics), *(one.id for one in self.questions)]
        for id_ in ids:
            if not _ID.fullmatch(id_):
                raise BuildError(f"study {self.name!r}: the id {id_!r} cannot be; use lower-case words joined by _")
            if ids.count(id_) > 1:
                raise BuildError(f"study {self.name!r}: the id {id_!r} is there twice")
        if not self.at(Place.ITEM):
            raise BuildError(f"study {self.name!r} asks nothing about an item; give a question with place = 'item'")
        for demographic in self.demographics:
            _check_answers(demographic.id, demographic.choices, least=2)
        for question in self.questions:
            _check_answers(question.id, question.answers, least=0)
            self._check_references(question)

    def at(self, place: Place) -> tuple[Question, ...]:
        """Return the questions of one page, in order."""
        return tuple(question for question in self.questions if question.place is place)

    @property
    def gold_kinds(self) -> frozenset[Gold]:
        """Return the kinds of gold item on which some answer is wrong; the others tell nothing here."""
        return frozenset(kind for question in self.questions for kind in question.gold or {})

    @property
    def paragraphs(self) -> str:
        """Return the consent text with one line a paragraph."""
        return "\n\n".join(" ".join(part.split()) for part in self.consent.strip().split("\n\n"))

    def _check_references(self, question: Question) -> None:
        if question.asked_if is not None:
            earlier = self.at(question.place)[: self.at(question.place).index(question)]
            named = next((one for one in earlier if one.id == question.asked_if.question), None)
            if named is None or question.asked_if.answer not in named.answers:
                raise BuildError(
                    f"question {question.id!r} is asked if {question.asked_if.question!r} is "
                    f"{question.asked_if.answer!r}; no earlier question of its page has that answer"
                )
        for kind, answers in (question.gold or {}).items():
            unknown = sorted(set(answers) - set(question.answers))
            if unknown or question.place is not Place.ITEM:
                raise BuildError(
                    f"question {question.id!r}: gold.{kind} must list answers of a question about an item; "
                    f"{unknown or question.place} is none"
                )


def _check_answers(id_: str, answers: tuple[str, ...], least: int) -> None:
    if len(set(answers)) < len(answers) or len(answers) in range(1, least) or any(not a.strip() for a in answers):
        raise BuildError(f"question {id_!r} needs different answers that say something; it has {list(answers)}")


def packaged_studies() -> list[str]:
    """Return the names of the studies that come with the package."""
    folder = files("annotation") / "studies"
    return sorted(file.name.removesuffix(".toml") for file in folder.iterdir() if file.name.endswith(".toml"))


def load_study(source: str) -> tuple[Study, str]:
    """Return a study and its TOML text.

    Args:
        source: the name of a packaged study, or a path that ends in .toml.

    Raises:
        BuildError: there is no such study, or it cannot be used; the line says what to change.
    """
    if source in packaged_studies():
        text = (files("annotation") / "studies" / f"{source}.toml").read_text(encoding="utf-8")
    elif source.endswith(".toml"):
        try:
            text = Path(source).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise BuildError(f"cannot read the study {source}: {error}") from error
    else:
        raise BuildError(f"no study {source!r}; give {' or '.join(packaged_studies())}, or a path that ends in .toml")
    return parse_study(text, source), text


def parse_study(text: str, source: str) -> Study:
    """Return the study that the TOML text describes.

    Args:
        text: as in `annotation/studies/`.
        source: where it is from, for messages.

    Raises:
        BuildError: the text is no TOML, or does not describe a study.
    """
    try:
        return _adapter().validate_python(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise BuildError(f"the study {source} is not valid TOML: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise BuildError(f"the study {source}: {where}: {first['msg']}") from error


@cache
def _adapter() -> TypeAdapter[Study]:
    return TypeAdapter(Study)
