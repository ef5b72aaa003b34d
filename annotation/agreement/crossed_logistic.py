"""Mixed-effects logistic regression with crossed random intercepts of people and items, by maximum likelihood.

The Laplace likelihood of `crossed_laplace` is maximised over coefficients and standard deviations together, as glmer of
lme4 does (Bates et al., J. Stat. Softw. 2015), by L-BFGS-B with the exact gradient. Own code, for the libraries do not
serve: statsmodels has only a variational fit, 50 s at 31,000 answers, and gpboost (1.5 s a fit, its log-likelihood then
off by 0.02) gives no covariance between coefficients, without which there is no marginal difference with interval.
"""

from math import log
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_triangular
from scipy.optimize import minimize
from scipy.special import logit

from annotation.agreement.crossed_laplace import Answers, CrossedLaplace, Floats, Ints

# A standard deviation this small is none: it moves a chance of one half by less than one point.
LEAST_SD: Final = 0.02
GREATEST_SD: Final = 20.0
_FLOOR: Final = log(LEAST_SD)
# A deviation below the one is set to none if no more than the other is lost of the log-likelihood.
_SMALL_SD: Final = 0.2
_AS_LIKELY: Final = 0.005
# With hundreds of people and items, a standard deviation is known to about this share of itself.
_SD_ERROR: Final = 0.05
# Log-likelihood per standard error that a coefficient still gains by moving, below which the fit has converged.
TOLERANCE: Final = 1e-3
MOST_STEPS: Final = 200
# The second derivative by a log standard deviation is the change of the gradient over this much.
_APART: Final = 1e-3


class Climb(NamedTuple):
    """Where the likelihood is greatest.

    Attributes:
        coefficients: shape (k,), log-odds.
        log_sds: shape (2,), logarithms of the standard deviations of people and of items.
        log_likelihood: by Laplace's approximation.
        message: what the optimiser said.
    """

    coefficients: Floats
    log_sds: Floats
    log_likelihood: float
    message: str


class Fit(NamedTuple):
    """A fitted model.

    Attributes:
        coefficients: shape (k,), log-odds.
        sds: standard deviations of people and of items; `LEAST_SD` is as good as none.
        covariance: shape (k + 2, k + 2), of the coefficients and the two log standard deviations; a deviation that
            is held (below) has none.
        log_likelihood: by Laplace's approximation.
        held: for people and for items, whether the deviation stands at `LEAST_SD`: nothing is known against no
            variation at all, or there are no two answers of one person (item) to learn it from.
        converged: the modes were found, the gradient is small and the curvature is positive.
        message: what the optimiser said.
    """

    coefficients: Floats
    sds: tuple[float, float]
    covariance: Floats
    log_likelihood: float
    held: tuple[bool, bool]
    converged: bool
    message: str


def fit(answers: Answers, design: Floats, *, start: Climb | None = None) -> Fit:
    """Fit the model, with standard errors; arguments and errors are those of `maximised`."""
    model = CrossedLaplace(answers, design)
    climb = maximised(model, answers, design, start=start)
    held = (bool(climb.log_sds[0] <= _FLOOR + 1e-9), bool(climb.log_sds[1] <= _FLOOR + 1e-9))
    aside = [model.at(climb.coefficients, climb.log_sds + step).gradient for step in _APART * np.eye(2)]
    top = model.at(climb.coefficients, climb.log_sds)
    rows = -(np.array(aside) - top.gradient) / _APART
    free = np.concatenate([np.ones(design.shape[1], bool), ~np.array(held)])
    covariance = _covariance(model.information(), rows, free)
    slack = np.abs(top.gradient * np.sqrt(np.maximum(np.diag(covariance), 0)))[free]
    return Fit(
        coefficients=climb.coefficients,
        sds=(float(np.exp(climb.log_sds[0])), float(np.exp(climb.log_sds[1]))),
        covariance=covariance,
        log_likelihood=climb.log_likelihood,
        held=held,
        converged=bool(top.found and np.isfinite(covariance).all() and slack.max() < 10 * TOLERANCE),
        message=climb.message,
    )


def maximised(model: CrossedLaplace, answers: Answers, design: Floats, *, start: Climb | None = None) -> Climb:
    """Find the greatest likelihood, climbing in coordinates in which it is about as steep in all directions.

    Args:
        model: of these answers and this design.
        answers: at least one yes and one no.
        design: shape (people, k), each person's covariates; the first column is the constant.
        start: where the likelihood is greatest with other covariates, of the same people or nearly so.

    Raises:
        ValueError: all answers are the same, so that no log-odds can be estimated.
    """
    share = float(answers.yes.mean())
    if not 0 < share < 1:
        raise ValueError(f"all {len(answers.yes)} answers are {share:.0f}; the odds of such answers have no estimate")
    ceilings = np.log([greatest_sd(answers.person, answers.people), greatest_sd(answers.item, answers.items)])
    # Not from a deviation near none, where the likelihood is flat by its logarithm and nothing leads away.
    log_sds = np.minimum(np.zeros(2) if start is None else np.maximum(start.log_sds, log(_SMALL_SD)), ceilings)
    coefficients = np.zeros(design.shape[1])
    coefficients[0] = logit(share) if start is None else start.coefficients[0]
    model.at(coefficients, log_sds)
    lower, size = np.linalg.cholesky(model.information()), len(coefficients)

    def point(moved: Floats) -> tuple[Floats, Floats]:
        return coefficients + solve_triangular(lower.T, moved[:size]), log_sds + _SD_ERROR * moved[size:]

    def falling(moved: Floats) -> tuple[float, Floats]:
        found = model.at(*point(moved))
        by_coefficients = solve_triangular(lower, found.gradient[:size], lower=True)
        return -found.value, -np.concatenate([by_coefficients, _SD_ERROR * found.gradient[size:]])

    ends = zip((_FLOOR - log_sds) / _SD_ERROR, (ceilings - log_sds) / _SD_ERROR, strict=True)
    options = {"maxiter": MOST_STEPS, "ftol": 0.0, "gtol": TOLERANCE, "maxls": 30}
    bounds = [(None, None)] * size + list(ends)
    done = minimize(falling, np.zeros(size + 2), jac=True, method="L-BFGS-B", bounds=bounds, options=options)
    return _settled(model, Climb(*point(done.x), log_likelihood=-float(done.fun), message=str(done.message)))


def _settled(model: CrossedLaplace, climb: Climb) -> Climb:
    """Set a small deviation to none if that is as likely: by its logarithm the likelihood is flat there."""
    for index in np.flatnonzero(climb.log_sds < log(_SMALL_SD)):
        none = climb.log_sds.copy()
        none[index] = _FLOOR
        found = model.at(climb.coefficients, none)
        if found.value > climb.log_likelihood - _AS_LIKELY:
            climb = climb._replace(log_sds=none, log_likelihood=found.value)
    return climb


def _covariance(information: Floats, rows: Floats, free: NDArray[np.bool_]) -> Floats:
    """Invert the negative second derivatives; NaN if the likelihood is not curved downwards in every direction.

    Args:
        information: shape (k, k), of the coefficients.
        rows: shape (2, k + 2), of the log deviations.
        free: shape (k + 2,), which are not held.
    """
    size = len(information)
    corner = (rows[:, size:] + rows[:, size:].T) / 2
    second = np.block([[information, rows[:, :size].T], [rows[:, :size], corner]])
    covariance = np.zeros_like(second)
    try:
        covariance[np.ix_(free, free)] = np.linalg.inv(second[np.ix_(free, free)])
    except np.linalg.LinAlgError:
        return np.full_like(second, np.nan)
    return covariance if (np.diag(covariance)[free] > 0).all() else np.full_like(second, np.nan)


def greatest_sd(codes: Ints, levels: int) -> float:
    """Return the greatest deviation allowed: none where no level is seen twice or there is one level only."""
    counts = np.bincount(codes, minlength=levels)
    return GREATEST_SD if (counts > 0).sum() > 1 and counts.max() > 1 else LEAST_SD
