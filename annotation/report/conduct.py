"""How people went about it, who is left out, whose perspective is missing, and what a look on the way allows."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import pyarrow as pa

from annotation.agreement.crossed_laplace import Floats
from annotation.agreement.group_effects import GroupEffects
from annotation.agreement.missing_perspective import MissingPerspective, Protocol, missing_perspectives
from annotation.agreement.rates import Grouping, everything
from annotation.agreement.sequential import looks
from annotation.quality import conduct
from annotation.report.asked import Asked, people_groupings
from annotation.report.groups import Effects
from annotation.report.settings import Gold, Material, ReportSettings
from annotation.report.tables import ALL, made, of_rows
from annotation.votes.coded_votes import CodedVotes

MISSING: Final = 6
"""Number of its source of draws."""
NO_GOLD: Final = Gold(0, 0)


def quality_table(material: Material) -> pa.Table:
    """Measure everybody on every question they voted on, those who are excluded too."""
    votes, tables = material.gathered.votes, []
    for question in votes.questions:
        found = conduct(question, len(votes.annotators))
        some = np.flatnonzero(found.votes)
        people = [votes.annotators[place] for place in some]
        gold = [material.gold.get((each, question.question), NO_GOLD) for each in people]
        columns = {name: getattr(found, name)[some] for name in found._fields}
        told = {"annotator_id": people, "question": [question.question] * len(some)}
        right = {"gold": [each.asked for each in gold], "gold_right": [each.right for each in gold]}
        tables.append(made("quality", {**columns, **told, **right}))
    return pa.concat_tables(tables).unify_dictionaries() if tables else of_rows("quality", [])


def exclusions_table(material: Material) -> pa.Table:
    """Return who is left out, why, and how many votes that takes away."""
    votes = material.gathered.votes
    gave = np.zeros(len(votes.annotators), dtype=np.int64)
    for question in votes.questions:
        gave += np.bincount(question.annotator, minlength=len(gave))
    place = {annotator: number for number, annotator in enumerate(votes.annotators)}
    rows: list[Mapping[str, object]] = [
        {
            "annotator_id": each.annotator_id,
            "rule": each.rule,
            "detail": each.detail,
            "votes": gave[place[each.annotator_id]] if each.annotator_id in place else 0,
        }
        for each in material.exclusions
    ]
    return of_rows("exclusions", rows)


def missing_table(votes: CodedVotes, questions: Sequence[Asked], settings: ReportSettings) -> pa.Table:
    """Return how many say that their perspective is missing, protocol by protocol."""
    rows: list[Mapping[str, object]] = []
    for question in questions:
        if question.facts.id not in settings.missing or not len(question.yes):
            continue
        protocol = Protocol(settings.missing[question.facts.id], question.ratings, question.yes)
        groupings = [everything(question.ratings), *people_groupings(votes)]
        categories = {trait.name: trait.categories for trait in votes.demographics}
        by_name = {grouping.name: grouping for grouping in groupings}
        for each in missing_perspectives([protocol], groupings, question.rng(MISSING), settings.draws):
            group = categories[each.grouping][each.group] if each.grouping else ALL
            rows.append(_missing(question, by_name[each.grouping], each) | {"group": group})
    return of_rows("missing_perspective", rows)


def looks_table(votes: CodedVotes, found: Effects, settings: ReportSettings) -> pa.Table:
    """Return where the boundary is at each look, and whether a category has crossed it now.

    The error is shared by the categories of a demographic (Bonferroni); of two, one contrast tells both.
    """
    rows: list[Mapping[str, object]] = []
    for question, of_question in found.items() if settings.looks else ():
        for trait, each in zip(votes.demographics, of_question, strict=True):
            statistics = _statistics(each)
            contrasts = int((~np.isnan(statistics)).sum())
            planned = looks(
                settings.looks, alpha=settings.rate / max(1, contrasts - (contrasts == 2)), spending=settings.spending
            )
            for place, category in enumerate(trait.categories):
                for number, look in enumerate(planned, start=1):
                    now = number == len(planned)
                    z = float(statistics[place]) if now else np.nan
                    rows.append(
                        {
                            "question": question,
                            "demographic": trait.name,
                            "category": category,
                            "look": number,
                            "information": look.fraction,
                            "statistic": z,
                            "boundary": look.boundary,
                            "decision": _decision(z, look.boundary, look.fraction) if now else "an earlier look",
                        }
                    )
    return of_rows("looks", rows)


def _statistics(found: GroupEffects) -> Floats:
    """Return each category's difference to the mean of all people over its standard error, NaN without a model."""
    apart = found.difference_to_mean
    usable = found.converged & (np.nan_to_num(apart.error) > 0)
    statistics: Floats = np.divide(apart.value, apart.error, out=np.full(len(apart.value), np.nan), where=usable)
    return statistics


def _decision(statistic: float, boundary: float, fraction: float) -> str:
    if np.isnan(statistic):
        return "no estimate"
    if abs(statistic) >= boundary:
        return "different: may stop"
    return "go on" if fraction < 1 else "not shown"


def _missing(question: Asked, grouping: Grouping, found: MissingPerspective) -> dict[str, object]:
    ratings, rate = question.ratings, found.answers
    inside = grouping.code[ratings.annotator if grouping.of_people else ratings.item] == found.group
    interval = rate.resampled.crossed
    people = len(np.unique(ratings.annotator[inside]))
    return {
        "protocol": found.protocol,
        "question": question.facts.id,
        "demographic": found.grouping or ALL,
        "people": people,
        "asked": people,
        "said_missing": len(np.unique(ratings.annotator[inside & question.yes])),
        "rate": found.ever.value,
        "low": found.ever.low,
        "high": found.ever.high,
        "answers": rate.votes,
        "answer_rate": rate.share,
        "answer_low": interval.low,
        "answer_high": interval.high,
    }
