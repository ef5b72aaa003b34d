"""Dawid and Skene's model: everyone has an error rate for each pair of true and given answer.

Source: Dawid and Skene, "Maximum likelihood estimation of observer error-rates using the EM algorithm" (Appl. Stat.
1979), begun from the vote shares as they propose. With T_ij the posterior of item i having answer j, the M-step takes
the prior p_j as the mean of T_ij and the error rate of person k as the share of their answers l among T_ij; the E-step
takes T_ij proportional to p_j times the error rates of the answers that item i got.

The model holds that an item has one true answer, and that whoever says otherwise errs. Over values people differ
without erring: what it says stands beside the vote shares, never in their place. The project has its own estimator,
checked against crowd-kit's in the tests: crowd-kit's works on pandas frames, tens of times slower.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.special import logsumexp

from annotation.agreement.ratings import Ratings, tally
from annotation.agreement.resampling import Floats, ratio
from annotation.consensus.majority import vote_shares

ROUNDS: Final = 100
TOLERANCE: Final = 1e-7
LEAST: Final = 1e-10
"""No probability is less, so that one unexpected answer does not rule out an item's answer for good."""


class DawidSkene(NamedTuple):
    """What the model makes of the votes.

    Attributes:
        posterior: of each answer being the item's true one, NaN for an item without a vote, shape (items, categories).
        prior: share of the items that have each true answer, shape (categories,).
        errors: probability of each given answer for each true one, shape (annotators, given, true); NaN where a person
            never voted, or nothing is known for that true answer.
        rounds: of EM that were made.
        converged: whether the log-likelihood had stopped rising by then.
    """

    posterior: Floats
    prior: Floats
    errors: Floats
    rounds: int
    converged: bool


def dawid_skene(ratings: Ratings, *, rounds: int = ROUNDS, tolerance: float = TOLERANCE) -> DawidSkene:
    """Fit the model by EM. Without a vote the prior is NaN as well.

    Args:
        ratings: the votes; the errors of so many annotators times the square of categories are in memory thrice.
        rounds: most of them.
        tolerance: stop where the log-likelihood per vote rises by less in a round.
    """
    answers = _answers(ratings)
    tallies = tally(ratings)
    rated = tallies.ratings > 0
    posterior = np.where(rated[:, None], vote_shares(tallies), 0.0)
    before, risen, made = -np.inf, True, 0
    while risen and made < rounds and rated.any():
        made += 1
        joint = _log_joint(answers, ratings.categories, posterior, rated)
        marginal = logsumexp(joint, axis=1, keepdims=True)
        posterior = np.where(rated[:, None], np.exp(joint - marginal), 0.0)
        likelihood = float(marginal[rated].sum()) / len(ratings.code)
        risen = likelihood - before >= tolerance
        before = likelihood
    errors = (answers @ posterior).reshape(-1, ratings.categories, ratings.categories)
    return DawidSkene(
        posterior=np.where(rated[:, None], posterior, np.nan),
        prior=ratio(posterior.sum(axis=0), rated.sum(keepdims=True).astype(np.float64)),
        errors=ratio(errors, errors.sum(axis=1, keepdims=True)),
        rounds=made,
        converged=not risen,
    )


def _answers(ratings: Ratings) -> csr_array:
    """Return who gave which answer to what, ones in shape (annotators * categories, items)."""
    row = ratings.annotator.astype(np.intp) * ratings.categories + ratings.code
    shape = (ratings.annotators * ratings.categories, ratings.items)
    return csr_array((np.ones(len(row)), (row, ratings.item)), shape=shape)


def _log_joint(answers: csr_array, categories: int, posterior: Floats, rated: NDArray[np.bool_]) -> Floats:
    """Return the log-probability of each item's votes and true answer, shape (items, categories)."""
    counts = (answers @ posterior).reshape(-1, categories, categories)
    errors = np.maximum(counts, LEAST)
    errors /= errors.sum(axis=1, keepdims=True)
    prior = np.maximum(posterior.sum(axis=0) / rated.sum(), LEAST)
    joint: Floats = np.log(prior) + answers.T @ np.log(errors).reshape(-1, categories)
    return joint
