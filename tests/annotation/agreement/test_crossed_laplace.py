import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import expit

from annotation.agreement.crossed_laplace import Answers, CrossedLaplace, Floats
from tests.annotation.agreement.crossed_answers import small_study

SMALL = small_study()
COEFFICIENTS = np.array([1.0, 0.3, -0.5])
LOG_SDS = np.log([0.7, 1.3])


def by_hand(answers: Answers, design: Floats, coefficients: Floats, sds: Floats) -> float:
    """Laplace's approximation with dense matrices and a general optimiser."""
    spread = np.zeros((len(answers.yes), answers.people + answers.items))
    spread[np.arange(len(answers.yes)), answers.person] = 1
    spread[np.arange(len(answers.yes)), answers.people + answers.item] = 1
    precision = np.repeat(1 / sds**2, [answers.people, answers.items])
    fixed = (design @ coefficients)[answers.person]

    def falling(effects: Floats) -> tuple[float, Floats]:
        eta = fixed + spread @ effects
        value = answers.yes @ eta - np.logaddexp(0, eta).sum() - precision @ effects**2 / 2
        return -value, -(spread.T @ (answers.yes - expit(eta)) - precision * effects)

    mode = minimize(falling, np.zeros(len(precision)), jac=True, method="BFGS", options={"gtol": 1e-7})
    chance = expit(fixed + spread @ mode.x)
    curvature = spread.T @ ((chance * (1 - chance))[:, None] * spread) + np.diag(precision)
    return float(-mode.fun - np.linalg.slogdet(curvature)[1] / 2 + np.log(precision).sum() / 2)


def test_the_likelihood_is_laplaces_approximation() -> None:
    found = CrossedLaplace(SMALL.answers, SMALL.design).at(COEFFICIENTS, LOG_SDS)
    assert found.found
    assert found.value == pytest.approx(by_hand(SMALL.answers, SMALL.design, COEFFICIENTS, np.exp(LOG_SDS)), abs=1e-6)


@pytest.mark.parametrize(("people", "items"), [(25, 12), (12, 25)])
def test_the_gradient_is_that_of_the_likelihood_whichever_factor_is_longer(people: int, items: int) -> None:
    small = small_study(people, items)
    model = CrossedLaplace(small.answers, small.design)
    point = np.concatenate([COEFFICIENTS, LOG_SDS])

    def value(at: Floats) -> float:
        return model.at(at[:3], at[3:]).value

    # Central differences are exact to 1e-8 or so here: third derivatives times 1e-8, rounding 1e-12 / 1e-4.
    slopes = [(value(point + step) - value(point - step)) / 2e-4 for step in 1e-4 * np.eye(5)]
    assert model.at(point[:3], point[3:]).gradient == pytest.approx(slopes, abs=1e-5)


def test_a_model_that_has_been_elsewhere_gives_the_same_value() -> None:
    fresh, moved = (CrossedLaplace(SMALL.answers, SMALL.design) for _ in range(2))
    moved.at(-5 * COEFFICIENTS, LOG_SDS + 2)
    assert moved.at(COEFFICIENTS, LOG_SDS).value == pytest.approx(fresh.at(COEFFICIENTS, LOG_SDS).value, abs=1e-7)


def test_without_random_variation_it_is_the_plain_logistic_likelihood() -> None:
    # Deviations of e^-9 leave the answers independent: sum of log chances.
    eta = (SMALL.design @ COEFFICIENTS)[SMALL.answers.person]
    plain = SMALL.answers.yes @ eta - np.logaddexp(0, eta).sum()
    found = CrossedLaplace(SMALL.answers, SMALL.design).at(COEFFICIENTS, np.array([-9.0, -9.0]))
    assert found.value == pytest.approx(plain, abs=1e-3)


def test_the_information_needs_a_point() -> None:
    with pytest.raises(ValueError, match="no point"):
        CrossedLaplace(SMALL.answers, SMALL.design).information()
