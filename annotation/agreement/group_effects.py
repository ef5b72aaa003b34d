"""Do groups of people agree to a different degree, over all items? One demographic, one mixed-effects logistic model.

Log-odds of a yes = constant + effect of the group + random intercepts of person and item, crossed (Baayen, Davidson &
Bates, "Mixed-effects modeling with crossed random effects for subjects and items", J. Mem. Lang. 2008). That the groups
do not differ is tested by the likelihood ratio; intervals are Wald's with Student's t of people - groups degrees of
freedom, for groups are made of people, not of answers (Pinheiro & Bates, "Mixed-Effects Models in S and S-PLUS", 2000,
section 2.4.2).
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

import numpy as np
from scipy.special import expit, logit
from scipy.stats import chi2, t
from threadpoolctl import threadpool_limits

from annotation.agreement.crossed_laplace import Answers, Floats, Ints
from annotation.agreement.crossed_logistic import Fit, fit
from annotation.agreement.marginal import marginal_rates


class Estimable(StrEnum):
    """Whether a group's effect can be told."""

    YES = "yes"
    NOBODY = "nobody of the group answered"
    SEPARATED = "the group gave one answer only, so its odds have no estimate"


class Estimates(NamedTuple):
    """One figure for each category, NaN where there is none, with its interval.

    Attributes:
        value: shape (categories,); likewise the ends of the interval.
        error: standard error; of an odds ratio and of a rate, on the scale of log-odds.
    """

    value: Floats
    low: Floats
    high: Floats
    error: Floats


class JointTest(NamedTuple):
    """A likelihood-ratio test that all groups agree to the same degree."""

    statistic: float
    degrees: int
    p_value: float


@dataclass(frozen=True, slots=True)
class GroupEffects:
    """What one demographic has to do with agreement.

    Attributes:
        reference: the category that others are compared with.
        people: shape (categories,), who answered at least once; likewise `answers`.
        estimable: one for each category.
        unsaid_people: people who answered but said no category; their `unsaid_answers` are not in the model.
        odds_ratio: against the reference, of a person and an item given; the reference's is 1 without interval.
        odds_ratio_to_mean: against the mean log-odds of all people in the model.
        rate: expected share of yes (`marginal.py`), 0 to 1.
        difference: of the rate to the reference's, in percentage points.
        difference_to_mean: of the rate to the mean rate of all people in the model, in percentage points.
        test: likelihood-ratio statistic, its degrees of freedom and p-value; NaN, 0, NaN with fewer than two groups.
        sds: standard deviations of people and of items on the scale of log-odds; NaN without a model.
        converged: whether the figures can be used; False too where there is no model.
    """

    reference: int
    people: Ints
    answers: Ints
    estimable: tuple[Estimable, ...]
    unsaid_people: int
    unsaid_answers: int
    odds_ratio: Estimates
    odds_ratio_to_mean: Estimates
    rate: Estimates
    difference: Estimates
    difference_to_mean: Estimates
    test: JointTest
    sds: tuple[float, float]
    converged: bool


def group_effects(
    answers: Answers, group: Ints, categories: int, *, reference: int | None = None, level: float = 0.95
) -> GroupEffects:
    """Fit the model of one demographic.

    Args:
        answers: of all people.
        group: shape (people,), category 0 to categories - 1, or -1 where it was not said.
        categories: how many there are, with those that nobody is of.
        reference: a category; if none is given or it cannot be estimated, the one of the most people that can be.
        level: of the intervals.
    """
    said = group[answers.person] >= 0
    of_answer = group[answers.person[said]]
    counts = np.bincount(of_answer, minlength=categories)
    yes = np.bincount(of_answer, answers.yes[said], categories)
    answering = np.unique(answers.person)
    people = np.bincount(group[answering][group[answering] >= 0], minlength=categories)
    estimable = tuple(_estimable(int(n), float(k)) for n, k in zip(counts, yes, strict=True))
    kept = np.flatnonzero([each is Estimable.YES for each in estimable])
    chosen = reference if reference in kept else int(kept[people[kept].argmax()]) if len(kept) else -1
    model = _Model.fitted(answers, group, kept, chosen, people) if len(kept) else None
    nothing = Estimates(*np.full((4, categories), np.nan))
    figures = _figures(model, kept, categories, level) if model else _Figures(*[nothing] * 5)
    return GroupEffects(
        reference=chosen,
        people=people,
        answers=counts,
        estimable=estimable,
        unsaid_people=int((group[answering] < 0).sum()),
        unsaid_answers=int((~said).sum()),
        **figures._asdict(),
        test=model.test if model else JointTest(np.nan, 0, np.nan),
        sds=model.full.sds if model else (np.nan, np.nan),
        converged=model is not None and model.full.converged,
    )


def _estimable(answers: int, yes: float) -> Estimable:
    if answers == 0:
        return Estimable.NOBODY
    return Estimable.YES if 0 < yes < answers else Estimable.SEPARATED


class _Model(NamedTuple):
    """The fit of the estimable categories.

    Attributes:
        profiles: shape (kept, kept), each category's row of the design: the constant, then one column for each category
            but the reference.
        weights: shape (kept,), each category's share of the people.
        freedom: people less groups, at least one.
    """

    full: Fit
    test: JointTest
    profiles: Floats
    reference: int
    weights: Floats
    freedom: int

    @classmethod
    def fitted(cls, answers: Answers, group: Ints, kept: Ints, reference: int, people: Ints) -> "_Model":
        place = np.full(group.max() + 2, -1)  # the last is what the code -1 finds
        place[kept] = np.arange(len(kept))
        modelled = _only(answers, place[group] >= 0)
        at = int(place[reference])
        profiles = np.column_stack([np.ones(len(kept)), np.delete(np.eye(len(kept)), at, axis=1)])
        design = profiles[place[group[modelled.people_kept]]]
        with threadpool_limits(1):  # a second thread slows matrices of this size down when another program runs
            none = fit(modelled.answers, design[:, :1])
            full = fit(modelled.answers, design, start=none) if len(kept) > 1 else none
        statistic = max(0.0, 2 * (full.log_likelihood - none.log_likelihood))
        degrees = len(kept) - 1
        test = (
            JointTest(statistic, degrees, float(chi2.sf(statistic, degrees)))
            if degrees
            else JointTest(np.nan, 0, np.nan)
        )
        total = people[kept].sum()
        return cls(full, test, profiles, at, people[kept] / total, max(1, int(total) - len(kept)))


class _Kept(NamedTuple):
    answers: Answers
    people_kept: Ints


def _only(answers: Answers, person_kept: np.ndarray) -> _Kept:  # type: ignore[type-arg]
    """Return the answers of some people, with people and items numbered anew so that each has an answer."""
    rows = person_kept[answers.person]
    people, person = np.unique(answers.person[rows], return_inverse=True)
    items, item = np.unique(answers.item[rows], return_inverse=True)
    return _Kept(Answers(person, item, answers.yes[rows], len(people), len(items)), people)


class _Figures(NamedTuple):
    """Figures of all categories, in the order of `GroupEffects`."""

    odds_ratio: Estimates
    odds_ratio_to_mean: Estimates
    rate: Estimates
    difference: Estimates
    difference_to_mean: Estimates


def _figures(model: _Model, kept: Ints, categories: int, level: float) -> _Figures:
    rate, slopes = marginal_rates(model.full, model.profiles)
    wide = float(t.ppf((1 + level) / 2, model.freedom))

    def against(rows: Floats, *, to_mean: bool) -> Floats:
        compared: Floats = rows - (model.weights @ rows if to_mean else rows[model.reference])
        return compared

    def odds(*, to_mean: bool) -> Estimates:
        contrasts = np.column_stack([against(model.profiles, to_mean=to_mean), np.zeros((len(kept), 2))])
        logs, errors = contrasts[:, :-2] @ model.full.coefficients, _errors(contrasts, model.full.covariance)
        return spread(np.exp(logs), np.exp(logs - wide * errors), np.exp(logs + wide * errors), errors)

    def points(*, to_mean: bool) -> Estimates:
        values = 100 * against(rate[:, None], to_mean=to_mean)[:, 0]
        errors = 100 * _errors(against(slopes, to_mean=to_mean), model.full.covariance)
        return spread(values, values - wide * errors, values + wide * errors, errors)

    def spread(*figures: Floats) -> Estimates:
        wider = np.full((4, categories), np.nan)
        wider[:, kept] = figures
        return Estimates(*wider)

    errors = _errors(slopes, model.full.covariance) / (rate * (1 - rate))
    rates = spread(rate, expit(logit(rate) - wide * errors), expit(logit(rate) + wide * errors), errors)
    return _Figures(odds(to_mean=False), odds(to_mean=True), rates, points(to_mean=False), points(to_mean=True))


def _errors(slopes: Floats, covariance: Floats) -> Floats:
    errors: Floats = np.sqrt(np.einsum("gi,ij,gj->g", slopes, covariance, slopes))
    return errors
