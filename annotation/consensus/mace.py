"""MACE: whoever votes either knows the answer or votes by a habit of their own.

Source: Hovy, Berg-Kirkpatrick, Vaswani and Hovy, "Learning whom to trust with MACE" (NAACL-HLT 2013), with variational
Bayes: Beta(0.5, 0.5) on the chance of knowing, 10 for each answer of a habit, as crowd-kit has them. True answers are
uniform; person j knows with probability c_j and otherwise gives answer a with probability s_ja, so that
P(a | true t) = (1 - c_j) s_ja + c_j [a = t].

Like Dawid and Skene's it is a model of errors, and of values people differ without erring. The project has its own
estimator: crowd-kit 1.4.2 begins all its restarts at one point, mixes up the habits of annotators who are not in
alphabetical order, and multiplies probabilities, which some hundred votes on an item bring to zero. Where these do not
matter the tests find the two equal.
"""

from typing import Final, NamedTuple

import numpy as np
from scipy.sparse import csr_array
from scipy.special import digamma, logsumexp

from annotation.agreement.ratings import Ratings, tally
from annotation.agreement.resampling import Floats

ROUNDS: Final = 50
RESTARTS: Final = 10
KNOWING_PRIOR: Final = 0.5
HABIT_PRIOR: Final = 10.0


class Mace(NamedTuple):
    """What the model makes of the votes.

    Attributes:
        posterior: of each answer being the item's true one, NaN for an item without a vote, shape (items, categories).
        knowing: how probable it is that a person knows, shape (annotators,).
        habits: of giving each answer when not, shape (annotators, categories).
        log_likelihood: of the votes, at the best of the restarts.
    """

    posterior: Floats
    knowing: Floats
    habits: Floats
    log_likelihood: float


class _Parameters(NamedTuple):
    """Weights by annotator, from variational Bayes, so they sum to less than 1.

    Attributes:
        knowing: of not knowing and of knowing, shape (annotators, 2).
        habits: shape (annotators, categories).
    """

    knowing: Floats
    habits: Floats


class _Expected(NamedTuple):
    """What the votes say under some parameters."""

    posterior: Floats
    counts: _Parameters
    log_likelihood: float


def mace(ratings: Ratings, rng: np.random.Generator, *, restarts: int = RESTARTS, rounds: int = ROUNDS) -> Mace:
    """Fit the model by variational EM.

    Args:
        ratings: the votes.
        rng: of the starting points.
        restarts: how many; the one of the greatest likelihood counts.
        rounds: of EM in each.
    """
    best = max((_fitted(ratings, rng, rounds) for _ in range(restarts)), key=lambda fit: fit.log_likelihood)
    rated = tally(ratings).ratings > 0
    return best._replace(posterior=np.where(rated[:, None], best.posterior, np.nan))


def _fitted(ratings: Ratings, rng: np.random.Generator, rounds: int) -> Mace:
    knowing = rng.uniform(1, 2.5, (ratings.annotators, 2))
    habits = rng.uniform(1, 2.5, (ratings.annotators, ratings.categories))
    parameters = _Parameters(knowing / knowing.sum(axis=1)[:, None], habits / habits.sum(axis=1)[:, None])
    expected = _expected(ratings, parameters)
    for _ in range(rounds):
        counts = expected.counts
        parameters = _Parameters(_weights(counts.knowing, KNOWING_PRIOR), _weights(counts.habits, HABIT_PRIOR))
        expected = _expected(ratings, parameters)
    knows = expected.counts.knowing + KNOWING_PRIOR
    habit = expected.counts.habits + HABIT_PRIOR
    return Mace(
        expected.posterior,
        knows[:, 1] / knows.sum(axis=1),
        habit / habit.sum(axis=1)[:, None],
        expected.log_likelihood,
    )


def _weights(counts: Floats, prior: float) -> Floats:
    """Return the geometric means of Dirichlet posteriors, shape of the counts."""
    weights: Floats = np.exp(digamma(counts + prior) - digamma((counts + prior).sum(axis=1))[:, None])
    return weights


def _expected(ratings: Ratings, parameters: _Parameters) -> _Expected:
    """Return posteriors and counts; a vote tells for its own answer more than for others by knowing alone."""
    by_habit = parameters.knowing[ratings.annotator, 0] * parameters.habits[ratings.annotator, ratings.code]
    by_knowing = parameters.knowing[ratings.annotator, 1]
    shape = (ratings.items, ratings.categories)
    gain = np.log(by_habit + by_knowing) - np.log(by_habit)
    own = csr_array((gain, (ratings.item, ratings.code)), shape=shape).toarray()
    joint = own + np.bincount(ratings.item, np.log(by_habit), minlength=ratings.items)[:, None]
    joint -= np.log(max(ratings.categories, 1))
    marginal = logsumexp(joint, axis=1, keepdims=True) if joint.size else np.zeros((ratings.items, 1))
    posterior = np.exp(joint - marginal)

    known = posterior[ratings.item, ratings.code] * by_knowing / (by_habit + by_knowing)
    cell = ratings.annotator.astype(np.intp) * ratings.categories + ratings.code
    guessed = np.bincount(cell, 1 - known, minlength=ratings.annotators * ratings.categories).astype(np.float64)
    habits: Floats = guessed.reshape(ratings.annotators, ratings.categories)
    knowing = np.bincount(ratings.annotator, known, minlength=ratings.annotators)
    counts = _Parameters(np.stack([habits.sum(axis=1), knowing], axis=1), habits)
    return _Expected(posterior, counts, float(marginal.sum()))
