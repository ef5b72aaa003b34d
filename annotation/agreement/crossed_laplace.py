"""The likelihood of a logistic model with crossed random intercepts of people and items, by Laplace's approximation.

A person p answers yes to item i with log-odds x_p'b + u_p + v_i, where u ~ N(0, s_u^2) and v ~ N(0, s_v^2). The random
intercepts are integrated out by Laplace's approximation at their conditional modes (Breslow & Clayton, "Approximate
inference in generalized linear mixed models", JASA 1993, equation 3; Bates et al., "Fitting linear mixed-effects models
using lme4", J. Stat. Softw. 2015, section 3). With H the negative second derivative at the modes,

    log L = sum(y eta - log(1 + e^eta)) - |u|^2 / 2 s_u^2 - |v|^2 / 2 s_v^2 - log|H| / 2 - P log s_u - I log s_v.

H has two diagonal blocks and one sparse block between them, so the longer factor is eliminated in closed form and only
a matrix of the shorter one's size (the Schur complement) is factorised. The gradient is exact: it follows the modes as
they move with the parameters. Laplace's approximation is good where people and items have some ten answers each; with
three answers an item the item variance comes out too small (Breslow & Lin, Biometrika 1995).
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.linalg.lapack import dpotri
from scipy.sparse import csr_array
from scipy.special import expit

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# Modes are found when no intercept would move by more; the log-likelihood is then exact to some 1e-8.
_STEP: Final = 1e-7
_MOST_STEPS: Final = 200
# Rows of the longer factor whose covariances with all of the shorter one are held in memory at a time.
_ROWS: Final = 2048


class Answers(NamedTuple):
    """Who said yes to what.

    Attributes:
        person: shape (n,), 0 to people - 1; a person answers an item at most once.
        item: shape (n,), 0 to items - 1.
        yes: shape (n,), 1 or 0.
    """

    person: Ints
    item: Ints
    yes: Floats
    people: int
    items: int


class Likelihood(NamedTuple):
    """The approximate log-likelihood at one point.

    Attributes:
        gradient: by the coefficients, then by the logarithms of the standard deviations of people and items.
        found: whether the modes were found.
    """

    value: float
    gradient: Floats
    found: bool


class _Curvature(NamedTuple):
    """H, factorised: `long` and `short` are its diagonals, `between` its block, `schur` the Cholesky factor."""

    long: Floats
    between: csr_array
    schur: tuple[Floats, bool]

    def solve(self, long: Floats, short: Floats) -> tuple[Floats, Floats]:
        """Return H^-1 times a vector (or columns) given in its two parts."""
        scaled = (long.T / self.long).T
        solved = cho_solve(self.schur, short - self.between.T @ scaled)
        return scaled - ((self.between @ solved).T / self.long).T, solved


class CrossedLaplace:
    """The likelihood of one data set as a function of its parameters; it remembers the last modes to start from.

    Args:
        answers: at least one.
        design: shape (people, k), each person's covariates, with the constant.
    """

    def __init__(self, answers: Answers, design: Floats) -> None:
        self._swapped = answers.items > answers.people
        sizes = (answers.people, answers.items)
        self._sizes = sizes[::-1] if self._swapped else sizes
        self._design = design
        long, short = (answers.item, answers.person) if self._swapped else (answers.person, answers.item)
        order = np.lexsort((short, long))
        self._long, self._short, self._person = long[order], short[order], answers.person[order]
        self._yes = answers.yes[order]
        self._starts = np.concatenate([[0], np.cumsum(np.bincount(self._long, minlength=self._sizes[0]))])
        self._modes = (np.zeros(self._sizes[0]), np.zeros(self._sizes[1]))
        self._curvature: _Curvature | None = None

    def at(self, coefficients: Floats, log_sds: Floats) -> Likelihood:
        """Return the log-likelihood.

        Args:
            coefficients: shape (k,).
            log_sds: natural logarithms of the standard deviations of people and of items.
        """
        fixed = (self._design @ coefficients)[self._person]
        precisions = np.exp(-2 * (log_sds[::-1] if self._swapped else log_sds))
        found = self._climb(fixed, precisions)
        long, short = self._modes
        eta = fixed + long[self._long] + short[self._short]
        chance = expit(eta)
        weight = chance * (1 - chance)
        self._curvature = curvature = self._curve(weight, precisions)
        log_det = np.log(curvature.long).sum() + 2 * np.log(np.diag(curvature.schur[0])).sum()
        value = (
            self._yes @ eta
            - np.logaddexp(0, eta).sum()
            - (precisions[0] * (long @ long) + precisions[1] * (short @ short)) / 2
            - log_det / 2
            + (np.array(self._sizes) * np.log(precisions)).sum() / 2
        )
        gradient = self._gradient(chance, weight, precisions, curvature)
        return Likelihood(float(value), gradient, found)

    def _climb(self, fixed: Floats, precisions: Floats) -> bool:
        """Find the modes by Newton's method; an old curvature serves while it brings them three times nearer."""
        long, short = self._modes
        before = np.inf
        for _ in range(_MOST_STEPS):
            chance = expit(fixed + long[self._long] + short[self._short])
            if self._curvature is None:
                self._curvature = self._curve(chance * (1 - chance), precisions)
            rest = self._yes - chance
            uphill = (
                _summed(self._long, rest, self._sizes[0]) - precisions[0] * long,
                _summed(self._short, rest, self._sizes[1]) - precisions[1] * short,
            )
            steps = self._curvature.solve(*uphill)
            size = max(np.abs(step).max() for step in steps)
            if size > before / 3:
                self._curvature = None
            # A full step of Newton's from afar may overshoot where the logistic curve is flat.
            damping = min(1.0, 2.0 / size) if size > 0 else 1.0
            long, short = long + damping * steps[0], short + damping * steps[1]
            before = size
            if size < _STEP:
                break
        self._modes = (long, short)
        return bool(size < _STEP)

    def _curve(self, weight: Floats, precisions: Floats) -> _Curvature:
        long = _summed(self._long, weight, self._sizes[0]) + precisions[0]
        short = _summed(self._short, weight, self._sizes[1]) + precisions[1]
        between = csr_array((weight, self._short, self._starts), shape=self._sizes)
        scaled = csr_array((weight / long[self._long], self._short, self._starts), shape=self._sizes)
        schur = -(between.T @ scaled).toarray()
        schur[np.diag_indices_from(schur)] += short
        return _Curvature(long, between, cho_factor(schur, overwrite_a=True, check_finite=False))

    def _gradient(self, chance: Floats, weight: Floats, precisions: Floats, curvature: _Curvature) -> Floats:
        # From the factor, in a third of the time that solving for the identity takes; the upper triangle only.
        upper, _ = dpotri(curvature.schur[0])
        inverse = np.triu(upper) + np.triu(upper, 1).T
        covariance = self._covariance(curvature, inverse)
        diagonal = _summed(self._long, weight * covariance, self._sizes[0])
        variances = ((1 + diagonal) / curvature.long, np.diag(inverse))
        leverage = variances[0][self._long] + variances[1][self._short] - 2 * covariance
        # How log|H| grows with each answer's log-odds, and how far that pulls the modes.
        slope = leverage * weight * (1 - 2 * chance)
        pull = curvature.solve(_summed(self._long, slope, self._sizes[0]), _summed(self._short, slope, self._sizes[1]))
        moved = pull[0][self._long] + pull[1][self._short]
        score = _summed(self._person, self._yes - chance - slope / 2 + weight * moved / 2, len(self._design))
        by_sd = [
            precision * (mode @ mode + variance.sum() - each @ mode) - len(mode)
            for precision, mode, variance, each in zip(precisions, self._modes, variances, pull, strict=True)
        ]
        return np.concatenate([score @ self._design, by_sd[::-1] if self._swapped else by_sd])

    def _covariance(self, curvature: _Curvature, inverse: Floats) -> Floats:
        """Return for each answer the negative of H^-1 between its person and its item."""
        found = np.empty(len(self._yes))
        for first in range(0, self._sizes[0], _ROWS):
            last = min(first + _ROWS, self._sizes[0])
            rows = slice(self._starts[first], self._starts[last])
            block = curvature.between[first:last] @ inverse
            found[rows] = block[self._long[rows] - first, self._short[rows]] / curvature.long[self._long[rows]]
        return found

    def information(self) -> Floats:
        """Return, shape (k, k), how well the last point's answers fix the coefficients, given the deviations."""
        if self._curvature is None:
            raise ValueError("no point has been evaluated yet: call `at` first")
        weights = self._curvature.between
        of_people, of_items = (weights.T, weights) if self._swapped else (weights, weights.T)
        people = of_people.sum(axis=1)[:, None] * self._design
        items = of_items @ self._design
        parts = (items, people) if self._swapped else (people, items)
        solved = self._curvature.solve(*parts)
        information: Floats = self._design.T @ people - parts[0].T @ solved[0] - parts[1].T @ solved[1]
        return information


def _summed(codes: Ints, values: Floats, levels: int) -> Floats:
    return np.asarray(np.bincount(codes, values, levels), np.float64)
