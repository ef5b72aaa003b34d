"""A campaign on paper to the page that shows it."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from annotation.plan_page import Fact, Grid, PlanShown, write_plan
from annotation.power_curve import power_curve
from annotation.settings import PowerSettings
from flows.campaign_planning import Planned
from flows.campaign_power import Detectable
from flows.tables import Data


def write_plan_page(
    path: Path, planned: Planned, found: Sequence[Detectable], settings: PowerSettings, told: Data
) -> None:
    """Write the page.

    Args:
        path: of the file.
        planned: the campaign.
        found: what it can find between each two strata.
        settings: of the test, for the curve.
        told: what `campaign_shown.of_plan` tells a program.

    Raises:
        BuildError: it cannot be written.
    """
    design, strata = planned.design, len(planned.design.people)
    people = round(sum(design.people.values()) / strata)
    items = sum(len(unit.items) for unit in design.units)
    curve = (
        power_curve(people=people, strata=strata, overlap=design.overlap, items=items, settings=settings)
        if strata > 1
        else []
    )
    wanted: Counter[str] = Counter()
    for demand in design.demands:
        wanted[demand.stratum] += demand.people
    quotas = {stratum: round(wanted[stratum] / len(design.units), 2) for stratum in design.people}
    lines = [] if strata > 1 else ["There is one stratum: no groups to compare."]
    shown = PlanShown(
        f"Plan of a campaign: {design.study.name}",
        _facts(told),
        people,
        design.overlap,
        curve,
        quotas,
        _grids(planned, found),
        lines,
    )
    write_plan(shown, path)


def _facts(told: Data) -> list[Fact]:
    names = {
        "situations": "situations",
        "items": "items",
        "answers": "judgements of items",
        "pages": "pages",
        "gold": "gold items",
        "repeats": "repeats",
        "hours": "hours of people",
        "usd": "cost in US$",
    }
    return [Fact(name, "unknown" if told[key] is None else _number(told[key])) for key, name in names.items()]


def _number(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:,.2f}" if isinstance(value, float) else str(value)


def _grids(planned: Planned, found: Sequence[Detectable]) -> list[Grid]:
    pages = Counter(page.seat_id for page in planned.plan.pages)
    of_stratum: Counter[str] = Counter()
    for seat in planned.plan.seats:
        of_stratum[seat.stratum] += pages[seat.id]
    seats = [(stratum, count, of_stratum[stratum]) for stratum, count in planned.design.people.items()]
    pairs: list[Sequence[str | float]] = [
        (
            one.one,
            one.other,
            round(100 * one.overall, 1),
            round(100 * one.on_item, 1),
            *([] if one.people is None else [one.people]),
        )
        for one in found
    ]
    columns = ["stratum", "other", "over all items", "on one item"]
    columns += ["people for yours"] if any(one.people is not None for one in found) else []
    return [
        Grid("People", ("stratum", "seats", "pages"), seats),
        *([Grid("Smallest differences to be found, in percentage points", columns, pairs)] if pairs else []),
    ]
