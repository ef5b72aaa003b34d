"""A campaign on paper as one page that needs no other file and no network: what it can find, quotas, cost."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

import altair as alt
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from annotation.charts import svg
from annotation.power_curve import CurvePoint
from valueprism_build.errors import BuildError

_WIDE: Final = 620
_NARROW: Final = 255
"""Pixels of a drawing's inside: with its axis it fits a page, and a phone of 360 pixels."""
_COLOURS: Final = ("#56B4E9", "#0072B2", "#D55E00")


class Fact(NamedTuple):
    """One number in words."""

    name: str
    value: str


class Grid(NamedTuple):
    """One table."""

    head: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str | float]]


@dataclass(frozen=True, slots=True)
class PlanShown:
    """What the page shows.

    Attributes:
        people: of a stratum, as planned: where the curve is marked; likewise `overlap`.
        curve: what other sizes could find; empty where there is nothing to compare.
        quotas: stratum -> people a unit.
        lines: what could not be had, and what is unknown.
    """

    title: str
    facts: Sequence[Fact]
    people: int
    overlap: int
    curve: Sequence[CurvePoint]
    quotas: Mapping[str, float]
    grids: Sequence[Grid]
    lines: Sequence[str] = field(default=())


class _Figure(NamedTuple):
    head: str
    finding: str
    wide: str
    narrow: str


def write_plan(plan: PlanShown, path: Path) -> None:
    """Write the page; a file that is there is replaced.

    Raises:
        BuildError: it cannot be written.
    """
    figures = [*([_curve_figure(plan)] if plan.curve else []), _quota_figure(plan)]
    loader = FileSystemLoader(Path(__file__).parent)
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined)
    page = environment.get_template("plan_page.html").render(plan=plan, figures=figures)
    try:
        path.write_text(page, encoding="utf-8")
    except OSError as error:
        raise BuildError(f"cannot write {path} ({error.strerror}); give another file with --out") from error


def _curve_figure(plan: PlanShown) -> _Figure:
    least = [point for point in plan.curve if point.overlap == plan.overlap]
    here = min(least or plan.curve, key=lambda point: abs(point.people - plan.people))
    finding = (
        f"With {here.people} people of each stratum and {here.overlap} for each unit, two strata must differ by "
        f"{100 * here.difference:.1f} percentage points over all items to be told apart (the ring). Lines are other "
        "overlaps; strata are taken to be alike."
    )
    drawn = [_image(_curve(plan, here, width), finding) for width in (_WIDE, _NARROW)]
    return _Figure("What it can find", finding, *drawn)


def _curve(plan: PlanShown, here: CurvePoint, width: int) -> alt.TopLevelMixin:
    rows = [
        {"people": p.people, "difference": 100 * p.difference, "overlap": f"{p.overlap} a unit"} for p in plan.curve
    ]
    order = [f"{overlap} a unit" for overlap in sorted({point.overlap for point in plan.curve})]
    x = alt.X("people:Q", title="people of each stratum", scale=alt.Scale(zero=False), axis=alt.Axis(tickCount=5))
    y = alt.Y("difference:Q", title="smallest difference, points", scale=alt.Scale(domainMin=0))
    colour = alt.Color(
        "overlap:N", title=None, sort=order, scale=alt.Scale(domain=order, range=list(_COLOURS[-len(order) :])),
        legend=alt.Legend(orient="top"),
    )  # fmt: skip
    lines = alt.Chart(alt.Data(values=rows)).mark_line(point=True).encode(x=x, y=y, color=colour)
    mark = [{"people": here.people, "difference": 100 * here.difference}]
    dot = alt.Chart(alt.Data(values=mark)).mark_point(size=220, color="#1c1c1c", strokeWidth=2).encode(x=x, y=y)
    drawn: alt.TopLevelMixin = alt.layer(lines, dot).properties(width=width, height=280)
    return drawn


def _quota_figure(plan: PlanShown) -> _Figure:
    told = ", ".join(f"{stratum} {count:g}" for stratum, count in plan.quotas.items())
    finding = f"People for each unit, by stratum: {told}."
    return _Figure("Quotas", finding, *[_image(_quotas(plan, width), finding) for width in (_WIDE, _NARROW)])


def _quotas(plan: PlanShown, width: int) -> alt.Chart:
    rows = [{"stratum": stratum, "people": count} for stratum, count in plan.quotas.items()]
    x = alt.X("people:Q", title="people a unit", axis=alt.Axis(tickCount=5))
    y = alt.Y("stratum:N", title=None, sort=None, axis=alt.Axis(labelLimit=width // 3))
    bars = alt.Chart(alt.Data(values=rows)).mark_bar(color=_COLOURS[1]).encode(x=x, y=y)
    # A long name takes its room from the bars, so that the whole fits; 60 is what the axis takes of the curves.
    chart: alt.Chart = bars.properties(
        width=width + 60, height=alt.Step(26), autosize=alt.AutoSizeParams(type="fit-x", contains="padding")
    )
    return chart


def _image(chart: alt.TopLevelMixin, finding: str) -> str:
    return "data:image/svg+xml;base64," + b64encode(svg(chart, finding).encode()).decode()
