"""The approximation for large studies, against Laplace's likelihood where both can be had."""

import numpy as np
import pytest

from annotation.agreement.crossed_laplace import Answers, Floats
from annotation.agreement.crossed_logistic import LEAST_SD, fit
from annotation.agreement.crossed_pql import fit_large
from annotation.agreement.group_effects import group_effects
from annotation.agreement.group_tally import GroupCodes
from annotation.simulation import ORIGINAL, simulate


def studied() -> tuple[Answers, Floats]:
    """Return the study of original size and a design of the three groups of politics, the unsaid with the first."""
    study = simulate(ORIGINAL, np.random.default_rng(1))
    group = np.maximum(study.groups[3], 0)
    design = np.column_stack([np.ones(len(group)), group == 1, group == 2]).astype(float)
    return study.answers, design


def test_estimates_and_errors_are_nearly_those_of_the_likelihood() -> None:
    answers, design = studied()
    exact, near = fit(answers, design), fit_large(answers, design)
    errors = np.sqrt(np.diag(exact.covariance))
    assert near.converged
    # Less than a fifth of its standard error from the maximum in every coefficient, deviations within 2 %. Without the
    # correction the constant of 2.03 would be a twentieth too small, which is 1.5 standard errors.
    assert (np.abs(near.coefficients - exact.coefficients) < 0.2 * errors[:3]).all()
    assert near.sds == pytest.approx(exact.sds, rel=0.02)
    assert np.sqrt(np.diag(near.covariance))[:3] == pytest.approx(errors[:3], rel=0.03)
    assert near.covariance[1, 2] == pytest.approx(exact.covariance[1, 2], rel=0.06)


def test_people_who_do_not_vary_get_the_least_deviation() -> None:
    rng = np.random.default_rng(0)
    person, item = np.repeat(np.arange(200), 40), np.tile(np.arange(40), 200)
    yes = (rng.random(8000) < 1 / (1 + np.exp(-rng.standard_normal(40)[item]))).astype(float)
    found = fit_large(Answers(person, item, yes, 200, 40), np.ones((200, 1)))
    assert found.sds[0] < 0.1
    assert found.sds[0] >= LEAST_SD


def test_group_effects_of_a_large_study_are_nearly_the_same() -> None:
    study = simulate(ORIGINAL, np.random.default_rng(2))
    codes = [GroupCodes(study.groups[place], len(ORIGINAL.demographics[place].shares)) for place in (2, 7)]
    exact = group_effects(study.answers, codes)
    near = group_effects(study.answers, codes, crossed_at_most=100)
    for one, other in zip(exact, near, strict=True):
        assert other.difference.value == pytest.approx(one.difference.value, abs=0.1)  # percentage points
        assert other.difference.error == pytest.approx(one.difference.error, rel=0.03)
        assert other.rate.value == pytest.approx(one.rate.value, abs=0.002)
        # Wald's statistic and the likelihood ratio are equal to first order.
        assert other.test.statistic == pytest.approx(one.test.statistic, rel=0.1)
        assert other.converged


def test_people_with_one_answer_each_are_given_no_deviation() -> None:
    rng = np.random.default_rng(0)
    item = rng.integers(10, size=3000)
    yes = (rng.random(3000) < 1 / (1 + np.exp(-rng.standard_normal(10)[item]))).astype(float)
    found = fit_large(Answers(np.arange(3000), item, yes, 3000, 10), np.ones((3000, 1)))
    # No two answers of one person tell how alike they are.
    assert (found.sds[0], found.held[0]) == (LEAST_SD, True)
    assert found.converged


def test_many_votes_of_few_people_are_left_to_it_as_well() -> None:
    study = simulate(ORIGINAL, np.random.default_rng(2))
    codes = [GroupCodes(study.groups[2], 2)]
    [near] = group_effects(study.answers, codes, votes_at_most=1000)
    [same] = group_effects(study.answers, codes, crossed_at_most=1)
    assert near.test == same.test
