"""Sections on how the study went: how people voted, who was left out by which rule, and looks on the way."""

from collections.abc import Callable, Sequence
from statistics import quantiles
from typing import Final

from annotation.report.grids import Block, Column, Grid, Limits, Look, Section, counts, grid, name, word
from annotation.report.layout import Span
from annotation.report.plots import Plot, z_plot
from annotation.report.rows import Row, rows_of
from annotation.report.tables import Report
from annotation.report.wording import decimal, many, percent, spoken

_MEASURES: Final = (
    ("votes", "Votes", 0),
    ("seconds", "Median seconds for a vote", 1),
    ("longest_run", "Longest run of one answer", 0),
    ("modal_share", "Share of the person's commonest answer", None),
    ("consistency", "Same answer when asked again", None),
)
_NO_VERDICT: Final = (
    "Speed and runs of one answer are shown in context and exclude nobody by themselves. How far a person is from the "
    "majority is not measured: those who differ are whom the study is about. Single people are in the CSV, not here."
)


def quality(report: Report, limits: Limits) -> Section:
    """How people voted, in quantiles, and exclusions by rule."""
    rows = rows_of(report, "quality")
    blocks = []
    if rows:
        blocks.append(Block("How people voted", (_NO_VERDICT, _gold(rows)), (), (_conduct(rows),)))
    excluded = rows_of(report, "exclusions")
    if "exclusions" in report.tables:
        blocks.append(_excluded(excluded, limits))
    return Section("quality", "Quality and exclusions", ("quality", "exclusions"), tuple(blocks))


def looks(report: Report, limits: Limits) -> Section:
    """Looks at the data while the campaign ran."""
    rows = rows_of(report, "looks")
    words = (
        "The data were looked at before all votes were in. So that this gives no more false alarms than one look at "
        "the end, a difference counts as established only where its z is beyond the boundary of that look."
    )
    columns = [
        word("Question", "question"),
        name("Demographic", "demographic"),
        word("Category", "category"),
        counts("Look", "look"),
        Column("Information, share of the planned votes", lambda row: percent(row.number("information"))),
        Column("z of the difference", lambda row: decimal(row.number("statistic"))),
        Column("Boundary for z, both ways", lambda row: decimal(row.number("boundary"))),
        word("Decision", "decision"),
    ]
    table = grid("looks", "Looks, each with its boundary", columns, rows, Look(limits.rows, "as in the CSV"))
    blocks = (Block("", (words,), tuple(_looks_plots(rows, limits)), (table,)),) if rows else ()
    return Section("looks", "Looks on the way", ("looks",), blocks)


def _gold(rows: Sequence[Row]) -> str:
    gold, right = sum(row.count("gold") for row in rows), sum(row.count("gold_right") for row in rows)
    if not gold:
        return "There were no control items."
    return f"Control items: {right:,} of {many(gold, 'answer')} right ({percent(right / gold)})."


def _conduct(rows: Sequence[Row]) -> Grid:
    """Return the spread of each measure over people, one row for each question and measure."""
    spread = [
        row
        for question in dict.fromkeys(row.word("question") for row in rows)
        for row in _spread(question, [each for each in rows if each.word("question") == question])
    ]
    ends = (("Lowest", "least"), ("One in ten is below", "low"), ("Median", "middle"), ("One in ten is above", "high"))
    columns = [
        word("Question", "question"),
        word("Measure", "measure"),
        counts("People", "people"),
        *(Column(heading, _reader(end)) for heading, end in (*ends, ("Highest", "most"))),
    ]
    return grid("quality", "How people voted: spread over people", columns, spread)


def _reader(column: str) -> Callable[[Row], str]:
    return lambda row: row.word(column)


def _spread(question: str, rows: Sequence[Row]) -> list[Row]:
    found = []
    for column, measure, places in _MEASURES:
        values = sorted(value for row in rows if (value := row.number(column)) is not None)
        if not values:
            continue
        deciles = quantiles(values, n=10, method="inclusive") if len(values) > 1 else values * 9
        ends = {"least": values[0], "low": deciles[0], "middle": deciles[4], "high": deciles[8], "most": values[-1]}
        told = {end: percent(value) if places is None else decimal(value, places) for end, value in ends.items()}
        found.append(Row({"question": question, "measure": measure, "people": len(values), **told}))
    return found


def _excluded(rows: Sequence[Row], limits: Limits) -> Block:
    rules: dict[str, list[Row]] = {}
    for row in rows:
        rules.setdefault(row.word("rule"), []).append(row)
    if not rules:
        return Block("Exclusions", ("Nobody was excluded.",))
    by_rule = [
        Row({"rule": rule, "people": len(those), "votes": sum(row.count("votes") for row in those)})
        for rule, those in sorted(rules.items(), key=lambda each: -len(each[1]))
    ]
    columns = [
        name("Rule", "rule"),
        counts("People", "people"),
        counts("Votes", "votes"),
    ]
    words = f"{many(len(rows), 'person', 'people')} excluded. No figure of this report counts their votes."
    table = grid("exclusions", "Exclusions by rule", columns, by_rule, Look(limits.rows, "the commonest first"))
    return Block("Exclusions", (words,), (), (table,))


def _looks_plots(rows: Sequence[Row], limits: Limits) -> list[Plot]:
    """Return one plot for each question: where the last look stands against its boundaries."""
    plots = []
    for question in dict.fromkeys(row.word("question") for row in rows):
        of_question = [row for row in rows if row.word("question") == question]
        last = max(row.count("look") for row in of_question)
        standing = [row for row in of_question if row.count("look") == last and row.number("statistic") is not None]
        if standing:
            plots.append(_looks_plot(question, last, standing, limits))
    return plots


def _looks_plot(question: str, look: int, rows: Sequence[Row], limits: Limits) -> Plot:
    kept = sorted(rows, key=lambda row: -abs(row.number("statistic") or 0.0))[: limits.categories]
    beyond = [row for row in rows if abs(row.number("statistic") or 0.0) >= (row.number("boundary") or 0.0)]
    spans = []
    for row in kept:
        label, boundary = f"{row.word('category')} ({spoken(row.word('demographic')).lower()})", row.number("boundary")
        low = None if boundary is None else -boundary
        spans.append(Span(label, row.number("statistic"), low, boundary, note=_standing(row)))
    finding = f"{question}, look {look}: of {many(len(rows), 'group')}, {len(beyond)} beyond the boundary."
    caption = (
        f"{question}, look {look}: z of a group's difference (dot), and the range from one boundary to the other "
        f"(bar); outside it the difference is established. The {len(kept)} largest of {len(rows)}."
    )
    return z_plot(f"looks_{question}", spans, (caption, finding))


def _standing(row: Row) -> str:
    return f"{decimal(row.number('statistic'))} of {decimal(row.number('boundary'))}"
