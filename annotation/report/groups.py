"""Groups of people over all items: effects by the mixed model, small groups pooled, two demographics crossed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Final, TypeAlias

import numpy as np
import pyarrow as pa

from annotation.agreement.crossed_laplace import Floats
from annotation.agreement.false_discovery import adjusted
from annotation.agreement.group_effects import Estimates, GroupEffects, JointTest, group_effects
from annotation.agreement.group_tally import Estimable
from annotation.agreement.intersections import MERGED, Crossed, crossed
from annotation.agreement.pooling import in_words, pooled
from annotation.agreement.rates import Grouping, rates
from annotation.report.asked import Asked, group_codes
from annotation.report.settings import ReportSettings
from annotation.report.tables import MERGED_LABEL, WITHHELD_LABEL, of_rows
from annotation.votes.coded_votes import CodedVotes

INTERSECTIONS = 3
"""Number of its source of draws."""
_UNCONVERGED: Final = "the model did not converge, so its figures cannot be used"


Effects: TypeAlias = dict[str, list[GroupEffects]]
"""By question, the effects of each demographic."""


def effects(votes: CodedVotes, questions: Sequence[Asked]) -> Effects:
    """Fit the models of each question that has a yes; one that did not converge gives no figures."""
    codes = [group_codes(trait) for trait in votes.demographics]
    told = [question for question in questions if question.has_yes and len(question.yes)]
    return {each.facts.id: [_usable(found) for found in group_effects(each.answers, codes)] for each in told}


def _usable(found: GroupEffects) -> GroupEffects:
    """Blank the figures of a model that did not converge: drawn, tested or pooled they would be taken for findings."""
    if found.converged:
        return found
    nothing = Estimates(*np.full((4, len(found.people)), np.nan))
    return replace(
        found,
        odds_ratio=nothing,
        odds_ratio_to_mean=nothing,
        rate=nothing,
        difference=nothing,
        difference_to_mean=nothing,
        test=JointTest(np.nan, 0, np.nan),
    )


def effects_table(votes: CodedVotes, found: Effects) -> pa.Table:
    """Return every category of every demographic, those without an estimate and the reason too."""
    p_values = np.array([each.test.p_value for of_question in found.values() for each in of_question])
    over_all = iter(adjusted(p_values, ~np.isnan(p_values)))
    rows: list[Mapping[str, object]] = []
    for question, of_question in found.items():
        for trait, each in zip(votes.demographics, of_question, strict=True):
            named = {"question": question, "demographic": trait.name}
            tested = {"p_value": each.test.p_value, "adjusted_p": next(over_all)}
            rows.extend(
                {**named, "category": category, **tested, **_effect(each, place)}
                for place, category in enumerate(trait.categories)
            )
    return of_rows("group_effects", rows)


def pooled_table(votes: CodedVotes, found: Effects) -> pa.Table:
    """Return differences to the mean of all people, small groups' pulled in."""
    rows: list[Mapping[str, object]] = []
    for question, of_question in found.items():
        for trait, each in zip(votes.demographics, of_question, strict=True):
            apart = each.difference_to_mean
            pulled = pooled(apart.value, apart.error)
            mean = each.rate.value - apart.value / 100
            rows.extend(
                {
                    "question": question,
                    "demographic": trait.name,
                    "category": category,
                    "people": each.people[place],
                    "rate": each.rate.value[place],
                    "pooled_rate": float(np.clip(mean[place] + pulled.value[place] / 100, 0, 1)),
                    "difference": apart.value[place],
                    "pooled_difference": pulled.value[place],
                    "low": pulled.low[place],
                    "high": pulled.high[place],
                    "own": pulled.own[place],
                    "words": in_words(category, int(each.people[place]), float(pulled.own[place])),
                }
                for place, category in enumerate(trait.categories)
            )
    return of_rows("pooled", rows)


def intersections_table(votes: CodedVotes, questions: Sequence[Asked], settings: ReportSettings) -> pa.Table:
    """Return raw rates of every two demographics crossed, where cells are large enough to speak of."""
    rows: list[Mapping[str, object]] = []
    for question in questions:
        if not question.has_yes or not len(question.yes):
            continue
        cells = list(_crossed(votes, question, settings))
        groupings = [Grouping(name, True, each.group.astype(np.int32), len(each.people)) for name, each, _ in cells]
        found = rates(question.ratings, question.yes, groupings, question.rng(INTERSECTIONS), settings.draws)
        for (name, each, labels), of_cells in zip(cells, found, strict=True):
            named = {"question": question.facts.id, "demographics": name}
            for label, rate in zip(labels, of_cells, strict=True):
                interval = rate.resampled.crossed
                told = {"rate": rate.share, "low": interval.low, "high": interval.high, "told": True}
                rows.append({**named, "groups": label, "people": rate.people, "votes": rate.votes, **told})
            if each.withheld:
                rows.append({**named, "groups": WITHHELD_LABEL, "people": each.withheld_people, "told": False})
    return of_rows("intersections", rows)


def _crossed(votes: CodedVotes, question: Asked, settings: ReportSettings) -> Iterator[tuple[str, Crossed, list[str]]]:
    """Yield the names of two demographics, their cells among the voters, and what each cell is called."""
    absent = np.ones(len(votes.annotators), dtype=np.bool_)
    absent[np.unique(question.ratings.annotator)] = False
    for one, other in combinations(votes.demographics, 2):
        first, second = (np.where(absent, -1, each.codes).astype(np.int64) for each in (one, other))
        found = crossed(first, second, least=settings.least_cell)
        seconds = [MERGED_LABEL if place == MERGED else other.categories[place] for place in found.second]
        labels = [f"{one.categories[place]} and {label}" for place, label in zip(found.first, seconds, strict=True)]
        yield f"{one.name} and {other.name}", found, labels


def _effect(found: GroupEffects, place: int) -> dict[str, object]:
    told = {
        "": found.rate,
        "difference": found.difference,
        "odds_ratio": found.odds_ratio,
        "difference_to_mean": found.difference_to_mean,
    }
    row: dict[str, object] = {}
    for name, each in told.items():
        row |= _spread(name, each, place)
    estimable = found.estimable[place]
    usable = estimable is Estimable.YES and found.converged
    reason = "" if usable else _UNCONVERGED if estimable is Estimable.YES else str(estimable)
    return row | {
        "is_reference": place == found.reference,
        "people": found.people[place],
        "votes": found.answers[place],
        "estimable": usable,
        "reason": reason,
    }


def _spread(name: str, found: Estimates, place: int) -> dict[str, Floats]:
    value = name or "rate"
    ends = (f"{name}_low", f"{name}_high") if name else ("low", "high")
    return {value: found.value[place], ends[0]: found.low[place], ends[1]: found.high[place]}
