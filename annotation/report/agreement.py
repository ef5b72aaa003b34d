"""Raw rates and coefficients of agreement, of all votes and of the votes on each kind of item."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pyarrow as pa

from annotation.agreement.coefficients import estimates
from annotation.agreement.cohen_kappa import cohen_kappa_interval, paired
from annotation.agreement.crossed_laplace import Floats
from annotation.agreement.raking import weighted_share
from annotation.agreement.rates import Grouping, Rate, everything, rates
from annotation.agreement.ratings import Ratings
from annotation.agreement.resampling import Estimate
from annotation.agreement.weighting import Weighting, agreement_weights
from annotation.report.asked import Asked, item_groupings, people_groupings
from annotation.report.settings import ReportSettings
from annotation.report.tables import ALL, of_rows
from annotation.votes.coded_votes import CodedVotes

RATES, COEFFICIENTS, COHEN = 0, 1, 2
"""Numbers of their sources of draws."""


def rates_table(
    votes: CodedVotes, questions: Sequence[Asked], settings: ReportSettings, weights: Floats | None
) -> pa.Table:
    """Return the raw rate of a yes: over all, by trait of the items, by demographic of the people.

    Args:
        votes: those that count.
        questions: of which those without a yes are not in it.
        settings: the draws.
        weights: of the people, shape (annotators,), None without a target population.
    """
    names = [(), *(each.categories for each in votes.traits), *(each.categories for each in votes.demographics)]
    rows: list[Mapping[str, object]] = []
    for question in questions:
        if not question.has_yes or not len(question.yes):
            continue
        groupings = [everything(question.ratings), *item_groupings(votes), *people_groupings(votes)]
        found = rates(question.ratings, question.yes, groupings, question.rng(RATES), settings.draws)
        for grouping, categories, of_groups in zip(groupings, names, found, strict=True):
            for group, rate in enumerate(of_groups):
                if not rate.votes and not grouping.of_people:
                    continue  # a question about situations has no votes on types of items
                row = _rate(question, grouping, categories[group] if categories else ALL, rate)
                rows.append(row | _weighted(question, grouping, group, weights))
    return of_rows("rates", rows)


def coefficients_table(votes: CodedVotes, questions: Sequence[Asked], settings: ReportSettings) -> pa.Table:
    """Return every coefficient that suits each scale, over all items and by their traits."""
    rows: list[Mapping[str, object]] = []
    for question in questions:
        scale, rng = question.votes.scale, question.rng(COEFFICIENTS)
        for by, group, ratings in _parts(votes, question):
            found = estimates(ratings, scale.level, scale.values, rng, settings.draws)
            told = {name: each.crossed for name, each in found.items()} | _cohen(question, ratings, settings)
            sizes = {
                "items": len(np.unique(ratings.item)),
                "people": len(np.unique(ratings.annotator)),
                "votes": len(ratings.code),
            }
            named = {"question": question.facts.id, "by": by, "group": group, **sizes}
            rows.extend({**named, "coefficient": name, **_interval(each)} for name, each in told.items())
    return of_rows("coefficients", rows)


def _parts(votes: CodedVotes, question: Asked) -> Iterator[tuple[str, str, Ratings]]:
    """Yield trait, category and votes of each group of items that has votes."""
    if len(question.ratings.code):
        yield ALL, ALL, question.ratings
    for trait in votes.traits:
        for place, category in enumerate(trait.categories):
            part = question.ratings.where(trait.codes[question.ratings.item] == place)
            if len(part.code):
                yield trait.name, category, part


def _cohen(question: Asked, ratings: Ratings, settings: ReportSettings) -> dict[str, Estimate]:
    """Return Cohen's kappa where there are two people, whom it is defined for."""
    people = np.unique(ratings.annotator)
    if len(people) != 2:
        return {}
    table = paired(ratings, int(people[0]), int(people[1]))
    identity = agreement_weights(Weighting.IDENTITY, question.votes.scale.values)
    return {"cohen_kappa": cohen_kappa_interval(table, identity, question.rng(COHEN), settings.draws)}


def _interval(estimate: Estimate) -> dict[str, object]:
    return {"value": estimate.value, "low": estimate.low, "high": estimate.high, "undefined": estimate.undefined}


def _rate(question: Asked, grouping: Grouping, group: str, rate: Rate) -> dict[str, object]:
    drawn = rate.resampled
    kinds = {"": drawn.crossed, "wilson_": rate.wilson, "by_items_": drawn.by_items, "by_people_": drawn.by_people}
    ends = {f"{kind}{end}": getattr(each, end) for kind, each in kinds.items() for end in ("low", "high")}
    of = "people" if grouping.of_people else "items"
    return {
        "question": question.facts.id,
        "answer": " or ".join(question.facts.yes),
        "of": of if grouping.name else ALL,
        "by": grouping.name or ALL,
        "group": group,
        "votes": rate.votes,
        "people": rate.people,
        "items": rate.items,
        "rate": rate.share,
        **ends,
    }


def _weighted(question: Asked, grouping: Grouping, group: int, weights: Floats | None) -> dict[str, object]:
    if weights is None:
        return {}
    ratings = question.ratings
    inside = grouping.code[ratings.annotator if grouping.of_people else ratings.item] == group
    if not inside.any():
        return {}
    answers = question.answers
    part = answers._replace(person=answers.person[inside], item=answers.item[inside], yes=answers.yes[inside])
    found = weighted_share(part, weights)
    return {
        "plain_low": found.low,
        "plain_high": found.high,
        "weighted_rate": found.weighted,
        "weighted_low": found.weighted_low,
        "weighted_high": found.weighted_high,
    }
