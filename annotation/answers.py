"""What a person answered on a page, out of Label Studio's result, by the study's vocabulary.

Label Studio stores whatever it is sent: questions that nobody asks, choices that there are none of. So every part is
checked here, and what does not fit is refused by rule while the rest is kept.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Final, NamedTuple

from pydantic import BaseModel, TypeAdapter, ValidationError

from annotation.vocabulary import CONSENT, INTRO, TEXT_AT_MOST, Place, Study
from valueprism_build.records import Rejected, Stage

FIRST: Final = "_0"  # `label_config.INDEX`, counted from 0
"""What a Repeater adds to the name of a question in its only entry."""


class Asked(NamedTuple):
    """One question of a form as its answers are checked by.

    Attributes:
        answers: of which one is given; none where the person writes.
        asked_if: question and answer of the same form on which it is asked; None for always.
    """

    id: str
    answers: tuple[str, ...]
    required: bool
    asked_if: tuple[str, str] | None


class Reading(NamedTuple):
    """The answers of a page, by question, and what was refused."""

    answers: Mapping[str, str]
    refused: list[Rejected]


class _Value(BaseModel):
    choices: list[str] | None = None
    text: list[str] | str | None = None


class _Part(BaseModel):
    """One entry of a result. Label Studio adds ids, origins and more to it."""

    from_name: str
    value: _Value


@dataclass
class _Refusals:
    uid: str
    rows: list[Rejected] = field(default_factory=list)

    def of(self, question: str) -> bool:
        """Return whether an answer to the question was refused."""
        return any(row.subject_id == f"{self.uid}:{question}" for row in self.rows)

    def add(self, question: str, rule: str, detail: str) -> None:
        self.rows.append(Rejected(f"{self.uid}:{question}", Stage.ANNOTATE, rule, detail))


def asked_on(study: Study, form: str) -> tuple[Asked, ...]:
    """Return the questions of a form (`intro` or a `Place`), in order."""
    if form == INTRO:
        about = (Asked(one.id, one.choices, required=True, asked_if=None) for one in study.demographics)
        return (Asked(CONSENT, (study.agree,), required=True, asked_if=None), *about)
    return tuple(
        Asked(
            one.id,
            one.answers,
            required=one.required,
            asked_if=None if one.asked_if is None else (one.asked_if.question, one.asked_if.answer),
        )
        for one in study.at(Place(form))
    )


def read(study: Study, form: str, uid: str, result: str) -> Reading:
    """Return the answers on a page, each to a question of its form and out of that question's answers.

    Args:
        study: whose form it was.
        form: `intro` or a `Place`.
        uid: of the page; refusals carry `uid:question`.
        result: JSON, as the server gave it.
    """
    refusals = _Refusals(uid)
    try:
        parts = _adapter().validate_json(result)
    except ValidationError as error:
        first = error.errors()[0]
        refusals.add("", "not_a_result", f"{'.'.join(map(str, first['loc']))}: {first['msg']}")
        parts = []
    asked = {f"{one.id}{FIRST}": one for one in asked_on(study, form)}
    said = dict(_said(parts, asked, refusals))
    answers: dict[str, str] = {}
    for question in asked.values():
        _settle(question, said, answers, refusals)
    return Reading(answers, refusals.rows)


def _said(parts: Sequence[_Part], asked: Mapping[str, Asked], refusals: _Refusals) -> Iterator[tuple[str, str]]:
    """Yield question and answer of what fits; a question that is answered twice has no answer."""
    names = [part.from_name for part in parts]
    for part in parts:
        question = asked.get(part.from_name)
        if question is None:
            refusals.add(part.from_name, "unknown_question", f"{part.from_name!r} is not asked on this page")
        elif names.count(part.from_name) > 1:
            refusals.add(question.id, "several_answers", f"{names.count(part.from_name)} answers to one question")
        elif (answer := _answer(part, question, refusals)) is not None:
            yield question.id, answer


def _answer(part: _Part, question: Asked, refusals: _Refusals) -> str | None:
    given = part.value.choices if question.answers else part.value.text
    texts = [given] if isinstance(given, str) else given
    if texts is None:
        wanted = "choices" if question.answers else "text"
        refusals.add(question.id, "wrong_kind", f"{wanted} wanted, found none")
        return None
    if not question.answers:
        return _written("\n".join(texts).strip(), question, refusals)
    if len(texts) != 1:
        refusals.add(question.id, "several_answers", f"one answer wanted, found {texts}")
        return None
    if texts[0] not in question.answers:
        refusals.add(question.id, "unknown_answer", f"{texts[0]!r} is none of {', '.join(question.answers)}")
        return None
    return texts[0]


def _written(text: str, question: Asked, refusals: _Refusals) -> str | None:
    if len(text) > TEXT_AT_MOST:
        refusals.add(question.id, "too_long", f"{len(text)} characters, at most {TEXT_AT_MOST}")
        return None
    return text or None


def _settle(question: Asked, said: Mapping[str, str], answers: dict[str, str], refusals: _Refusals) -> None:
    """Take a question's answer over, or say why it has none."""
    asked = question.asked_if is None or answers.get(question.asked_if[0]) == question.asked_if[1]
    answer = said.get(question.id)
    if answer is not None and not asked:
        refusals.add(question.id, "not_asked", f"asked only if {question.asked_if}, but answered {answer[:100]!r}")
    elif answer is not None:
        answers[question.id] = answer
    elif asked and question.required and not refusals.of(question.id):
        refusals.add(question.id, "answer_missing", "required, and not answered")


@cache
def _adapter() -> TypeAdapter[list[_Part]]:
    return TypeAdapter(list[_Part])
