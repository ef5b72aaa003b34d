"""Sections on all people together: how many say yes, to what kind of item, and how far people agree."""

from typing import Final

from annotation.report.grids import Block, Column, Grid, Limits, Look, Section, counts, grid, name, word
from annotation.report.layout import Span
from annotation.report.plots import Plot, coefficient_name, coefficients_plot, headed, rates_plot
from annotation.report.rows import Row, rows_of
from annotation.report.tables import ALL, QuestionFacts, Report
from annotation.report.wording import decimal, decimal_between, listed, percent, percents, spoken

_SERIES: Final = ("as the votes are", "weighted to the target")
_CLUSTERED: Final = (
    "Intervals allow for other people and other items: answers of one person, and answers to one item, go together. "
    "Wilson's interval takes every vote as independent and so promises too much; it is given to compare."
)
_ANSWERS: Final = 12  # of one question that are spelled out
KAPPA_MISLEADS: Final = (
    "Where nearly everybody gives the same answer, kappa and alpha can be near 0 although hardly anybody differs, "
    "since chance alone would make them agree nearly as often: read them beside percent agreement and AC1, which do "
    "not collapse."
)


def overall(report: Report, limits: Limits) -> Section:
    """How many say yes, by question, weighted next to unweighted."""
    rows = [row for row in rows_of(report, "rates") if row.word("by") == ALL]
    weighted = any(row.number("weighted_rate") is not None for row in rows)
    words = (_CLUSTERED, "" if weighted else "Nothing is weighted: no target population was given.")
    shares = Block(
        "", words, (_overall_plot(rows, weighted=weighted),), (_rates_grid(rows, limits, weighted=weighted),)
    )
    asked = Block("What was asked", tuple(_asked(question) for question in report.questions))
    return Section("overall", "The overall picture", ("rates",), (asked, shares) if rows else ())


def by_kind(report: Report, limits: Limits) -> Section:
    """How many say yes, by what is known of the items: type, valence, topic, teacher."""
    blocks = tuple(_kinds(report, question, limits) for question in report.questions)
    return Section("kinds", "Agreement by kind of item", ("rates",), tuple(block for block in blocks if block))


def coefficients(report: Report, limits: Limits) -> Section:
    """How far people agree with one another, by every coefficient."""
    blocks = []
    for question in report.questions:
        rows = rows_of(report, "coefficients", question=question.id)
        if rows:
            blocks.append(_coefficients(question, rows, limits))
    words = Block(words=(KAPPA_MISLEADS,))
    return Section("coefficients", "Agreement among people", ("coefficients",), (words, *blocks) if blocks else ())


def _asked(question: QuestionFacts) -> str:
    answers = listed(list(question.answers[:_ANSWERS])) + (" and others" if len(question.answers) > _ANSWERS else "")
    counted = f"counted: {listed(list(question.yes))}" if question.yes else "none of them is counted"
    asked = question.id if question.asked == question.id else f"{question.id}: “{question.asked}”"
    found = "found from the votes" if question.found else "declared"
    return f"{asked}. Answers ({question.level}, {found}): {answers}; {counted}."


def _overall_plot(rows: list[Row], *, weighted: bool) -> Plot:
    spans = []
    for row in rows:
        found = row.figures("rate", "plain_low", "plain_high") if weighted else row.figures("rate")
        spans.append(Span(row.word("question"), *found, note=percents(*found), series=_SERIES[0]))
        if weighted:
            again = row.figures("weighted_rate", "weighted_low", "weighted_high")
            spans.append(Span(_SERIES[1], *again, note=percents(*again), series=_SERIES[1]))
    told = listed([f"{row.word('question')}: {percent(row.number('rate'))}" for row in rows])
    return rates_plot(
        "overall",
        spans,
        "Share of votes that give the counted answer, "
        + ("as it is and weighted, both with interval for other people." if weighted else "with interval."),
        f"Share of votes that give the counted answer, by question: {told}.",
        series=_SERIES if weighted else ("",),
    )


def _rates_grid(rows: list[Row], limits: Limits, *, weighted: bool) -> Grid:
    columns = [
        word("Question", "question"),
        word("Counted answer", "answer"),
        *(counts(heading, heading.lower()) for heading in ("Votes", "People", "Items")),
        Column("Share (interval)", lambda row: percents(*row.figures("rate"))),
        Column("Share (Wilson's interval)", lambda row: percents(*row.figures("rate", "wilson_low", "wilson_high"))),
    ]
    if weighted:
        columns.append(
            Column(
                "Unweighted share (interval for other people)",
                lambda row: percents(*row.figures("rate", "plain_low", "plain_high")),
            )
        )
        columns.append(
            Column(
                "Weighted share (interval for other people)",
                lambda row: percents(*row.figures("weighted_rate", "weighted_low", "weighted_high")),
            )
        )
    return grid("rates", "Share of votes that give the counted answer", columns, rows, Look(limits.rows))


def _kinds(report: Report, question: QuestionFacts, limits: Limits) -> Block | None:
    rows = [row for row in rows_of(report, "rates", question=question.id) if row.word("of") == "items"]
    if not rows:
        return None
    groups = [(name, [row for row in rows if row.word("by") == name]) for name in dict.fromkeys(_by(rows))]
    spans = headed(groups, _rate_span, limits.categories, "rates")
    told = [row for row in rows if row.number("rate") is not None]
    least, most = (
        (pick(told, key=lambda row: row.number("rate") or 0.0) for pick in (min, max)) if told else (None, None)
    )
    finding = f"{question.id}: least for {_of(least)}, most for {_of(most)}." if least and most else "No rate is known."
    plot = rates_plot(
        f"kinds_{question.id}", spans, "Share of the counted answer by kind of item, with interval.", finding
    )
    columns = [
        name("By", "by"),
        word("Kind", "group"),
        *(counts(heading, heading.lower()) for heading in ("Votes", "People", "Items")),
        Column("Share (interval)", lambda row: percents(*row.figures("rate"))),
    ]
    look = Look(limits.rows, "as in the CSV", folded=True)
    table = grid("rates", f"{question.id}: share of the counted answer by kind of item", columns, rows, look)
    return Block(question.id, (finding,), (plot,), (table,))


def _by(rows: list[Row]) -> list[str]:
    return [row.word("by") for row in rows]


def _of(row: Row) -> str:
    return f"{row.word('group')} ({spoken(row.word('by')).lower()}, {percent(row.number('rate'))})"


def _rate_span(row: Row) -> list[Span]:
    found = row.figures("rate")
    return [Span(row.word("group"), *found, note=percents(*found))]


def _coefficients(question: QuestionFacts, rows: list[Row], limits: Limits) -> Block:
    whole_study = [row for row in rows if row.word("by") == ALL]
    finding = listed(
        [f"{coefficient_name(row.word('coefficient'))} {decimal(row.number('value'))}" for row in whole_study]
    )
    plot = coefficients_plot(
        f"coefficients_{question.id}",
        whole_study,
        "Coefficients over all items, with interval; 0 is what chance gives, but of percent agreement, a plain share.",
        f"{question.id}: {finding}.",
    )
    columns = [
        Column("By", lambda row: "All" if row.word("by") == ALL else spoken(row.word("by")), figures=False),
        Column("Group", lambda row: "" if row.word("group") == ALL else row.word("group"), figures=False),
        Column("Coefficient", lambda row: coefficient_name(row.word("coefficient")), figures=False),
        Column("Value (interval)", lambda row: decimal_between(*row.figures("value"))),
        *(counts(heading, heading.lower()) for heading in ("Items", "People", "Votes")),
        Column("Undefined draws", lambda row: percent(row.number("undefined"))),
    ]
    look = Look(limits.rows, "all items first, then by kind and group", sortable=True, folded=True)
    table = grid("coefficients", f"{question.id}: coefficients of agreement", columns, rows, look)
    return Block(question.id, (), (plot,), (table,))
