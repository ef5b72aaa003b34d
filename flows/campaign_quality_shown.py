"""How people went about their pages, as a person and a program are told."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np
from rich.table import Table

from annotation.page_conduct import PageConduct
from flows.campaign_quality import Decided, Quality
from flows.tables import Data, Summary, table

QUARTILES: Final = {"a quarter is below": 0.25, "half is below": 0.5, "three quarters are below": 0.75}


class _Measure(NamedTuple):
    """One column: its title, and what it is of a person, or None where nothing can be told."""

    title: str
    of: Callable[[PageConduct], float | None]


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


MEASURES: Final = (
    _Measure("pages answered", lambda one: _share(one.answered, one.dealt)),
    _Measure("gold items not wrong", lambda one: _share(one.attention.right, one.attention.gold)),
    _Measure("repeats as before", lambda one: _share(one.attention.same, one.attention.repeats)),
    _Measure("seconds a page", lambda one: one.attention.seconds),
    _Measure("longest run", lambda one: float(one.runs[0].pages) if one.runs else None),
)


def of_quality(found: Quality) -> Summary:
    """Return everybody's conduct, beside what is usual here, whom the rules would exclude, and who is left out."""
    excluded = found.excluded
    would = {one.annotator_id: one.rule for one in reversed(found.caught)}
    people = table(
        f"people of campaign {found.campaign}; none is measured against what others answer",
        ("person", "pages", "gold items not wrong", "repeats as before", "seconds a page", "longest run", ""),
        (_row(one, would.get(one.annotator_id, ""), one.annotator_id in excluded) for one in found.people),
    )
    caught = [f"{one.annotator_id} would be excluded by {one.rule}: {one.detail}" for one in found.caught]
    spared = [f"{one.annotator_id} was readmitted from {one.rule}, and stays: {one.detail}" for one in found.spared]
    line = (
        f"campaign {found.campaign}: {len(found.people)} people, {len(excluded)} of them left out, "
        f"{len({*would} - excluded)} more would be by the rules"
    )
    return Summary([people, _usual(found.people), *caught, *spared, *_history(found), line], _data(found))


def of_decision(done: Decided, verb: str) -> Summary:
    """Return what a command has changed, and who is left out now; `verb` says which way it was."""
    line = (
        f"campaign {done.quality.campaign}: {verb} {done.changed}; {len(done.quality.excluded)} of "
        f"{len(done.quality.people)} people are left out now. Their answers stay stored."
    )
    return Summary([*_history(done.quality), line], {"changed": done.changed, **_data(done.quality)})


def _row(one: PageConduct, would: str, excluded: bool) -> Iterable[object]:
    seen = one.attention
    state = "left out" if excluded else (f"would be excluded: {would}" if would else "")
    return (
        one.annotator_id,
        f"{one.answered} of {one.dealt}",
        f"{seen.right} of {seen.gold}",
        f"{seen.same} of {seen.repeats}",
        "" if seen.seconds is None else f"{seen.seconds:.1f}",
        _longest(one),
        state,
    )


def _longest(one: PageConduct) -> str:
    if not one.runs:
        return ""
    run = one.runs[0]
    judged = run.gold_right + run.gold_wrong
    gold = f", {run.gold_wrong} of {judged} gold items wrong" if judged else ""
    return f"{run.pages} times {run.answer}{gold}"


def _usual(people: Sequence[PageConduct]) -> Table:
    """Return quartiles: 2 seconds a page are few only where others take 9."""
    values = [[value for one in people if (value := measure.of(one)) is not None] for measure in MEASURES]
    rows = [
        (name, *(f"{np.quantile(of_all, share):.2f}" if of_all else "" for of_all in values))
        for name, share in QUARTILES.items()
    ]
    return table("what is usual here", ("", *(measure.title for measure in MEASURES)), rows)


def _history(found: Quality) -> Iterator[str]:
    for one in found.exclusions:
        until = f", readmitted {one.readmitted_at:%Y-%m-%d %H:%M}" if one.readmitted_at else ""
        yield f"{one.annotator_id} left out {one.excluded_at:%Y-%m-%d %H:%M} by {one.rule}{until}: {one.detail}"


def _data(found: Quality) -> Data:
    return {
        "campaign": found.campaign,
        "people": [
            {
                "annotator_id": one.annotator_id,
                "dealt": one.dealt,
                "answered": one.answered,
                "gold": one.attention.gold,
                "gold_right": one.attention.right,
                "repeats": one.attention.repeats,
                "repeats_same": one.attention.same,
                "seconds": one.attention.seconds,
                "longest_run": one.runs[0].pages if one.runs else 0,
                "excluded": one.annotator_id in found.excluded,
            }
            for one in found.people
        ],
        "would_exclude": [one._asdict() for one in found.caught],
        "readmitted": [one._asdict() for one in found.spared],
        "exclusions": [
            {
                "annotator_id": one.annotator_id,
                "rule": one.rule,
                "detail": one.detail,
                "excluded_at": one.excluded_at.isoformat(),
                "readmitted_at": one.readmitted_at and one.readmitted_at.isoformat(),
            }
            for one in found.exclusions
        ],
    }
