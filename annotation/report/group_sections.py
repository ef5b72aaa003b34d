"""Sections on groups of people over all items: how far they differ, alone and crossed, and what they miss."""

from collections.abc import Sequence
from typing import Final

from annotation.report.grids import Block, Column, Grid, Limits, Look, Section, counts, grid, name, word
from annotation.report.layout import Span
from annotation.report.marks import PALETTE
from annotation.report.plots import CLEAR_OR_NOT, differences_plot, excluding_zero, headed
from annotation.report.rows import Row, rows_of
from annotation.report.tables import QuestionFacts, Report
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
    block = Block("", (words, *(_extremes(question, rows) for question in report.questions)), (), (table,))
    return Section("intersections", "Two demographics at once", ("intersections",), (block,) if rows else ())


def _forest(question: QuestionFacts, rows: list[Row], limits: Limits) -> Block:
    groups = [(heading, those) for heading, those in _by_demographic(rows) if any(map(_compared, those))]
    clear = excluding_zero(rows)

    def spans(row: Row) -> list[Span]:
        series = _CLEAR if row in clear else _UNCLEAR
        return [Span(row.word("category"), *row.between("difference"), note=_told(row), series=series)]

    finding = f"{question.id}: {_finding(rows, clear)}"
    unknown = [
        spoken(name).lower() for name in _demographics(rows) if not any(_compared(row) for row in _of(rows, name))
    ]
    untold = f"No difference could be estimated for {listed(unknown)}; the table says why." if unknown else ""
    table = _effects_grid(question, rows, limits)
    if not groups:
        return Block(question.id, (untold,), (), (table,))
    plot = differences_plot(
        f"groups_{question.id}",
        headed(groups, spans, limits.categories, "group_effects"),
        dict(zip((_CLEAR, _UNCLEAR), CLEAR_OR_NOT, strict=True)),
        ("Difference in percentage points to the category that is compared with, with interval.", finding),
    )
    return Block(question.id, (finding, untold), (plot,), (table,))


def _by_demographic(rows: Sequence[Row]) -> list[tuple[str, list[Row]]]:
    """Return each demographic's rows under its joint test."""
    found = []
    for demographic in _demographics(rows):
        those = _of(rows, demographic)
        found.append((f"{spoken(demographic)} (joint test, adjusted p {equals(those[0].number('adjusted_p'))})", those))
    return found


def _demographics(rows: Sequence[Row]) -> list[str]:
    return list(dict.fromkeys(row.word("demographic") for row in rows))


def _of(rows: Sequence[Row], demographic: str) -> list[Row]:
    return [row for row in rows if row.word("demographic") == demographic]


def _compared(row: Row) -> bool:
    """Tell whether a row has a difference with an interval, as the category that is compared with has not."""
    return not row.truth("is_reference") and row.number("difference_low") is not None


def _finding(rows: Sequence[Row], clear: Sequence[Row]) -> str:
    compared = [row for row in rows if _compared(row)]
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
    return points_between(*found) if found.low is not None else "not estimable"


def _effects_grid(question: QuestionFacts, rows: list[Row], limits: Limits) -> Grid:
    columns = [
        name("Demographic", "demographic"),
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
    known = [row for row in rows if row.number("pooled_difference") is not None]
    table = _pooled_grid(question, rows, limits)
    if not known:
        return Block(question.id, ("No group's difference could be estimated, so none is pooled.",), (), (table,))

    def spans(row: Row) -> list[Span]:
        pooled = row.figures("pooled_difference")
        own = Span("", row.number("difference"), series=_OWN, same_row=True)
        return [Span(row.word("category"), *pooled, note=points_between(*pooled), series=_POOLED), own]

    moved = max(known, key=lambda row: abs((row.number("pooled_difference") or 0) - (row.number("difference") or 0)))
    finding = (
        f"{question.id}: pooling moves {moved.word('category')} ({spoken(moved.word('demographic')).lower()}, "
        f"{many(moved.count('people'), 'person', 'people')}) most, from {points(moved.number('difference'))} to "
        f"{points(moved.number('pooled_difference'))} percentage points."
    )
    plot = differences_plot(
        f"pooled_{question.id}",
        headed([(each, _of(known, each)) for each in _demographics(known)], spans, limits.categories, "pooled"),
        dict(zip((_POOLED, _OWN), PALETTE, strict=False)),
        ("Difference to the mean of all people in percentage points; the interval is of the pooled one.", finding),
    )
    return Block(question.id, (finding,), (plot,), (table,))


def _pooled_grid(question: QuestionFacts, rows: list[Row], limits: Limits) -> Grid:
    columns = [
        name("Demographic", "demographic"),
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
    return grid("pooled", f"{question.id}: groups after partial pooling", columns, rows, look)


def _crossed_rate(row: Row) -> str:
    return percents(*row.figures("rate")) if row.truth("told") else "too few people to tell"


def _extremes(question: QuestionFacts, rows: Sequence[Row]) -> str:
    told = [row for row in rows if row.word("question") == question.id and row.truth("told")]
    rated = [(rate, row) for row in told if (rate := row.number("rate")) is not None]
    if not rated:
        return ""
    (_, least), (_, most) = (pick(rated, key=lambda each: each[0]) for pick in (min, max))
    named = [f"{row.word('groups')} ({percents(*row.figures('rate'))})" for row in (least, most)]
    return f"{question.id}: of {many(len(rated), 'group')}, least for {named[0]}, most for {named[1]}."
