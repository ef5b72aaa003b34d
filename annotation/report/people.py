"""Who took part, who is missing, and how far the people are from those they should speak for."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from annotation.agreement.crossed_laplace import Floats
from annotation.agreement.raking import Margin, Raked, rake
from annotation.agreement.representativeness import representativeness
from annotation.agreement.score_intervals import wilson_interval
from annotation.report.settings import Material, ReportSettings
from annotation.report.tables import UNSAID, made, of_rows
from annotation.votes.coded_votes import CodedVotes, Trait, participation
from valueprism_build.errors import BuildError


@dataclass(frozen=True, slots=True, eq=False)
class Weighting:
    """Weights of the people by a target population.

    Attributes:
        weights: shape (annotators,), of mean 1 over the voters.
        raked: how the weights came about, over the voters in their order.
        unreached: demographic and category of the target that no voter is of.
    """

    weights: Floats
    raked: Raked
    unreached: tuple[tuple[str, str], ...]


def voters(votes: CodedVotes) -> NDArray[np.intp]:
    """Return the places of the annotators with a vote."""
    if not votes.questions:
        return np.zeros(0, dtype=np.intp)
    return np.unique(np.concatenate([question.annotator for question in votes.questions])).astype(np.intp)


def participation_table(material: Material, votes: CodedVotes) -> pa.Table:
    """Count people, items and rows, those that are in no other table too."""
    found = participation(votes)
    excluded = {each.annotator_id for each in material.exclusions}
    repeats = sum(len(question.repeats.item) for question in votes.questions)
    counts = {
        "people who voted": found.voted,
        "people of the list without a vote": found.silent - len(excluded.intersection(votes.annotators)),
        "voters whom the list of people lacks": found.unlisted,
        "voters of whom no demographic is known": found.undescribed,
        "people excluded": len(excluded),
        "items": len(votes.items),
        "items without a vote": found.unanswered,
        "votes": found.votes,
        "answers given once more": repeats,
        "answers in people's own words": sum(material.unread.values()) + sum(len(each.code) for each in material.read),
        "rows refused": len(material.gathered.rejected),
    }
    return made("participation", {"what": list(counts), "count": list(counts.values())})


def refused_tables(material: Material) -> dict[str, pa.Table]:
    """Return what did not fit, row by row and counted by rule."""
    rejected = material.gathered.rejected
    counts = Counter(each.rule for each in rejected)
    rows = {
        "subject": [each.subject_id for each in rejected],
        "rule": [each.rule for each in rejected],
        "detail": [each.detail for each in rejected],
    }
    return {
        "refused": made("refused", rows),
        "refused_counts": made("refused_counts", {"rule": list(counts), "count": list(counts.values())}),
    }


def people_table(votes: CodedVotes, target: Mapping[str, Mapping[str, float]], weights: Floats | None) -> pa.Table:
    """Count the voters by category, beside the target's share.

    Args:
        votes: those that count.
        target: shares by demographic and category.
        weights: shape (annotators,), None without a target.
    """
    present = voters(votes)
    each_gave = sum(np.bincount(question.annotator, minlength=len(votes.annotators)) for question in votes.questions)
    gave = np.broadcast_to(each_gave, (len(votes.annotators),))
    rows: list[Mapping[str, object]] = []
    for trait in votes.demographics:
        group, size = trait.codes[present], len(trait.categories)
        people = np.bincount(group[group >= 0], minlength=size)
        share = wilson_interval(people, np.full(size, people.sum()))
        shares = target.get(trait.name, {})
        for place, category in enumerate((*trait.categories, UNSAID)):
            inside = present[group == (place if place < size else -1)]
            row = {"demographic": trait.name, "category": category, "people": len(inside), "votes": gave[inside].sum()}
            if place < size:
                interval = {"share": share.value[place], "share_low": share.low[place], "share_high": share.high[place]}
                row |= {**interval, "target_share": shares.get(category)}
            rows.append(row | {"weight": weights[inside].mean() if weights is not None and len(inside) else None})
        empty = [category for category in shares if category not in trait.categories]
        rows.extend(
            {"demographic": trait.name, "category": each, "people": 0, "votes": 0, "target_share": shares[each]}
            for each in empty
        )
    return of_rows("people", rows)


def representativeness_table(votes: CodedVotes, target: Mapping[str, Mapping[str, float]]) -> pa.Table:
    """Return how far the voters are from the target, one demographic a row."""
    present = voters(votes)
    rows: list[Mapping[str, object]] = []
    for trait in _of_target(votes, target):
        found = representativeness(_margin(trait, present, target[trait.name]))
        rows.append(
            {
                "demographic": trait.name,
                "people": int(found.people.sum()),
                "unsaid": found.unsaid,
                "dissimilarity": found.dissimilarity,
                "p_value": found.p_value,
                "least_expected": found.least_expected,
            }
        )
    return of_rows("representativeness", rows)


def weighting(votes: CodedVotes, settings: ReportSettings) -> Weighting | None:
    """Return weights by which the voters are as the target is; None without a target or voters.

    Raises:
        BuildError: the target names a demographic that there is none of, or nobody is of any of its categories.
    """
    present, target = voters(votes), settings.target
    if not target or not len(present):
        return None
    traits = _of_target(votes, target)
    margins = [_margin(trait, present, target[trait.name]) for trait in traits]
    for trait, margin in zip(traits, margins, strict=True):
        if not np.isin(margin.group, np.flatnonzero(margin.share > 0)).any():
            raise BuildError(
                f"nobody who voted is of a category of {trait.name!r} that the target names; "
                f"people are {', '.join(trait.categories[:10])}: spell the target's categories so"
            )
    raked = rake(margins, len(present), cap=settings.cap)
    weights = np.ones(len(votes.annotators))
    weights[present] = raked.weights
    unreached = tuple(
        (trait.name, _categories(trait, target[trait.name])[place])
        for trait, places in zip(traits, raked.unreached, strict=True)
        for place in places
    )
    return Weighting(weights, raked, unreached)


def _of_target(votes: CodedVotes, target: Mapping[str, Mapping[str, float]]) -> list[Trait]:
    by_name = {trait.name: trait for trait in votes.demographics}
    unknown = sorted(set(target) - set(by_name))
    if unknown:
        raise BuildError(
            f"the target names demographic {unknown[0]!r}; the people have {', '.join(by_name) or 'none'}: "
            "rename it, or take it out"
        )
    return [by_name[name] for name in target]


def _categories(trait: Trait, shares: Mapping[str, float]) -> Sequence[str]:
    """Return the people's categories, then those that only the target has."""
    return [*trait.categories, *(each for each in shares if each not in trait.categories)]


def _margin(trait: Trait, present: NDArray[np.intp], shares: Mapping[str, float]) -> Margin:
    share = np.array([shares.get(category, np.nan) for category in _categories(trait, shares)])
    return Margin(trait.codes[present].astype(np.int64), share)
