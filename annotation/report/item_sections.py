"""The section on items: where groups differ most, in the items' own words and with everybody's answers."""

from collections.abc import Sequence
from typing import Final

from annotation.report.asked import SCORED
from annotation.report.grids import Block, Column, Grid, Limits, Look, Section, grid, name, word
from annotation.report.marks import Bar
from annotation.report.plots import Plot, answers_plot
from annotation.report.rows import Row, count_of, foremost, rows_in, rows_of
from annotation.report.tables import QuestionFacts, Report
from annotation.report.wording import (
    decimal,
    decimal_between,
    listed,
    many,
    p_value,
    percent,
    points,
    points_between,
    ratio_between,
    spoken,
    whole,
)

DIFFERENT, NOT_SHOWN, TOO_FEW = "different", "not shown", "too few people"
_MEANING: Final = {DIFFERENT: "shown to differ", NOT_SHOWN: "not shown to differ", TOO_FEW: "too few people to tell"}

_NOT_ALIKE: Final = (
    "Not shown to differ does not mean alike: the table says which difference a single test could have found."
)
_UNPROVEN: Final = "None is shown to differ, so those of the least p-values are drawn; do not read them as findings."


def items(report: Report, limits: Limits) -> Section:
    """The items where groups differ most, and the items that divide people whatever their group."""
    blocks: list[Block] = []
    for question in report.questions:
        if count_of(report, "item_contrasts", question=question.id):
            blocks += _contrasts(report, question, limits)
        blocks += _scores(report, question, limits)
        blocks += _divided(report, question, limits)
    tables = ("item_contrasts", "item_scores", "item_answers", "labels")
    return Section("items", "Items where groups differ most", tables, tuple(blocks))


def verdicts(report: Report, question: str) -> dict[str, int]:
    """Return how many contrasts of a question have each verdict."""
    names = (DIFFERENT, NOT_SHOWN, TOO_FEW)
    return {name: count_of(report, "item_contrasts", question=question, verdict=name) for name in names}


def _contrasts(report: Report, question: QuestionFacts, limits: Limits) -> list[Block]:
    found = verdicts(report, question.id)
    total = sum(found.values())
    told = (
        f"{many(total, 'contrast')} of a group with others on one item: {whole(found[DIFFERENT])} shown to differ, "
        f"{whole(found[NOT_SHOWN])} not shown to differ, {whole(found[TOO_FEW])} with too few people to tell."
    )
    if not found[DIFFERENT] + found[NOT_SHOWN]:
        return [Block(question.id, (f"{told} There is nothing to draw; the counts are in item_contrasts.csv.",))]
    first = foremost(
        report, "item_contrasts", "difference", limits.rows, largest=True, question=question.id, verdict=DIFFERENT
    )
    left = limits.rows - len(first)
    rows = [*first, *foremost(report, "item_contrasts", "p_value", left, question=question.id, verdict=NOT_SHOWN)]
    differing = _of_different_items(first)
    drawn = differing[: limits.items] or _of_different_items(rows)[: limits.unproven]
    cards = [_card(report, question, row, place, limits) for place, row in enumerate(drawn, 1)]
    table = _contrasts_grid(question, rows, total, limits)
    left_out = len(differing) - len(drawn)
    more = f"Of the items with a difference, {len(drawn)} are drawn; {left_out} more stand in the table."
    words = (told, _NOT_ALIKE, "" if first else _UNPROVEN, more if left_out > 0 else "")
    return [Block(question.id, words), *cards, Block(f"{question.id}: contrasts in figures", (), (), (table,))]


def _of_different_items(rows: Sequence[Row]) -> list[Row]:
    """Return the first contrast of each item, so that one item is not drawn twice."""
    first: dict[str, Row] = {}
    for row in rows:
        first.setdefault(row.word("item_id"), row)
    return list(first.values())


def _card(report: Report, question: QuestionFacts, row: Row, place: int, limits: Limits) -> Block:
    plot = _answers(report, question, row, place, limits)
    title = f"{place}. {row.word('text') or row.word('item_id')}"
    return Block(title, (_sentence(row),), (plot,) if plot else (), (), level=4)


def _sentence(row: Row) -> str:
    yes, asked, other_yes, other_asked = (row.count(name) for name in ("yes", "asked", "other_yes", "other_asked"))
    other = row.word("other").strip("()")
    return (
        f"{spoken(row.word('demographic'))}, {row.word('category')}: {percent(yes / max(asked, 1))} ({yes:,} of "
        f"{asked:,}). {spoken(other)}: {percent(other_yes / max(other_asked, 1))} ({other_yes:,} of {other_asked:,}). "
        f"Difference {points_between(*row.figures('difference'))} percentage points; as a "
        f"ratio, {ratio_between(*row.between('ratio'))} times; adjusted p {p_value(row.number('adjusted_p'))}: "
        f"{_MEANING[row.word('verdict')]}."
    )


def _answers(report: Report, question: QuestionFacts, contrast: Row, place: int, limits: Limits) -> Plot | None:
    rows = rows_of(
        report,
        "item_answers",
        question=question.id,
        item_id=contrast.word("item_id"),
        demographic=contrast.word("demographic"),
    )
    given: dict[str, dict[str, int]] = {}
    for row in rows:
        given.setdefault(row.word("group"), {})[row.word("answer")] = row.count("count")
    if not given:
        return None
    kept = sorted(given, key=lambda group: (group != contrast.word("category"), -sum(given[group].values())))
    answers = _yes_first(question)
    bars = [_bar(group, given[group], answers) for group in kept[: limits.categories]]
    left_out = len(kept) - len(bars)
    caption = f"Answers by {spoken(contrast.word('demographic')).lower()}, in percent of each group's answers."
    if left_out:
        caption += f" {many(left_out, 'group')} more in item_answers.csv."
    name = f"item_{question.id}_{place}"
    return answers_plot(name, bars, answers, question.level, (caption, _sentence(contrast)))


def _yes_first(question: QuestionFacts) -> list[str]:
    """Return the answers so that those counted share a baseline; a scale keeps its order."""
    if question.level in SCORED:
        return list(question.answers)
    return sorted(question.answers, key=lambda answer: answer not in question.yes)


def _bar(group: str, answers: dict[str, int], order: Sequence[str]) -> Bar:
    total = sum(answers.values())
    return Bar(group, many(total, "answer"), tuple(answers.get(answer, 0) / total for answer in order))


def _contrasts_grid(question: QuestionFacts, rows: list[Row], total: int, limits: Limits) -> Grid:
    columns = [
        word("Item", "text"),
        Column("Group", lambda row: f"{spoken(row.word('demographic'))}: {row.word('category')}", figures=False),
        Column("Compared with", lambda row: row.word("other").strip("()"), figures=False),
        Column("Difference, percentage points (interval)", lambda row: points_between(*row.figures("difference"))),
        Column("Adjusted p-value", lambda row: p_value(row.number("adjusted_p"))),
        Column("Verdict", lambda row: _MEANING[row.word("verdict")], figures=False),
        Column("Counted, of answers", lambda row: f"{row.count('yes'):,} of {row.count('asked'):,}"),
        Column("The others", lambda row: f"{row.count('other_yes'):,} of {row.count('other_asked'):,}"),
        Column("Ratio, factor (interval)", lambda row: ratio_between(*row.between("ratio"))),
        Column("p-value", lambda row: p_value(row.number("p_value"))),
        Column("Could have been found, percentage points", lambda row: points(row.number("detectable")).lstrip("+")),
    ]
    look = Look(
        limits.rows,
        "those shown to differ first, the largest difference at the top, then by p-value",
        sortable=True,
        texts=True,
    )
    return grid("item_contrasts", f"{question.id}: groups by item", columns, rows, look, total)


def _scores(report: Report, question: QuestionFacts, limits: Limits) -> list[Block]:
    rows = foremost(report, "item_scores", "p_value", limits.rows, question=question.id)
    if not rows:
        return []
    columns = [
        word("Item", "text"),
        name("Demographic", "demographic"),
        Column("Answers", lambda row: whole(row.number("asked"))),
        Column("Least mean", lambda row: f"{decimal(row.number('lowest_mean'))} ({row.word('lowest_group')})"),
        Column("Greatest mean", lambda row: f"{decimal(row.number('highest_mean'))} ({row.word('highest_group')})"),
        Column("Difference (interval), points of the scale", lambda row: decimal_between(*row.figures("difference"))),
        Column("Could have been found", lambda row: decimal(row.number("detectable"))),
        Column("p-value", lambda row: p_value(row.number("p_value"))),
        Column("Adjusted p-value", lambda row: p_value(row.number("adjusted_p"))),
        Column("Verdict", lambda row: _MEANING.get(row.word("verdict"), row.word("verdict")), figures=False),
    ]
    total = count_of(report, "item_scores", question=question.id)
    look = Look(limits.rows, "by p-value", sortable=True, texts=True)
    table = grid("item_scores", f"{question.id}: mean scores by item", columns, rows, look, total)
    words = "Mean scores of groups on each item; the test is of all groups of a demographic together."
    return [Block(f"{question.id}: scores", (words,), (), (table,))]


def _divided(report: Report, question: QuestionFacts, limits: Limits) -> list[Block]:
    shares: dict[str, dict[str, Row]] = {}
    for row in rows_of(report, "labels", question=question.id):
        shares.setdefault(row.word("item_id"), {})[row.word("answer")] = row
    if not shares:
        return []
    order = sorted(shares, key=lambda item: max(row.number("share") or 0.0 for row in shares[item].values()))
    texts = _texts(report)
    rows = [_distribution(texts.get(item, item), shares[item]) for item in order[: min(20, limits.rows)]]
    columns = [
        word("Item", "text"),
        Column("Votes", lambda row: whole(row.number("votes"))),
        word("Shares of votes", "share"),
        word("Dawid-Skene", "dawid_skene"),
        word("MACE", "mace"),
    ]
    words = (
        "A label is released as the distribution of its answers, not as the answer of the majority. Below, the items "
        "on which people are divided most, whatever their group; the last columns weigh voters by their consistency."
    )
    look = Look(limits.rows, "the most divided first", folded=True, texts=True)
    table = grid("labels", f"{question.id}: items that divide people most", columns, rows, look, len(order))
    return [Block(f"{question.id}: divided whatever the group", (words,), (), (table,))]


def _texts(report: Report) -> dict[str, str]:
    known = [name for name in ("item_contrasts", "item_scores") if rows_in(report, name)]
    pairs = [report.tables[name].group_by(["item_id", "text"]).aggregate([]).to_pylist() for name in known]
    return {row["item_id"]: row["text"] for of_table in pairs for row in of_table if row["text"]}


def _distribution(text: str, answers: dict[str, Row]) -> Row:
    def told(column: str) -> str:
        parts = [(row.number(column), answer) for answer, row in answers.items()]
        return listed([f"{answer} {percent(part)}" for part, answer in parts if part is not None])

    votes = sum(row.count("votes") for row in answers.values())
    return Row({"text": text, "votes": votes, **{way: told(way) for way in ("share", "dawid_skene", "mace")}})
