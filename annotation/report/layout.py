"""How rows are laid out in a drawing: sizes, places, axes and words, on a page and on a phone.

Rows are placed by pixel, since on a phone a label stands above its mark and not beside it.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import altair as alt

INK: Final = "#222222"
FAINT: Final = "#E4E4E4"


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
    """

    title: str
    least: float
    most: float
    at: float | None = None
    spelled: str = "~g"


class Sheet(NamedTuple):
    """Sizes in pixels: of the marks' area, a row, and where labels and notes stand."""

    width: int
    row: int
    label_x: int
    label_dy: int
    label_limit: int
    note_x: int


WIDE: Final = Sheet(width=390, row=21, label_x=-12, label_dy=0, label_limit=250, note_x=402)
NARROW: Final = Sheet(width=322, row=38, label_x=0, label_dy=-16, label_limit=185, note_x=322)

_CONFIG: Final = alt.Config(
    view=alt.ViewConfig(stroke=None),
    axis=alt.AxisConfig(labelFontSize=12, titleFontSize=12),
    legend=alt.LegendConfig(labelFontSize=12),
)


def places_of(rows: Sequence[Span], sheet: Sheet) -> list[int]:
    """Return the pixel of each row's mark; a heading has some air above it, and no mark below its label."""
    places, at = [], sheet.row // 2 - sheet.row - sheet.label_dy
    for number, row in enumerate(rows):
        if not row.same_row:
            at += sheet.row + (6 if row.heading and number else 0)
        places.append(at)
        if row.heading and sheet.label_dy:
            at += sheet.label_dy
    return places


def mark_of(row: Span, place: int, axis: Axis) -> dict[str, object]:
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


def scale_of(axis: Axis) -> alt.Scale:
    """Return the scale from one end of the axis to the other."""
    return alt.Scale(domain=[axis.least, axis.most], nice=False, zero=False)


def ticks_of(axis: Axis) -> alt.Axis:
    """Return the axis at the top, where reading begins; none but zero is without its sign."""
    zero = "datum.value === 0 ? '0' : datum.label"
    return alt.Axis(
        title=axis.title,
        orient="top",
        format=axis.spelled,
        tickCount=5,
        grid=True,
        gridColor=FAINT,
        labelColor=INK,
        labelExpr=alt.Undefined if "%" in axis.spelled else zero,
    )


def down_from(height: int) -> alt.Y:
    """Return pixels from the top."""
    return alt.Y("place:Q", scale=alt.Scale(domain=[height, 0], nice=False, zero=False), axis=None)


def words_of(sheet: Sheet, down: alt.Y) -> list[alt.Chart]:
    """Return labels and notes: at the sides, or above the mark on a white edge that keeps lines of the grid away."""
    above = sheet.label_dy != 0
    chart = alt.Chart().transform_filter("isValid(datum.label)")
    label = chart.transform_filter("datum.heading === false").mark_text(
        align="left" if above else "right", dy=sheet.label_dy, limit=sheet.label_limit, color=INK, fontSize=12
    )
    heading = chart.transform_filter("datum.heading").mark_text(
        align="left", dy=sheet.label_dy, limit=320, color=INK, fontWeight="bold", fontSize=13
    )
    note = chart.mark_text(align="right" if above else "left", dy=sheet.label_dy, color=INK, fontSize=12)
    heading_x = 0 if above else sheet.label_x - sheet.label_limit
    words = [
        label.encode(x=alt.XValue(sheet.label_x), y=down, text=alt.Text("label:N")),
        heading.encode(x=alt.XValue(heading_x), y=down, text=alt.Text("label:N")),
        note.encode(x=alt.XValue(sheet.note_x), y=down, text=alt.Text("note:N")),
    ]
    edges = [
        each.encode(stroke=alt.StrokeValue("white"), strokeWidth=alt.StrokeWidthValue(4)) for each in words if above
    ]
    return edges + words


def whole_of(layers: Sequence[alt.Chart], marks: list[dict[str, object]], width: int, height: int) -> alt.LayerChart:
    """Return the layers as one chart with its data, which come last: altair copies what a chart holds at every step."""
    whole = alt.LayerChart(
        layer=list(layers), width=width, height=height, padding=4, background="white", config=_CONFIG
    )
    whole.data = alt.Data(values=marks)
    return whole
