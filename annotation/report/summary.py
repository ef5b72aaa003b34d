"""The top of the page: the study in a few figures and sentences, each made from the tables."""

from dataclasses import dataclass
from typing import Final, NamedTuple

from annotation.report.item_sections import DIFFERENT, TOO_FEW, verdicts
from annotation.report.plots import excluding_zero
from annotation.report.rows import Row, rows_of
from annotation.report.tables import ALL, QuestionFacts, Report
from annotation.report.wording import equals, many, percent, percents, spoken, whole

_COUNTED: Final = ("people who voted", "votes", "items")
_SHOWN: Final = 6  # figures in large type


class Figure(NamedTuple):
    """One number in large type and what it is."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Summary:
    """A few figures, then sentences."""

    figures: tuple[Figure, ...]
    sentences: tuple[str, ...]


def summary(report: Report) -> Summary:
    """Return what somebody should know who reads no further."""
    found = {row.word("what"): row.count("count") for row in rows_of(report, "participation")}
    figures = [Figure(whole(found[what]), what) for what in _COUNTED if what in found]
    sentences = []
    for question in report.questions:
        for row in (row for row in rows_of(report, "rates", question=question.id) if row.word("by") == ALL):
            figures.append(Figure(percent(row.number("rate")), f"of votes say {row.word('answer')} to {question.id}"))
            sentences.append(_rate(question, row))
        sentences += [*_groups(report, question), *_items(report, question)]
    return Summary(tuple(figures[:_SHOWN]), tuple(sentences))


def _rate(question: QuestionFacts, row: Row) -> str:
    weighted = row.figures("weighted_rate", "weighted_low", "weighted_high")
    again = f"; weighted to the target {percents(*weighted)}" if weighted.value is not None else ""
    return f"{question.id}: {percents(*row.figures('rate'))} of the votes say {row.word('answer')}{again}."


def _groups(report: Report, question: QuestionFacts) -> list[str]:
    rows = rows_of(report, "group_effects", question=question.id)
    tested = {row.word("demographic"): row.number("adjusted_p") for row in rows}
    if not tested:
        return []
    least = sorted((p, name) for name, p in tested.items() if p is not None)
    if not least:
        return [f"{question.id}: for none of {many(len(tested), 'demographic')} could group effects be estimated."]
    named = ", ".join(f"{spoken(name).lower()} (p {equals(p)})" for p, name in least[:3])
    clear = len(excluding_zero(rows))
    return [
        f"{question.id}: demographics with the least adjusted p-values of their joint tests, of {len(tested)}: "
        f"{named}. {many(clear, 'group')} in all with an interval that leaves out no difference."
    ]


def _items(report: Report, question: QuestionFacts) -> list[str]:
    found = verdicts(report, question.id)
    total = sum(found.values())
    if not total:
        return []
    return [
        f"{question.id}: of {many(total, 'contrast')} of a group with others on one item, {whole(found[DIFFERENT])} "
        f"are shown to differ and {whole(found[TOO_FEW])} have too few people to tell."
    ]
