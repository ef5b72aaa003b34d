"""The three drawings of a report, in altair: intervals by row, stacked bars by row, curves.

Rows are placed by pixel, since on a phone a label stands above its mark and not beside it. Colours are of Okabe & Ito
("Color Universal Design", 2008) in an order whose neighbours differ in grey too, and shapes say the same again.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import altair as alt

PALETTE: Final = ("#0072B2", "#E69F00", "#BBBBBB", "#D55E00", "#56B4E9", "#009E73", "#F0E442", "#CC79A7", "#000000")
"""Further categories begin again; a white edge and the label tell them apart."""
ORDERED: Final = ("#00224E", "#35456C", "#666970", "#948E77", "#C8B866", "#FEE838")
"""Cividis, from least to most (Nuñez, Anderton & Renslow, PLoS ONE 2018)."""
_INK: Final = "#222222"
_FAINT: Final = "#E4E4E4"
_SHAPES: Final = ("circle", "diamond", "square", "triangle-up")


class Span(NamedTuple):
    """One row: a value with its interval, or a heading where there is no value.

    Attributes:
        note: what the row says in figures, beside the mark.
        series: what tells marks apart that share a row.
        same_row: drawn in the row of the one before.
    """

    label: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    note: str = ""
    series: str = ""
    heading: bool = False
    same_row: bool = False


class Axis(NamedTuple):
    """The axis of values.

    Attributes:
        least: where it begins; likewise `most`.
        at: value that a line marks, such as no difference.
        spelled: d3's format of the ticks.
        bounds: values that solid lines mark.
    """

    title: str
    least: float
    most: float
    at: float | None = None
    spelled: str = "~g"
    bounds: tuple[float, ...] = ()


class Bar(NamedTuple):
    """One row of a stack: parts that add up to 1."""

    label: str
    note: str
    parts: tuple[float, ...]


class _Sheet(NamedTuple):
    """Sizes in pixels: of the marks' area, a row, and where labels and notes stand."""

    width: int
    row: int
    label_x: int
    label_dy: int
    label_limit: int
    note_x: int


_WIDE: Final = _Sheet(width=380, row=20, label_x=-12, label_dy=0, label_limit=240, note_x=392)
_NARROW: Final = _Sheet(width=322, row=36, label_x=0, label_dy=-16, label_limit=190, note_x=322)


def intervals(rows: Sequence[Span], axis: Axis, series: Sequence[str] = ("",), *, narrow: bool) -> alt.LayerChart:
    """Draw values with their intervals; what leaves the axis ends in an arrow.

    Args:
        rows: from top to bottom.
        axis: of the values.
        series: their names in the order of the legend; a single one has none.
        narrow: for a phone.
    """
    sheet = _NARROW if narrow else _WIDE
    places = _places(rows, sheet)
    height = places[-1] + sheet.row // 2 if places else sheet.row
    data = alt.Data(values=[_mark(row, place, axis) for row, place in zip(rows, places, strict=True)])
    across = alt.X("value:Q", scale=_scale(axis), axis=_ticks(axis))
    down = _down(height)
    seen = alt.Legend(title=None, orient="top", labelLimit=300) if len(series) > 1 else None
    colour = alt.Color(
        "series:N", scale=alt.Scale(domain=list(series), range=list(PALETTE[: len(series)])), legend=seen
    )
    shape = alt.Shape("series:N", scale=alt.Scale(domain=list(series), range=list(_SHAPES[: len(series)])), legend=seen)
    drawn = alt.Chart(data).transform_filter("isValid(datum.value)")
    layers = [
        alt.Chart(data)
        .transform_filter("!datum.heading")
        .mark_rule(color=_FAINT)
        .encode(y=down, x=alt.value(0), x2=alt.value(sheet.width)),
        *_line_at(axis),
        drawn.mark_rule(strokeWidth=2).encode(x=alt.X("low:Q", scale=_scale(axis)), x2="high:Q", y=down, color=colour),
        drawn.mark_point(size=55, filled=True, opacity=1).encode(x=across, y=down, color=colour, shape=shape),
        *_arrows(data, axis, down, colour),
        *_words(data, sheet, down),
    ]
    return _whole(alt.layer(*layers), sheet.width, height)


def stacked(rows: Sequence[Bar], answers: Sequence[str], colours: Sequence[str], *, narrow: bool) -> alt.LayerChart:
    """Draw how each row is shared out.

    Args:
        rows: from top to bottom, with a part for each answer.
        answers: in the order of the parts.
        colours: likewise.
        narrow: for a phone.
    """
    sheet = _NARROW if narrow else _WIDE
    sheet = sheet._replace(row=sheet.row + 4)
    lines = [Span(row.label, 0.0, note=row.note) for row in rows]
    places = _places(lines, sheet)
    height = places[-1] + sheet.row // 2 if places else sheet.row
    axis = Axis("Share of answers", 0, 1, spelled=".0%")
    down = _down(height)
    parts = alt.Data(
        values=[part for row, place in zip(rows, places, strict=True) for part in _parts(row, place, answers)]
    )
    across = alt.X("low:Q", scale=_scale(axis), axis=_ticks(axis))
    legend = alt.Legend(title=None, orient="top", labelLimit=140, columns=2 if narrow else 4, symbolType="square")
    colour = alt.Color("answer:N", scale=alt.Scale(domain=list(answers), range=list(colours)), legend=legend)
    pale = alt.Scale(domain=list(answers), range=[_on(colour) for colour in colours])
    bars = alt.Chart(parts).mark_bar(height=16, stroke="white", strokeWidth=1)
    shares = alt.Chart(parts).transform_filter("datum.high - datum.low >= 0.09").mark_text(fontSize=11)
    data = alt.Data(values=[_mark(row, place, axis) for row, place in zip(lines, places, strict=True)])
    drawn = alt.layer(
        bars.encode(x=across, x2="high:Q", y=down, color=colour),
        shares.encode(x="middle:Q", y=down, text="share:N", color=alt.Color("answer:N", scale=pale, legend=None)),
        *_words(data, sheet, down),
    ).resolve_scale(color="independent")
    return _whole(drawn, sheet.width, height)


def _places(rows: Sequence[Span], sheet: _Sheet) -> list[int]:
    """Return the pixel of each row's mark; a heading has some air above it, and no mark below its label."""
    places, at = [], sheet.row // 2 - sheet.row - sheet.label_dy
    for number, row in enumerate(rows):
        if not row.same_row:
            at += sheet.row + (6 if row.heading and number else 0)
        places.append(at)
        if row.heading and sheet.label_dy:
            at += sheet.label_dy
    return places


def _mark(row: Span, place: int, axis: Axis) -> dict[str, object]:
    """Return a row as the chart reads it: the interval within the axis, and on which sides it goes on."""
    low = row.value if row.low is None else row.low
    high = row.value if row.high is None else row.high
    return {
        "label": "" if row.same_row else row.label,
        "note": row.note,
        "series": row.series,
        "heading": row.heading,
        "place": place,
        "value": None if row.value is None else _within(row.value, axis),
        "low": None if low is None else _within(low, axis),
        "high": None if high is None else _within(high, axis),
        "below": low is not None and low < axis.least,
        "above": high is not None and high > axis.most,
    }


def _within(value: float, axis: Axis) -> float:
    return min(max(value, axis.least), axis.most)


def _parts(row: Bar, place: int, answers: Sequence[str]) -> list[dict[str, object]]:
    at, parts = 0.0, []
    for answer, part in zip(answers, row.parts, strict=True):
        middle = at + part / 2
        parts.append(
            {"answer": answer, "low": at, "high": at + part, "middle": middle, "share": f"{part:.0%}", "place": place}
        )
        at += part
    return parts


def _scale(axis: Axis) -> alt.Scale:
    return alt.Scale(domain=[axis.least, axis.most], nice=False, zero=False)


def _ticks(axis: Axis) -> alt.Axis:
    zero = "datum.value === 0 ? '0' : datum.label"
    spelled = {} if "%" in axis.spelled else {"labelExpr": zero}
    return alt.Axis(
        title=axis.title,
        orient="top",
        format=axis.spelled,
        tickCount=5,
        grid=True,
        gridColor=_FAINT,
        labelColor=_INK,
        **spelled,
    )


def _down(height: int) -> alt.Y:
    return alt.Y("place:Q", scale=alt.Scale(domain=[height, 0], nice=False, zero=False), axis=None)


def _line_at(axis: Axis) -> list[alt.Chart]:
    marked = [(axis.at, [3, 2])] if axis.at is not None else []
    marked += [(bound, []) for bound in axis.bounds]
    return [
        alt.Chart(alt.Data(values=[{}]))
        .mark_rule(color=_INK, strokeDash=dash)
        .encode(x=alt.XDatum(at, scale=_scale(axis)))
        for at, dash in marked
    ]


def _arrows(data: alt.Data, axis: Axis, down: alt.Y, colour: alt.Color) -> list[alt.Chart]:
    ends = (("below", axis.least, "triangle-left"), ("above", axis.most, "triangle-right"))
    return [
        alt.Chart(data)
        .transform_filter(f"datum.{side}")
        .mark_point(shape=shape, filled=True, size=60, opacity=1)
        .encode(x=alt.XDatum(end, scale=_scale(axis)), y=down, color=colour)
        for side, end, shape in ends
    ]


def _words(data: alt.Data, sheet: _Sheet, down: alt.Y) -> list[alt.Chart]:
    """Return labels and notes: at the sides, or above the mark on a white edge that keeps lines of the grid away."""
    above = sheet.label_dy != 0
    chart = alt.Chart(data)
    label = chart.transform_filter("!datum.heading").mark_text(
        align="left" if above else "right", dy=sheet.label_dy, limit=sheet.label_limit, color=_INK
    )
    heading = chart.transform_filter("datum.heading").mark_text(
        align="left", dy=sheet.label_dy, limit=320, color=_INK, fontWeight="bold", fontSize=12
    )
    note = chart.mark_text(align="right" if above else "left", dy=sheet.label_dy, color=_INK, fontSize=11)
    heading_x = 0 if above else sheet.label_x - sheet.label_limit
    words = [
        label.encode(x=alt.value(sheet.label_x), y=down, text="label:N"),
        heading.encode(x=alt.value(heading_x), y=down, text="label:N"),
        note.encode(x=alt.value(sheet.note_x), y=down, text="note:N"),
    ]
    edges = [each.encode(stroke=alt.value("white"), strokeWidth=alt.value(4)) for each in words if above]
    return edges + words


def _on(colour: str) -> str:
    """Return the colour of text on a bar: black or white, whichever is told apart better (WCAG's luminance)."""
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    luminance = sum(weight * part**2.2 for weight, part in ((0.2126, red), (0.7152, green), (0.0722, blue)))
    return "#FFFFFF" if luminance < 0.18 else "#000000"


def _whole(chart: alt.LayerChart, width: int, height: int) -> alt.LayerChart:
    return chart.properties(width=width, height=height, padding=4, background="white").configure_view(stroke=None)
