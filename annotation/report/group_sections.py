"""Sections on groups of people over all items: how far they differ, alone and crossed, and what they miss."""

from collections.abc import Sequence
from typing import Final

from annotation.report.grids import Block, Column, Grid, Limits, Look, Section, counts, grid, word
from annotation.report.marks import Span
from annotation.report.plots import differences_plot, excluding_zero, headed, rates_plot
from annotation.report.rows import Figures, Row, rows_of, words_in
from annotation.report.tables import ALL, QuestionFacts, Report
from annotation.report.wording import (
    equals,
    listed,
    many,
    p_value,
    percent,
    percents,
    points,
    points_between,
    ratio_between,
    spoken,
)

_CLEAR, _UNCLEAR = "interval leaves out 0", "interval holds 0"
_OWN, _POOLED = "the group alone", "after pooling"
_NAMED: Final = 5  # groups that a sentence names
_READ: Final = (
    "Each demographic has one model of its own, in which people and items are crossed. Differences are in percentage "
    "points, to the category that is compared with; odds ratios, in the table, are factors: 1 is no difference. Single "
    "intervals leave out 0 by chance now and then, so look at the joint test of the demographic first."
)
_POOLING: Final = (
    "A group of few people differs from the mean by luck alone. Here each estimate is drawn towards the mean of all "
    "groups, the more the less is known about the group: the larger a group, the more it speaks for itself."
)


def effects(report: Report, limits: Limits) -> Section:
    """Differences of groups over all items: a forest plot and odds ratios for each question."""
    blocks = [Block(words=(_READ,))]
    for question in report.questions:
        rows = rows_of(report, "group_effects", question=question.id)
        if rows:
            blocks.append(_forest(question, rows, limits))
    return Section("groups", "Do groups differ?", ("group_effects",), tuple(blocks) if len(blocks) > 1 else ())


def small_groups(report: Report, limits: Limits) -> Section:
    """Partial pooling, in plain words."""
    blocks = [Block(words=(_POOLING,))]
    for question in report.questions:
        rows = rows_of(report, "pooled", question=question.id)
        if rows:
            blocks.append(_pooled(question, rows, limits))
    return Section("small", "Small groups", ("pooled",), tuple(blocks) if len(blocks) > 1 else ())


def intersections(report: Report, limits: Limits) -> Section:
    """Two demographics crossed."""
    rows = rows_of(report, "intersections")
    columns = [
        word("Question", "question"),
        word("Demographics", "demographics"),
        word("Groups", "groups"),
        counts("People", "people"),
        counts("Votes", "votes"),
        Column("Share of the counted answer (interval)", _crossed_rate),
    ]
    words = (
        "Groups of two demographics at once, where enough people are in both; smaller ones are put together, and "
        "withheld where even together they are too few."
    )
    look = Look(limits.rows, "as in the CSV", sortable=True)
    table = grid("intersections", "Share of the counted answer where two demographics cross", columns, rows, look)
    block = Block("", (words,), (), (table,))
    return Section("intersections", "Two demographics at once", ("intersections",), (block,) if rows else ())


def missing_perspective(report: Report, limits: Limits) -> Section:
    """How many say that their perspective is missing, by protocol and group."""
    protocols = words_in(report, "missing_perspective", "protocol")
    blocks = [_protocol(number, protocol, report, limits) for number, protocol in enumerate(protocols, 1)]
    words = Block(
        words=(
            "The way of asking moves this rate more than anything else, so rates of two ways are never put together.",
        )
    )
    return Section(
        "missing", "Whose perspective is missing?", ("missing_perspective",), (words, *blocks) if blocks else ()
    )


def _forest(question: QuestionFacts, rows: list[Row], limits: Limits) -> Block:
    tested = {row.word("demographic"): row.number("adjusted_p") for row in rows}
    groups = [
        (
            f"{spoken(name)}: joint test p {equals(tested[name])}, adjusted",
            [row for row in rows if row.word("demographic") == name],
        )
        for name in tested
    ]
    clear = excluding_zero(rows)
    series = (_CLEAR, _UNCLEAR)

    def spans(row: Row) -> list[Span]:
        found = row.between("difference")
        return [Span(row.word("category"), *found, note=_told(row), series=_CLEAR if row in clear else _UNCLEAR)]

    finding = f"{question.id}: {_finding(rows, clear)}"
    plot = differences_plot(
        f"groups_{question.id}",
        headed(groups, spans, limits.categories, "group_effects"),
        series,
        "Difference in percentage points to the category that is compared with, with interval.",
        finding,
    )
    return Block(question.id, (finding,), (plot,), (_effects_grid(question, rows, limits),))


def _finding(rows: Sequence[Row], clear: Sequence[Row]) -> str:
    compared = [row for row in rows if not row.truth("is_reference") and row.number("difference") is not None]
    if not compared:
        return "no difference could be estimated."
    named = [
        f"{row.word('category')} ({spoken(row.word('demographic')).lower()}, "
        f"{points(row.number('difference'))} percentage points)"
        for row in clear[:_NAMED]
    ]
    most = f" The largest: {listed(named)}." if named else ""
    return f"of {many(len(compared), 'difference')} of groups, {len(clear)} have an interval that leaves out 0.{most}"


def _told(row: Row) -> str:
    if row.truth("is_reference"):
        return "compared with"
    found = row.between("difference")
    return points_between(*found) if found.value is not None else "not estimable"


def _effects_grid(question: QuestionFacts, rows: list[Row], limits: Limits) -> Grid:
    columns = [
        word("Demographic", "demographic"),
        Column(
            "Category",
            lambda row: row.word("category") + (" (compared with)" if row.truth("is_reference") else ""),
            figures=False,
        ),
        counts("People", "people"),
        counts("Votes", "votes"),
        Column("Share (interval)", lambda row: percents(*row.figures("rate"))),
        Column("Difference, percentage points (interval)", _told),
        Column("Odds ratio, factor (interval)", lambda row: ratio_between(*row.between("odds_ratio"))),
        Column(
            "Difference to the mean, percentage points", lambda row: points_between(*row.between("difference_to_mean"))
        ),
        Column("p-value, joint", lambda row: p_value(row.number("p_value"))),
        Column("Adjusted p-value", lambda row: p_value(row.number("adjusted_p"))),
        word("Why not estimated", "reason"),
    ]
    look = Look(limits.rows, "as in the CSV", folded=True)
    return grid("group_effects", f"{question.id}: effects of groups", columns, rows, look)


def _pooled(question: QuestionFacts, rows: list[Row], limits: Limits) -> Block:
    names = list(dict.fromkeys(row.word("demographic") for row in rows))
    groups = [(name, [row for row in rows if row.word("demographic") == name]) for name in names]

    def spans(row: Row) -> list[Span]:
        pooled = row.figures("pooled_difference")
        own = Span("", row.number("difference"), series=_OWN, same_row=True)
        return [Span(row.word("category"), *pooled, note=points_between(*pooled), series=_POOLED), own]

    moved = max(rows, key=lambda row: abs((row.number("pooled_difference") or 0) - (row.number("difference") or 0)))
    finding = (
        f"{question.id}: pooling moves {moved.word('category')} ({spoken(moved.word('demographic')).lower()}, "
        f"{many(moved.count('people'), 'person', 'people')}) most, from {points(moved.number('difference'))} to "
        f"{points(moved.number('pooled_difference'))} percentage points."
    )
    plot = differences_plot(
        f"pooled_{question.id}",
        headed(groups, spans, limits.categories, "pooled"),
        (_POOLED, _OWN),
        "Difference to the mean of all people in percentage points; the interval is of the pooled one.",
        finding,
    )
    columns = [
        word("Demographic", "demographic"),
        word("Category", "category"),
        counts("People", "people"),
        Column("Share alone", lambda row: percent(row.number("rate"))),
        Column("Share after pooling", lambda row: percent(row.number("pooled_rate"))),
        Column(
            "Difference after pooling, percentage points (interval)",
            lambda row: points_between(*row.figures("pooled_difference")),
        ),
        Column("Weight of the group's own data", lambda row: percent(row.number("own"))),
        word("In words", "words"),
    ]
    look = Look(limits.rows, "as in the CSV", folded=True)
    table = grid("pooled", f"{question.id}: groups after partial pooling", columns, rows, look)
    return Block(question.id, (finding,), (plot,), (table,))


def _protocol(number: int, protocol: str, report: Report, limits: Limits) -> Block:
    rows = rows_of(report, "missing_perspective", protocol=protocol)
    names = list(dict.fromkeys(row.word("demographic") for row in rows))
    groups = [
        ("All people" if name == ALL else name, [row for row in rows if row.word("demographic") == name])
        for name in names
    ]

    def spans(row: Row) -> list[Span]:
        found = row.figures("rate")
        label = "Everybody" if row.word("group") == ALL else row.word("group")
        return [Span(label, *found, note=percents(*found))]

    finding = _missing_finding(protocol, rows)
    plot = rates_plot(
        f"missing_{number}",
        headed(groups, spans, limits.categories, "missing_perspective"),
        "Share of people who said at least once that their perspective is missing, with interval.",
        finding,
    )
    columns = [
        Column(
            "Demographic",
            lambda row: "All" if row.word("demographic") == ALL else row.word("demographic"),
            figures=False,
        ),
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
    look = Look(limits.rows, "as in the CSV", folded=True)
    table = grid("missing_perspective", f"{protocol}: who says that a perspective is missing", columns, rows, look)
    return Block(protocol, (finding,), (plot,), (table,))


def _missing_finding(protocol: str, rows: Sequence[Row]) -> str:
    everybody = next((row for row in rows if row.word("demographic") == ALL), None)
    if everybody is None:
        return f"{protocol}: by group only."
    found = Figures(*everybody.figures("rate"))
    return (
        f"{protocol}: {percents(*found)} of {many(everybody.count('asked'), 'person', 'people')} said at least once "
        "that their perspective is missing."
    )


def _crossed_rate(row: Row) -> str:
    return percents(*row.figures("rate")) if row.truth("told") else "too few people to tell"
