"""Sections on people: who took part, and how they went about it."""

from annotation.report.grids import Block, Column, Grid, Limits, Look, Section, counts, grid, name, word
from annotation.report.layout import Span
from annotation.report.plots import Plot, headed, rates_plot
from annotation.report.rows import Row, rows_of, words_in
from annotation.report.tables import UNSAID, Report
from annotation.report.wording import decimal, many, p_value, percent, percents, spoken

_SAMPLE, _TARGET = "of those who took part", "of the target population"


def participation(report: Report, limits: Limits) -> Section:
    """Who took part, against the target where there is one; what was refused."""
    took_part = Block(words=(_counted(report),), grids=tuple(_participation_grids(report)))
    return Section(
        "people",
        "Who took part",
        ("participation", "people", "representativeness", "refused", "refused_counts"),
        (took_part, _described(report, limits), _representative(report), _refused(report, limits)),
    )


def _counted(report: Report) -> str:
    return (
        "Nobody is left out in silence: people who did not vote, people of whom nothing is known, and rows that "
        "could not be used are counted here."
        if "participation" in report.tables
        else ""
    )


def _participation_grids(report: Report) -> list[Grid]:
    columns = [name("What", "what"), counts("Count", "count")]
    return [grid("participation", "Everybody and everything that came in", columns, rows_of(report, "participation"))]


def _described(report: Report, limits: Limits) -> Block:
    rows = rows_of(report, "people")
    said = [row for row in rows if row.word("category") != UNSAID]
    if not rows:
        return Block()
    target = any(row.number("target_share") is not None for row in said)
    against = " against the target population" if target else ""
    columns = [
        name("Demographic", "demographic"),
        word("Category", "category"),
        counts("People", "people"),
        counts("Votes", "votes"),
        Column("Share of those who said (interval)", lambda row: percents(*row.between("share"))),
        Column("Target share", lambda row: percent(row.number("target_share"))),
        Column("Mean weight (factor)", lambda row: decimal(row.number("weight"))),
    ]
    look = Look(4 * limits.rows, "as in the CSV", folded=True)
    return Block(
        f"By demographic{against}",
        (_unsaid(rows),),
        (_people_plot(report, said, limits, target=target),) if said else (),
        (grid("people", f"People of each category{against}", columns if target else columns[:5], rows, look),),
    )


def _unsaid(rows: list[Row]) -> str:
    without = [(row.word("demographic"), row.count("people")) for row in rows if row.word("category") == UNSAID]
    told = [f"{spoken(name)}: {many(people, 'person', 'people')}" for name, people in without if people]
    return f"Not said, and so in no group below: {'; '.join(told)}." if told else "Everybody who voted said all of it."


def _people_plot(report: Report, said: list[Row], limits: Limits, *, target: bool) -> Plot:
    groups = [
        (name, [row for row in said if row.word("demographic") == name])
        for name in words_in(report, "people", "demographic")
    ]

    def spans(row: Row) -> list[Span]:
        share, aim = row.between("share"), row.number("target_share")
        note = percent(share.value) + (f", target {percent(aim)}" if aim is not None else "")
        own = Span(row.word("category"), *share, note=note, series=_SAMPLE)
        return [own] if aim is None else [own, Span("", aim, series=_TARGET, same_row=True)]

    caption = "Share of each category among the people who said one, with interval"
    return rates_plot(
        "people",
        headed(groups, spans, limits.categories, "people"),
        caption + (", and its share of the target population." if target else "."),
        _people_finding(said, target=target),
        series=(_SAMPLE, _TARGET) if target else (_SAMPLE,),
    )


def _people_finding(said: list[Row], *, target: bool) -> str:
    if not target:
        largest = max(said, key=lambda row: row.number("share") or 0.0)
        return (
            f"The largest share of a category: {largest.word('category')} of {spoken(largest.word('demographic'))}, "
            f"{percent(largest.number('share'))}."
        )
    aimed = [row for row in said if row.number("target_share") is not None]
    farthest = max(aimed, key=lambda row: abs((row.number("share") or 0.0) - (row.number("target_share") or 0.0)))
    return (
        f"Farthest from the target: {farthest.word('category')} of {spoken(farthest.word('demographic'))}, "
        f"{percent(farthest.number('share'))} of those who took part against "
        f"{percent(farthest.number('target_share'))} of the target population."
    )


def _representative(report: Report) -> Block:
    rows = rows_of(report, "representativeness")
    columns = [
        name("Demographic", "demographic"),
        counts("People", "people"),
        counts("Not said", "unsaid"),
        Column("Dissimilarity (share who would have to be others)", lambda row: percent(row.number("dissimilarity"))),
        Column("p-value of the fit", lambda row: p_value(row.number("p_value"))),
        Column("Least expected count", lambda row: decimal(row.number("least_expected"), 1)),
    ]
    words = (
        "How far the sample is from the target. Weights mend what the table names, and nothing that it does not."
        if rows
        else "No target population was given, so nothing here is weighted and the sample speaks for itself only.",
    )
    tables = (grid("representativeness", "Distance of the sample from the target", columns, rows),) if rows else ()
    return Block("Does the sample look like the target?", words, (), tables)


def _refused(report: Report, limits: Limits) -> Block:
    refused = rows_of(report, "refused_counts")
    if not refused:
        return Block("Refused rows", ("No row was refused.",))
    rule = name("Rule", "rule")
    examples = [word("Row", "subject"), rule, word("Reason", "detail")]
    look = Look(min(20, limits.rows), "as they came", folded=True)
    return Block(
        "Refused rows",
        ("Rows of the input that could not be used, by reason.",),
        (),
        (
            grid("refused_counts", "Refused rows by rule", [rule, counts("Rows", "count")], refused),
            grid("refused", "Refused rows, the first of them", examples, rows_of(report, "refused"), look),
        ),
    )
