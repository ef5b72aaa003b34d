"""The section on people who say that their perspective is missing, by the way they were asked and by group."""

from collections.abc import Sequence

from annotation.report.grids import Block, Column, Grid, Limits, Look, Section, counts, grid
from annotation.report.layout import Span
from annotation.report.plots import Plot, headed, rates_plot
from annotation.report.rows import Row, rows_of, words_in
from annotation.report.tables import ALL, Report
from annotation.report.wording import many, percents, spoken


def missing_perspective(report: Report, limits: Limits) -> Section:
    """How many say that their perspective is missing: all people by protocol, then groups under each."""
    protocols = words_in(report, "missing_perspective", "protocol")
    blocks = [_groups(number, protocol, report, limits) for number, protocol in enumerate(protocols, 1)]
    return Section(
        "missing",
        "Whose perspective is missing?",
        ("missing_perspective",),
        (_protocols(report), *blocks) if blocks else (),
    )


def _protocols(report: Report) -> Block:
    rows = rows_of(report, "missing_perspective", demographic=ALL)
    words = (
        "The way of asking moves this rate more than anything else, so rates of two ways are never put together.",
        *(_finding(row, report) for row in rows),
    )
    plots = (_protocols_plot(rows, report),) if len(rows) > 1 else ()
    return Block("", words, plots)


def _protocols_plot(rows: Sequence[Row], report: Report) -> Plot:
    return rates_plot(
        "missing",
        [Span(row.word("protocol"), *row.figures("rate"), note=percents(*row.figures("rate"))) for row in rows],
        "Share of people whose perspective was missing at least once, by the way they were asked.",
        " ".join(_finding(row, report) for row in rows),
    )


def _finding(row: Row, report: Report) -> str:
    chose = row.word("question") in {question.id for question in report.questions}
    said = (
        "said at least once that their perspective is missing"
        if chose
        else "wrote at least once of something that was not recognised on the list that they were shown"
    )
    people = many(row.count("asked"), "person", "people")
    return f"{spoken(row.word('protocol'))}: {percents(*row.figures('rate'))} of {people} {said}."


def _groups(number: int, protocol: str, report: Report, limits: Limits) -> Block:
    rows = [row for row in rows_of(report, "missing_perspective", protocol=protocol) if row.word("demographic") != ALL]
    table = _grid(protocol, report, limits)
    rated = [(rate, row) for row in rows if (rate := row.number("rate")) is not None]
    if not rated:
        return Block(spoken(protocol), ("There are no groups of people to tell apart.",), (), (table,))
    (_, least), (_, most) = (pick(rated, key=lambda each: each[0]) for pick in (min, max))
    finding = f"{spoken(protocol)}: least among {_named(least)}, most among {_named(most)}."
    names = dict.fromkeys(row.word("demographic") for row in rows)
    groups = [(name, [row for row in rows if row.word("demographic") == name]) for name in names]
    plot = rates_plot(
        f"missing_{number}",
        headed(groups, _spans, limits.categories, "missing_perspective"),
        "Share of people whose perspective was missing at least once, with interval.",
        finding,
    )
    return Block(spoken(protocol), (finding,), (plot,), (table,))


def _spans(row: Row) -> list[Span]:
    found = row.figures("rate")
    return [Span(row.word("group"), *found, note=percents(*found))]


def _named(row: Row) -> str:
    return f"{row.word('group')} ({spoken(row.word('demographic')).lower()}, {percents(*row.figures('rate'))})"


def _grid(protocol: str, report: Report, limits: Limits) -> Grid:
    columns = [
        Column("Demographic", lambda row: spoken(row.word("demographic")), figures=False),
        Column("Group", lambda row: "Everybody" if row.word("group") == ALL else row.word("group"), figures=False),
        counts("People asked", "asked"),
        counts("Said so", "said_missing"),
        Column("Share of people (interval)", lambda row: percents(*row.figures("rate"))),
        counts("Answers", "answers"),
        Column(
            "Share of answers (interval)",
            lambda row: percents(*row.figures("answer_rate", "answer_low", "answer_high")),
        ),
    ]
    rows = rows_of(report, "missing_perspective", protocol=protocol)
    look = Look(limits.rows, "as in the CSV", folded=True)
    return grid(
        "missing_perspective", f"{spoken(protocol)}: who says that a perspective is missing", columns, rows, look
    )
