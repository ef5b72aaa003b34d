"""A campaign on paper, and one that was simulated, as a person and a program are told."""

from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from statistics import median
from typing import Final

from rich.table import Table

from annotation.attention import Attention
from annotation.settings import CampaignSettings
from flows.campaign_planning import Planned
from flows.campaign_power import Detectable
from flows.campaign_simulating import Simulated
from flows.tables import Data, Summary, table
from valueprism_build.campaigns import PageKind

SECONDS_PER_HOUR: Final = 3600
CENT: Final = Decimal("0.01")


def of_plan(planned: Planned, settings: CampaignSettings, found: Sequence[Detectable]) -> Summary:
    """Return who is asked how much about what, what it takes, what it can find, and what could not be had."""
    design, sample, pages = planned.design, planned.sample, planned.plan.pages
    kinds = Counter(page.kind for page in pages)
    by_seat = Counter(page.seat_id for page in pages)
    lengths = [by_seat[seat.id] for seat in planned.plan.seats]
    hours = None if settings.seconds_per_page is None else len(pages) * settings.seconds_per_page / SECONDS_PER_HOUR
    cost = _cost(hours, settings.usd_per_hour)
    data: Data = {
        "study": design.study.name,
        "situations": len({unit.situation_id for unit in sample.units}),
        "items": sum(len(unit.items) for unit in sample.units),
        "left_out": sample.asked,
        "people": dict(design.people),
        "overlap": design.overlap,
        "answers": kinds[PageKind.ITEM],
        "pages": len(pages),
        "gold": kinds[PageKind.GOLD],
        "repeats": kinds[PageKind.REPEAT],
        "not_planted": planned.plan.lacking,
        "pages_each": {"least": min(lengths), "most": max(lengths)},
        "strata": [{**one._asdict(), "stratum": list(one.stratum)} for one in sample.strata],
        "hours": hours,
        "usd": cost,
        "detectable": [one._asdict() for one in found],
    }
    strata = table(
        "asked about, in units",
        (*settings.stratify_by, "there", "wanted", "taken"),
        ((*one.stratum, one.there, one.wanted, one.taken) for one in sample.strata),
    )
    line = (
        f"{design.study.name}: {data['items']} items of {data['situations']} situations, {data['answers']} judgements "
        f"of items by {len(lengths)} people, {len(pages)} pages, {min(lengths)} to {max(lengths)} a person; "
        f"{data['gold']} gold items and {data['repeats']} repeats among them"
    )
    tables = [strata, _people(planned, by_seat), *([_detectable(found)] if found else [])]
    return Summary([*tables, line, *_lacking(planned), _money(hours, cost)], data)


def _detectable(found: Sequence[Detectable]) -> Table:
    """Return differences in percentage points."""
    people = any(one.people is not None for one in found)
    rows = [
        (
            one.one,
            one.other,
            round(100 * one.overall, 1),
            round(100 * one.on_item, 1),
            *([one.people] if people else []),
        )
        for one in found
    ]
    columns = ("stratum", "other", "over all items", "on one item", *(["people for yours"] if people else []))
    return table("smallest differences to be found, in percentage points", columns, rows)


def _lacking(planned: Planned) -> Iterator[str]:
    """Yield what was asked for and could not be had."""
    if planned.design.planting.gold and not planned.design.gold:
        yield (
            "no gold items, for no item is plainly valid: have two teachers answer alike, or ask for less under "
            "[gold]; without any, only repeats tell who pays attention"
        )
    if planned.plan.lacking:
        yield f"{planned.plan.lacking} gold items and repeats could not be planted: too few, or blocks too short"
    short = sum(one.wanted - one.taken for one in planned.sample.strata)
    if short:
        yield f"{short} units fewer than asked for: strata ran out"
    if planned.sample.asked:
        yield f"{planned.sample.asked} items were left out: an earlier campaign asks about them or their situation"


def of_simulation(found: Simulated) -> Summary:
    """Return what came in, what was refused, and how gold items and repeats tell who paid attention."""
    attentive = [one for one in found.attention if one.annotator_id not in found.speeders]
    hasty = [one for one in found.attention if one.annotator_id in found.speeders]
    groups = {"attentive": _told(attentive), "speeders": _told(hasty)}
    line = (
        f"{len(found.votes)} answers on items by {found.people} people in {found.rounds} rounds; {found.left} left and "
        f"were replaced; {found.short} places short of the quotas"
    )
    refused = [f"refused: {count} by {rule}" for rule, count in sorted(found.rejected.items())]
    wrong = [f"not true that {one.check}: {', '.join(one.examples)}" for one in found.offences]
    data: Data = {
        "votes": len(found.votes),
        "people": found.people,
        "rounds": found.rounds,
        "left": found.left,
        "short": found.short,
        "rejected": dict(found.rejected),
        "offences": wrong,
        "attention": groups,
    }
    columns = ("", "people", "gold items", "not wrong", "repeats", "the same", "seconds a page")
    rows = [(name, *group.values()) for name, group in groups.items()]
    return Summary([table("attention", columns, rows), *refused, *wrong, line], data)


def _told(people: Sequence[Attention]) -> Data:
    gold, repeats = sum(one.gold for one in people), sum(one.repeats for one in people)
    seconds = [one.seconds for one in people if one.seconds is not None]
    return {
        "people": len(people),
        "gold": gold,
        "not_wrong": round(sum(one.right for one in people) / gold, 3) if gold else None,
        "repeats": repeats,
        "same": round(sum(one.same for one in people) / repeats, 3) if repeats else None,
        "seconds": round(median(seconds), 1) if seconds else None,
    }


def _people(planned: Planned, pages: Counter[str]) -> Table:
    seats = Counter(seat.stratum for seat in planned.plan.seats)
    of_stratum: Counter[str] = Counter()
    for seat in planned.plan.seats:
        of_stratum[seat.stratum] += pages[seat.id]
    units: Counter[str] = Counter()
    for demand in planned.design.demands:
        units[demand.stratum] += demand.people
    rows = [
        (stratum, count, round(units[stratum] / len(planned.design.units), 1), of_stratum[stratum])
        for stratum, count in seats.items()
    ]
    return table("people", ("stratum", "seats", "a unit", "pages"), rows)


def _cost(hours: float | None, usd_per_hour: float | None) -> Decimal | None:
    if hours is None or usd_per_hour is None:
        return None
    return (Decimal(hours) * Decimal(usd_per_hour)).quantize(CENT)


def _money(hours: float | None, cost: Decimal | None) -> str:
    if hours is None:
        return "time and cost: unknown; give --seconds-per-page and --usd-per-hour"
    return f"{hours:.1f} hours, " + ("cost unknown; give --usd-per-hour" if cost is None else f"US$ {cost}")
