"""The model of `crossed_logistic` for studies too large for it: corrected quasi-likelihood, at a cost per answer.

Laplace's likelihood needs a matrix of as many rows as there are people or items, whichever are fewer; with 20,000 of
both it neither fits in memory nor can it be factorised in time. Here coefficients and intercepts are those of the
greatest penalised likelihood together (Breslow & Clayton, "Approximate inference in generalized linear mixed models",
JASA 1993, section 2), and the deviations follow from them by Schall's fixed point ("Estimation in generalized linear
models with random effects", Biometrika 1991): s^2 = |u|^2 / (P - tr(T) / s^2), T being the covariance of u. By itself
that draws estimates towards none, by a twentieth with fifty answers a person and an item; so each answer y is replaced
by y - h w (1 - 2 p) / 2, w = p (1 - p) and h the variance of its log-odds: to first order that makes both the estimates
and the fixed point those of Laplace's likelihood, of whose log-determinant it is the slope. Systems are solved by
preconditioned conjugate gradients, quick as each person answers a small part of the items at random (Ghosh, Hastie &
Owen, "Scalable logistic regression with crossed random effects", Electron. J. Stat. 2022, rest on the same); the trace
is Hutchinson's estimate (1989) of what its leading term leaves, and h is its leading term.
"""

from typing import Final, NamedTuple

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse import csr_array
from scipy.special import expit, logit

from annotation.agreement.crossed_laplace import Answers, Floats
from annotation.agreement.crossed_logistic import LEAST_SD, Fit, greatest_sd

CROSSED_AT_MOST: Final = 1_500
"""So many people, or items, are left to Laplace's likelihood: its cost grows with their cube."""
VOTES_AT_MOST: Final = 200_000
"""So many votes, likewise: its cost grows with their number times that of people, or items."""
# Log-odds by which no intercept moves any more; relative change of deviations below which they have settled.
_STEP: Final = 1e-4
_SETTLED: Final = 1e-3
_MOST_STEPS: Final = 50
_MOST_ROUNDS: Final = 60
# Of the residual of a linear system, against its right side; and rounds of conjugate gradients.
_RESIDUAL: Final = 1e-6
_MOST_GRADIENTS: Final = 300
# Probes of the trace: with 4, a deviation is off by less than a thousandth of itself in studies that need this.
_PROBES: Final = 4


class _State(NamedTuple):
    """Coefficients, shape (k,), and intercepts of people and items."""

    fixed: Floats
    people: Floats
    items: Floats


class _Data:
    """Answers in the order of people, as sparse matrices want them.

    Args:
        answers: at least one yes and one no.
        design: shape (people, k).
    """

    def __init__(self, answers: Answers, design: Floats) -> None:
        order = np.lexsort((answers.item, answers.person))
        self.person, self.item, self.yes = answers.person[order], answers.item[order], answers.yes[order]
        self.starts = np.concatenate([[0], np.cumsum(np.bincount(self.person, minlength=answers.people))])
        self.shape = (answers.people, answers.items)
        self.design = design

    def chance(self, state: _State) -> Floats:
        """Return the chance of a yes of each answer."""
        of_person = self.design @ state.fixed + state.people
        chances: Floats = expit(of_person[self.person] + state.items[self.item])
        return chances

    def uphill(self, state: _State, chance: Floats, precisions: Floats, leading: Floats) -> Floats:
        """Return the gradient of the penalised log-likelihood with Laplace's correction, flat."""
        of_people, of_items = np.split(leading, [self.shape[0]])
        leverage = 1 / of_people[self.person] + 1 / of_items[self.item]
        rest = self.yes - chance - leverage * chance * (1 - chance) * (0.5 - chance)
        people = np.bincount(self.person, rest, self.shape[0])
        items = np.bincount(self.item, rest, self.shape[1])
        fixed = self.design.T @ people
        return np.concatenate([fixed, people - precisions[0] * state.people, items - precisions[1] * state.items])


class _System:
    """The negative second derivatives of the penalised log-likelihood, as what they do to a vector."""

    def __init__(self, data: _Data, chance: Floats, precisions: Floats) -> None:
        weight = chance * (1 - chance)
        self._design, self._precisions = data.design, precisions
        self._between = csr_array((weight, data.item, data.starts), shape=data.shape)
        self._across = self._between.T.tocsr()
        self._people = np.bincount(data.person, weight, data.shape[0])
        self._items = np.bincount(data.item, weight, data.shape[1])
        self._corner = cho_factor(data.design.T @ (self._people[:, None] * data.design))

    @property
    def leading(self) -> Floats:
        """Return the diagonal of the intercepts, shape (people + items,)."""
        return np.concatenate([self._people + self._precisions[0], self._items + self._precisions[1]])

    def solve(self, right: Floats) -> Floats:
        """Return the solution for each column of the right side, by preconditioned conjugate gradients."""
        right = right.reshape(len(right), -1)
        found, rest = np.zeros_like(right), right.copy()
        near = self._nearly(rest)
        direction, before = near.copy(), (rest * near).sum(axis=0)
        goal = _RESIDUAL**2 * np.maximum(before, 1e-300)
        for _ in range(_MOST_GRADIENTS):
            moved = self._times(direction)
            curved = (direction * moved).sum(axis=0)
            length = np.divide(before, curved, out=np.zeros_like(before), where=curved > 0)
            found += length * direction
            rest -= length * moved
            near = self._nearly(rest)
            now = (rest * near).sum(axis=0)
            if (now <= goal).all():
                break
            direction = near + np.divide(now, before, out=np.zeros_like(now), where=before > 0) * direction
            before = now
        return found

    def _times(self, vector: Floats) -> Floats:
        fixed, people, items = self._split(vector)
        of_person = self._design @ fixed + people
        on_people = self._people[:, None] * of_person + self._between @ items
        on_items = (self._items + self._precisions[1])[:, None] * items + self._across @ of_person
        return np.concatenate([self._design.T @ on_people, on_people + self._precisions[0] * people, on_items])

    def _nearly(self, vector: Floats) -> Floats:
        """Return the vector times the inverse of the matrix's diagonal blocks."""
        size = self._design.shape[1]
        return np.concatenate([cho_solve(self._corner, vector[:size]), vector[size:] / self.leading[:, None]])

    def _split(self, vector: Floats) -> tuple[Floats, Floats, Floats]:
        size, people = self._design.shape[1], len(self._people)
        return vector[:size], vector[size : size + people], vector[size + people :]


def fit_large(answers: Answers, design: Floats) -> Fit:
    """Fit the model; the log-likelihood is NaN, for quasi-likelihoods are not to be compared.

    Args:
        answers: at least one yes and one no.
        design: shape (people, k), each person's covariates; the first column is the constant.
    """
    data, size = _Data(answers, design), design.shape[1]
    state = _State(np.zeros(size), np.zeros(answers.people), np.zeros(answers.items))
    state.fixed[0] = logit(answers.yes.mean())
    probes = np.random.default_rng(0).choice([-1.0, 1.0], (sum(data.shape), _PROBES))
    most = (greatest_sd(answers.person, answers.people), greatest_sd(answers.item, answers.items))
    ceilings = np.square(most)
    variances = np.minimum(np.ones(2), ceilings)
    settled, degrees = False, np.array(data.shape, np.float64)
    for _ in range(_MOST_ROUNDS):
        state, system = _climbed(data, state, 1 / variances)
        degrees = np.array(data.shape) - _traces(data, system, probes, size) / variances
        squares = np.array([state.people @ state.people, state.items @ state.items])
        wanted = np.clip(squares / np.maximum(degrees, 1e-9), LEAST_SD**2, ceilings)
        settled = bool(np.abs(np.log(wanted / variances)).max() < _SETTLED)
        variances = wanted
        if settled:
            break
    state, system = _climbed(data, state, 1 / variances)
    return _fit(state, system, variances, degrees, settled)


def _fit(state: _State, system: _System, variances: Floats, degrees: Floats, settled: bool) -> Fit:
    size = len(state.fixed)
    held = variances <= LEAST_SD**2 * 1.0001
    covariance = np.zeros((size + 2, size + 2))
    covariance[:size, :size] = system.solve(np.eye(size + len(state.people) + len(state.items), size))[:size]
    # The logarithm of an estimated variance with that many degrees of freedom varies by 2 over their number.
    covariance[range(size, size + 2), range(size, size + 2)] = np.where(held, 0.0, 0.5 / np.maximum(degrees, 1.0))
    return Fit(
        coefficients=state.fixed,
        sds=(float(variances[0] ** 0.5), float(variances[1] ** 0.5)),
        covariance=covariance,
        log_likelihood=np.nan,
        held=(bool(held[0]), bool(held[1])),
        converged=settled and bool((np.diag(covariance)[:size] > 0).all()),
        message="corrected penalised quasi-likelihood",
    )


def _climbed(data: _Data, state: _State, precisions: Floats) -> tuple[_State, _System]:
    """Return where the penalised likelihood is greatest, by Newton's method, and the curvature there."""
    size, people = data.design.shape[1], data.shape[0]
    for _ in range(_MOST_STEPS):
        chance = data.chance(state)
        system = _System(data, chance, precisions)
        step = system.solve(data.uphill(state, chance, precisions, system.leading))[:, 0]
        most = float(np.abs(step).max())
        step *= min(1.0, 2.0 / max(most, 1e-300))  # a full step from afar may overshoot where the curve is flat
        state = _State(
            state.fixed + step[:size], state.people + step[size : size + people], state.items + step[size + people :]
        )
        if most < _STEP:
            break
    return state, system


def _traces(data: _Data, system: _System, probes: Floats, size: int) -> Floats:
    """Return the traces of the covariances of people's and items' intercepts, shape (2,)."""
    people = data.shape[0]
    leading = 1 / system.leading
    solved = system.solve(np.concatenate([np.zeros((size, probes.shape[1])), probes]))[size:]
    beyond = (probes * (solved - leading[:, None] * probes)).mean(axis=1)
    whole = leading + beyond
    return np.array([whole[:people].sum(), whole[people:].sum()])
