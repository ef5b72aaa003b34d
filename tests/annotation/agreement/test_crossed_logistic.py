import numpy as np
import pytest

from annotation.agreement.crossed_laplace import Answers
from annotation.agreement.crossed_logistic import LEAST_SD, Climb, fit
from tests.annotation.agreement.crossed_answers import small_study

SMALL = small_study()


def test_a_fit_agrees_with_gpboost() -> None:
    # gpboost 1.8.0, GPModel(group_data=[person, item], likelihood="bernoulli_logit",
    # matrix_inversion_method="cholesky"), optimizer_cov="lbfgs", delta_rel_conv=1e-12, on the same 1,440 answers:
    # coefficients 1.29730669, 0.4709917, -0.72208893; variances 0.71076116, 1.29051242;
    # standard errors 0.28842541, 0.32081495, 0.31245455; negative log-likelihood 753.9423499909.
    found = fit(SMALL.answers, SMALL.design)
    assert found.converged
    assert found.coefficients == pytest.approx([1.29730669, 0.4709917, -0.72208893], abs=1e-4)
    assert np.array(found.sds) ** 2 == pytest.approx([0.71076116, 1.29051242], abs=1e-4)
    assert found.log_likelihood == pytest.approx(-753.9423499909, abs=1e-5)
    # The two make different approximations of the second derivatives.
    assert np.sqrt(np.diag(found.covariance))[:3] == pytest.approx([0.28842541, 0.32081495, 0.31245455], rel=0.02)


def test_a_fit_without_covariates_agrees_with_gpboost() -> None:
    # As above, with the constant alone: 1.21535889, 0.95829105, 1.29548384, 760.5559073366.
    found = fit(SMALL.answers, SMALL.design[:, :1])
    assert found.coefficients == pytest.approx([1.21535889], abs=1e-3)
    assert np.array(found.sds) ** 2 == pytest.approx([0.95829105, 1.29548384], abs=2e-3)
    assert found.log_likelihood == pytest.approx(-760.5559073366, abs=1e-4)


def test_a_fit_does_not_depend_on_which_factor_is_called_people() -> None:
    constant = SMALL.design[:, :1]
    turned = SMALL.answers._replace(
        person=SMALL.answers.item, item=SMALL.answers.person, people=SMALL.answers.items, items=SMALL.answers.people
    )
    one, other = fit(SMALL.answers, constant), fit(turned, np.ones((SMALL.answers.items, 1)))
    assert other.log_likelihood == pytest.approx(one.log_likelihood, abs=1e-5)
    assert other.sds == pytest.approx(one.sds[::-1], abs=1e-3)


def test_people_who_do_not_vary_have_no_deviation() -> None:
    # Everyone says yes to the even items and no to the odd ones but for one slip each: people are all alike.
    person, item = (each.ravel() for each in np.indices((20, 20)))
    yes = ((item % 2 == 0) ^ (item == person)).astype(float)
    found = fit(Answers(person, item, yes, 20, 20), np.ones((20, 1)))
    assert found.converged
    assert found.held == (True, False)
    assert found.sds[0] == pytest.approx(LEAST_SD)
    assert found.covariance[1].tolist() == [0, 0, 0]


def test_a_start_without_variation_does_not_hold_it_there() -> None:
    found = fit(SMALL.answers, SMALL.design)
    none = Climb(np.array([1.0]), np.log([LEAST_SD, LEAST_SD]), 0.0, "")
    again = fit(SMALL.answers, SMALL.design, start=none)
    assert again.sds == pytest.approx(found.sds, abs=1e-3)
    assert again.held == (False, False)


@pytest.mark.parametrize("seed", range(4))
def test_answers_that_chance_alone_scatters_are_fitted_with_little_variation(seed: int) -> None:
    # Half of 40 people's answers to 40 items are yes, at random. The log-odds of 40 answers have a standard error of
    # 1 / sqrt(40 * 0.25) = 0.32, so a deviation as large would double the scatter: it is not found.
    person, item = (each.ravel() for each in np.indices((40, 40)))
    yes = (np.random.default_rng(seed).random(1600) < 0.5).astype(float)
    found = fit(Answers(person, item, yes, 40, 40), np.ones((40, 1)))
    assert found.converged
    assert max(found.sds) < 0.32


def test_answers_without_any_chance_in_them_do_not_pass_for_converged() -> None:
    # Even items yes, odd items no, by all: the item deviation grows without end.
    person, item = (each.ravel() for each in np.indices((20, 20)))
    assert not fit(Answers(person, item, (item % 2 == 0).astype(float), 20, 20), np.ones((20, 1))).converged


def test_one_item_and_one_answer_each_leave_nothing_to_vary() -> None:
    # The odds of 30 yes to 10 no are 3, with the standard error sqrt(1/30 + 1/10).
    answers = Answers(np.arange(40), np.zeros(40, np.int64), (np.arange(40) < 30).astype(float), 40, 1)
    found = fit(answers, np.ones((40, 1)))
    assert found.converged
    assert found.held == (True, True)
    assert found.coefficients == pytest.approx([np.log(3)], abs=2e-3)
    assert np.sqrt(found.covariance[0, 0]) == pytest.approx(np.sqrt(1 / 30 + 1 / 10), rel=5e-3)


def test_answers_that_are_all_the_same_are_refused() -> None:
    with pytest.raises(ValueError, match="all 1440 answers are 1"):
        fit(SMALL.answers._replace(yes=np.ones(1440)), SMALL.design)
