"""Do groups of people agree to a different degree, over all items? One demographic, one mixed-effects logistic model.

Log-odds of a yes = constant + effect of the group + random intercepts of person and item, crossed (Baayen, Davidson &
Bates, "Mixed-effects modeling with crossed random effects for subjects and items", J. Mem. Lang. 2008). That the groups
do not differ is tested by the likelihood ratio, intervals are Wald's; the one takes its p-value from F, the others
their width from Student's t, with people - groups degrees of freedom: groups are made of people, not of answers, and
with few people chi-squared and the normal distribution call too much a difference (Pinheiro & Bates, "Mixed-Effects
Models in S and S-PLUS", 2000, section 2.4.2). A study with many people and many items is fitted by quasi-likelihood
(`crossed_pql.py`), which has no likelihood ratio: there the test is Wald's, too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.special import expit, logit
from scipy.stats import f, t
from threadpoolctl import threadpool_limits

from annotation.agreement.crossed_laplace import Answers, CrossedLaplace, Floats, Ints
from annotation.agreement.crossed_logistic import Climb, Fit, fit, maximised
from annotation.agreement.crossed_pql import CROSSED_AT_MOST, VOTES_AT_MOST, fit_large
from annotation.agreement.group_tally import Estimable, GroupCodes, Tally, only, tallied
from annotation.agreement.marginal import marginal_rates


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
    """That all groups agree to the same degree, by likelihood ratio or Wald; `statistic / degrees` is referred to F."""

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
        test: its statistic, degrees of freedom and p-value; NaN, 0, NaN with fewer than two groups.
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
    answers: Answers,
    demographics: Sequence[GroupCodes],
    *,
    level: float = 0.95,
    crossed_at_most: int = CROSSED_AT_MOST,
    votes_at_most: int = VOTES_AT_MOST,
) -> list[GroupEffects]:
    """Fit one model for each demographic.

    Args:
        answers: of all people.
        demographics: each with the groups of the same people.
        level: of the intervals.
        crossed_at_most: with more people and more items than this, the model is fitted by quasi-likelihood.
        votes_at_most: and so it is with more votes than this.
    """
    found, start, most = [], None, _Most(crossed_at_most, votes_at_most)
    with threadpool_limits(1):  # a second thread slows matrices of this size down when another program runs
        for each in demographics:
            tally = tallied(answers, each)
            model = _fitted(answers, each.group, tally, start, most) if len(tally.kept) else None
            start = model.without if model and model.without else start
            found.append(_effects(tally, each.categories, model, level))
    return found


def is_large(answers: Answers) -> bool:
    """Return whether a study is fitted by quasi-likelihood, if nothing else is asked for."""
    return _Most(CROSSED_AT_MOST, VOTES_AT_MOST).exceeded(answers)


class _Most(NamedTuple):
    """What is left to Laplace's likelihood."""

    crossed: int
    votes: int

    def exceeded(self, answers: Answers) -> bool:
        """Return whether a study is too large for it."""
        return min(answers.people, answers.items) > self.crossed or len(answers.yes) > self.votes


class _Model(NamedTuple):
    """The fit of the categories that can be estimated.

    Attributes:
        full: the model with groups; `without` them, where its likelihood is greatest; None of a large study.
        profiles: shape (kept, kept), each category's row of the design: the constant, then one column for each category
            but the reference.
        reference: its place among the kept.
        weights: shape (kept,), each category's share of the people.
        freedom: people less groups, at least one.
    """

    full: Fit
    without: Climb | None
    profiles: Floats
    reference: int
    weights: Floats
    freedom: int


def _fitted(answers: Answers, group: Ints, tally: Tally, start: Climb | None, most: _Most) -> _Model:
    kept = tally.kept
    place = np.full(len(tally.people) + 1, -1)  # the last is what the code -1 finds
    place[kept] = np.arange(len(kept))
    modelled = only(answers, place[group] >= 0)
    reference = int(place[tally.reference])
    profiles = np.column_stack([np.ones(len(kept)), np.delete(np.eye(len(kept)), reference, axis=1)])
    design = profiles[place[group[modelled.people_kept]]]
    without = None
    if most.exceeded(modelled.answers):
        full = fit_large(modelled.answers, design)
    else:
        constant = design[:, :1]
        without = maximised(CrossedLaplace(modelled.answers, constant), modelled.answers, constant, start=start)
        full = fit(modelled.answers, design, start=without)
    people = tally.people[kept]
    return _Model(full, without, profiles, reference, people / people.sum(), max(1, int(people.sum()) - len(kept)))


def _tested(model: _Model) -> JointTest:
    degrees = len(model.weights) - 1
    if not degrees:
        return JointTest(np.nan, 0, np.nan)
    if model.without is None:
        apart, covariance = model.full.coefficients[1:], model.full.covariance[1 : degrees + 1, 1 : degrees + 1]
        statistic = float(apart @ np.linalg.solve(covariance, apart))
    else:
        statistic = max(0.0, 2 * (model.full.log_likelihood - model.without.log_likelihood))
    return JointTest(statistic, degrees, float(f.sf(statistic / degrees, degrees, model.freedom)))


def _effects(tally: Tally, categories: int, model: _Model | None, level: float) -> GroupEffects:
    nothing = Estimates(*np.full((4, categories), np.nan))
    figures = _figures(model, tally.kept, categories, level) if model else _Figures(*[nothing] * 5)
    return GroupEffects(
        *tally[:-1],
        *figures,
        test=_tested(model) if model else JointTest(np.nan, 0, np.nan),
        sds=model.full.sds if model else (np.nan, np.nan),
        converged=model is not None and model.full.converged,
    )


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
