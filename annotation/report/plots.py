"""Plots of a report: each is drawn for a page and for a phone, and says in one sentence what it shows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor
from typing import Final, Protocol

import altair as alt

from annotation.report.layout import Axis, Span
from annotation.report.marks import ORDERED, PALETTE, Bar, intervals, stacked
from annotation.report.rows import Figures, Row
from annotation.report.wording import decimal_between, spoken
from annotation.votes.scales import Level


class Drawing(Protocol):
    """Draws itself, for a phone or for a page."""

    def __call__(self, *, narrow: bool) -> alt.LayerChart:
        """Return the chart."""
        ...


@dataclass(frozen=True, slots=True)
class Plot:
    """One plot.

    Attributes:
        name: of its files.
        caption: what is drawn, with units.
        finding: what it shows, for those who do not see it.
    """

    name: str
    caption: str
    finding: str
    draw: Drawing


_FARTHEST: Final = 40.0  # points: a difference beyond is drawn as an arrow, or one tiny group flattens all others
CLEAR_OR_NOT: Final = ("#0072B2", "#808080")
"""Colours of what an interval tells apart from none, and of the rest."""
_COEFFICIENTS: Final = {
    "krippendorff_alpha_nominal": "Krippendorff's alpha, nominal",
    "krippendorff_alpha_ordinal": "Krippendorff's alpha, ordinal",
    "krippendorff_alpha_interval": "Krippendorff's alpha, interval",
    "fleiss_kappa": "Fleiss' kappa",
    "cohen_kappa": "Cohen's kappa",
    "gwet_ac1": "Gwet's AC1",
    "gwet_ac2": "Gwet's AC2",
    "pabak": "PABAK",
}
_FROM_ZERO: Final = 0.4  # an axis of shares that would begin at this or below begins at 0


def headed(
    groups: Sequence[tuple[str, Sequence[Row]]], spans: Callable[[Row], Sequence[Span]], limit: int, source: str
) -> list[Span]:
    """Return rows under headings.

    Args:
        groups: heading and its rows.
        spans: what is drawn for one row.
        limit: rows under one heading, those of most people.
        source: name of the CSV that holds the others.
    """
    drawn = []
    for heading, rows in groups:
        shown = _largest(rows, limit)
        drawn += [Span(spoken(heading), heading=True), *(span for row in shown for span in spans(row))]
        if len(rows) > len(shown):
            drawn.append(Span(f"{len(rows) - len(shown)} more in {source}.csv"))
    return drawn


def rates_plot(name: str, rows: Sequence[Span], caption: str, finding: str, *, series: Sequence[str] = ("",)) -> Plot:
    """Return a plot of shares, 0 to 1, with intervals; the axis goes from 0, or from a tenth below the least."""
    ends = [end for row in rows for end in (row.value, row.low, row.high) if end is not None]
    least, most = floor(10 * min(ends, default=0.0)) / 10, ceil(10 * max(ends, default=1.0)) / 10
    axis = Axis("Share, in percent", least if least > _FROM_ZERO else 0.0, max(most, least + 0.1), spelled=".0%")
    return Plot(name, caption, finding, _intervals(rows, axis, series))


def differences_plot(name: str, rows: Sequence[Span], series: Mapping[str, str], words: tuple[str, str]) -> Plot:
    """Return a plot of differences in percentage points around none; what lies beyond the axis ends in an arrow.

    Args:
        name: of its files.
        rows: from top to bottom.
        series: and their colours.
        words: caption and finding.
    """
    ends = [abs(end) for row in rows for end in (row.value, row.low, row.high) if end is not None]
    wide = min(max([*ends, 1.0]), _FARTHEST)
    axis = Axis("Difference in percentage points", -wide, wide, at=0.0, spelled="+.0f" if wide >= 4 else "+.1f")
    return Plot(name, *words, _intervals(rows, axis, tuple(series), tuple(series.values())))


def coefficients_plot(name: str, rows: Sequence[Row], caption: str, finding: str) -> Plot:
    """Return a plot of coefficients, 1 for perfect agreement and 0 for what chance gives."""
    spans = []
    for row in rows:
        found = row.figures("value")
        spans.append(Span(coefficient_name(row.word("coefficient")), *found, note=decimal_between(*found)))
    least = min([0.0, *(end for span in spans for end in (span.value, span.low) if end is not None)])
    axis = Axis("Coefficient, 1 is perfect", max(least, -1.0), 1.0, at=0.0, spelled=".1f")
    return Plot(name, caption, finding, _intervals(spans, axis, [""]))


def coefficient_name(column: str) -> str:
    """Return a coefficient as papers name it."""
    return _COEFFICIENTS.get(column, spoken(column))


def z_plot(name: str, rows: Sequence[Span], words: tuple[str, str]) -> Plot:
    """Return a plot of z statistics, each with a bar between its boundaries; `words` are caption and finding."""
    wide = 1.1 * max([1.0, *(abs(end) for row in rows for end in (row.value, row.high) if end is not None)])
    axis = Axis("z of the difference", -wide, wide, at=0.0, spelled=".1f")
    return Plot(name, *words, _intervals(rows, axis, [""]))


def answers_plot(name: str, bars: Sequence[Bar], answers: Sequence[str], level: Level, words: tuple[str, str]) -> Plot:
    """Return a plot of how groups answered.

    Args:
        name: of its files.
        bars: one for each group.
        answers: in their order.
        level: an ordered scale is drawn from dark to light, another one in different colours.
        words: caption and finding.
    """
    colours = answer_colours(len(answers), level)

    def draw(*, narrow: bool) -> alt.LayerChart:
        return stacked(bars, answers, colours, narrow=narrow)

    return Plot(name, *words, draw)


def answer_colours(answers: int, level: Level) -> list[str]:
    """Return a colour for each answer."""
    if level in (Level.ORDINAL, Level.INTERVAL):
        last = len(ORDERED) - 1
        return [ORDERED[round(place * last / max(answers - 1, 1))] for place in range(answers)]
    return [PALETTE[place % len(PALETTE)] for place in range(answers)]


def excluding_zero(rows: Sequence[Row]) -> list[Row]:
    """Return the rows whose interval of the difference leaves out none, the largest difference first."""
    clear = [row for row in rows if _leaves_out_zero(row.between("difference"))]
    return sorted(clear, key=lambda row: -abs(row.number("difference") or 0.0))


def _leaves_out_zero(found: Figures) -> bool:
    return found.low is not None and found.high is not None and found.low * found.high > 0


def _largest(rows: Sequence[Row], limit: int) -> list[Row]:
    """Return the rows of most people, in the order in which all of them stand."""
    kept = sorted(range(len(rows)), key=lambda place: -rows[place].count("people"))[:limit]
    return [rows[place] for place in sorted(kept)]


def _intervals(rows: Sequence[Span], axis: Axis, series: Sequence[str], colours: Sequence[str] = PALETTE) -> Drawing:
    def draw(*, narrow: bool) -> alt.LayerChart:
        return intervals(rows, axis, series, colours, narrow=narrow)

    return draw
