"""The three drawings of a report, in altair: intervals by row, stacked bars by row, curves.

Colours are of Okabe & Ito
("Color Universal Design", 2008) in an order whose neighbours differ in grey too, and shapes say the same again.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import altair as alt

from annotation.report.layout import (
    FAINT,
    INK,
    NARROW,
    WIDE,
    Axis,
    Span,
    down_from,
    mark_of,
    places_of,
    scale_of,
    ticks_of,
    whole_of,
    words_of,
)

PALETTE: Final = ("#0072B2", "#E69F00", "#D8D8D8", "#D55E00", "#56B4E9", "#009E73", "#F0E442", "#CC79A7", "#000000")
"""Further categories begin again; a white edge and the label tell them apart."""
ORDERED: Final = ("#00224E", "#35456C", "#666970", "#948E77", "#C8B866", "#FEE838")
"""Cividis, from least to most (Nuñez, Anderton & Renslow, PLoS ONE 2018)."""
_SHAPES: Final = ("circle", "diamond", "square", "triangle-up")


class Bar(NamedTuple):
    """One row of a stack: parts that add up to 1."""

    label: str
    note: str
    parts: tuple[float, ...]


def intervals(
    rows: Sequence[Span], axis: Axis, series: Sequence[str] = ("",), colours: Sequence[str] = PALETTE, *, narrow: bool
) -> alt.LayerChart:
    """Draw values with their intervals; what leaves the axis ends in an arrow.

    Args:
        rows: from top to bottom.
        axis: of the values.
        series: their names in the order of the legend; a single one has none.
        colours: of the series.
        narrow: for a phone.
    """
    sheet = NARROW if narrow else WIDE
    places = places_of(rows, sheet)
    height = places[-1] + sheet.row // 2 if places else sheet.row
    down, across = down_from(height), alt.X("value:Q", scale=scale_of(axis), axis=ticks_of(axis))
    seen = alt.Legend(title=None, orient="top", labelLimit=300) if len(series) > 1 else None
    colour = alt.Color(
        "series:N", scale=alt.Scale(domain=list(series), range=list(colours[: len(series)])), legend=seen
    )
    shape = alt.Shape("series:N", scale=alt.Scale(domain=list(series), range=list(_SHAPES[: len(series)])), legend=seen)
    drawn = alt.Chart().transform_filter("isValid(datum.value)")
    layers = [
        alt.Chart()
        .transform_filter("datum.heading === false")
        .mark_rule(color=FAINT)
        .encode(y=down, x=alt.XValue(0), x2=alt.X2Value(sheet.width)),
        *_line_at(axis),
        drawn.mark_rule(strokeWidth=2).encode(
            x=alt.X("low:Q", scale=scale_of(axis)), x2=alt.X2("high:Q"), y=down, color=colour
        ),
        drawn.mark_point(size=55, filled=True, opacity=1).encode(x=across, y=down, color=colour, shape=shape),
        *_arrows(axis, down, colour),
        *words_of(sheet, down),
    ]
    marks = [mark_of(row, place, axis) for row, place in zip(rows, places, strict=True)]
    return whole_of(layers, marks, sheet.width, height)


def stacked(rows: Sequence[Bar], answers: Sequence[str], colours: Sequence[str], *, narrow: bool) -> alt.LayerChart:
    """Draw how each row is shared out.

    Args:
        rows: from top to bottom, with a part for each answer.
        answers: in the order of the parts.
        colours: likewise.
        narrow: for a phone.
    """
    sheet = NARROW if narrow else WIDE
    sheet = sheet._replace(row=sheet.row + 4)
    lines = [Span(row.label, note=row.note) for row in rows]
    places = places_of(lines, sheet)
    height = places[-1] + sheet.row // 2 if places else sheet.row
    axis = Axis("Share of answers", 0, 1, spelled=".0%")
    down, across = down_from(height), alt.X("low:Q", scale=scale_of(axis), axis=ticks_of(axis))
    legend = alt.Legend(title=None, orient="top", labelLimit=140, columns=2 if narrow else 4, symbolType="square")
    colour = alt.Color("answer:N", scale=alt.Scale(domain=list(answers), range=list(colours)), legend=legend)
    pale = alt.Scale(domain=list(answers), range=[_on(colour) for colour in colours])
    bars = alt.Chart().transform_filter("isValid(datum.answer)").mark_bar(height=16, stroke="white", strokeWidth=1)
    shares = alt.Chart().transform_filter("datum.high - datum.low >= 0.09").mark_text(fontSize=11)
    layers = [
        bars.encode(x=across, x2=alt.X2("high:Q"), y=down, color=colour),
        shares.encode(
            x=alt.X("middle:Q", scale=scale_of(axis)),
            y=down,
            text=alt.Text("share:N"),
            color=alt.Color("answer:N", scale=pale, legend=None),
        ),
        *words_of(sheet, down),
    ]
    marks = [mark_of(row, place, axis) for row, place in zip(lines, places, strict=True)]
    parts = [part for row, place in zip(rows, places, strict=True) for part in _parts(row, place, answers)]
    whole = whole_of(layers, [*marks, *parts], sheet.width, height)
    apart: alt.LayerChart = whole.resolve_scale(color="independent")
    return apart


def _parts(row: Bar, place: int, answers: Sequence[str]) -> list[dict[str, object]]:
    at, parts = 0.0, []
    for answer, part in zip(answers, row.parts, strict=True):
        middle = at + part / 2
        parts.append(
            {"answer": answer, "low": at, "high": at + part, "middle": middle, "share": f"{part:.0%}", "place": place}
        )
        at += part
    return parts


def _line_at(axis: Axis) -> list[alt.Chart]:
    if axis.at is None:
        return []
    place = alt.XDatum(axis.at, scale=scale_of(axis))
    return [alt.Chart(alt.Data(values=[{}])).mark_rule(color=INK, strokeDash=[3, 2]).encode(x=place)]


def _arrows(axis: Axis, down: alt.Y, colour: alt.Color) -> list[alt.Chart]:
    ends = (("below", axis.least, "triangle-left"), ("above", axis.most, "triangle-right"))
    return [
        alt.Chart()
        .transform_filter(f"datum.{side}")
        .mark_point(shape=shape, filled=True, size=60, opacity=1)
        .encode(x=alt.XDatum(end, scale=scale_of(axis)), y=down, color=colour)
        for side, end, shape in ends
    ]


def _on(colour: str) -> str:
    """Return the colour of text on a bar: black or white, whichever is told apart better (WCAG's luminance)."""
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    luminance = sum(weight * part**2.2 for weight, part in ((0.2126, red), (0.7152, green), (0.0722, blue)))
    return "#FFFFFF" if luminance < 0.18 else "#000000"
