"""All coefficients of one question, each with intervals from the same draws.

No one of them is the truth: with answers as skewed as 91 to 9, kappa and alpha are near 0 for the same votes for which
AC1 and PABAK are near 0.9 (Feinstein and Cicchetti, "High agreement but low kappa", J. Clin. Epidemiol. 1990).
"""

from collections.abc import Sequence
from typing import Final, TypeAlias

import numpy as np
from threadpoolctl import threadpool_limits

from annotation.agreement.fleiss_kappa import fleiss_kappa
from annotation.agreement.gwet_ac import gwet_ac
from annotation.agreement.krippendorff_alpha import krippendorff_alpha
from annotation.agreement.pabak import pabak
from annotation.agreement.percent_agreement import percent_agreement, prevalence
from annotation.agreement.ratings import Ratings, Tallies, present, tallies, tally
from annotation.agreement.resampling import (
    DRAWS,
    Clusters,
    Floats,
    Resampled,
    blocks,
    multiplicities,
    resampled,
)
from annotation.agreement.weighting import Weighting, agreement_weights
from annotation.votes.scales import Level

Figures: TypeAlias = dict[str, Floats]

PERCENT_AGREEMENT: Final = "percent_agreement"
"""The one that is a share, 0 to 1; the others can be as little as -1."""
WEIGHTING: Final = {Level.ORDINAL: Weighting.ORDINAL, Level.INTERVAL: Weighting.QUADRATIC}


def figures(tallied: Tallies, items: Floats, level: Level, values: Sequence[float]) -> Figures:
    """Return each coefficient that suits the scale, of each row of weights, shape (draws,), by its name.

    Args:
        tallied: the votes.
        items: how often each item counts, shape (draws, items).
        level: ordinal and interval scales get AC2 and alpha with their metric besides the unweighted coefficients.
        values: a number for each answer, in ascending order.
    """
    identity = agreement_weights(Weighting.IDENTITY, values)
    observed, shares = percent_agreement(tallied, items, identity), prevalence(tallied, items)
    found = {
        PERCENT_AGREEMENT: observed,
        "krippendorff_alpha_nominal": krippendorff_alpha(tallied, items, Level.NOMINAL, values),
        "fleiss_kappa": fleiss_kappa(observed, shares, identity),
        "gwet_ac1": gwet_ac(observed, shares, identity),
        "pabak": pabak(observed, identity),
    }
    if level in WEIGHTING:
        weights = agreement_weights(WEIGHTING[level], values)
        found[f"krippendorff_alpha_{level}"] = krippendorff_alpha(tallied, items, level, values)
        found["gwet_ac2"] = gwet_ac(percent_agreement(tallied, items, weights), shares, weights)
    return found


def estimates(
    ratings: Ratings, level: Level, values: Sequence[float], rng: np.random.Generator, draws: int = DRAWS
) -> dict[str, Resampled]:
    """Return each coefficient that suits the scale with its intervals.

    Args:
        ratings: the votes.
        level: of the scale.
        values: of its answers.
        rng: source of the draws.
        draws: how many; items and people without a vote are not drawn.
    """
    ratings = present(ratings).ratings
    whole, once = tally(ratings), np.ones((1, ratings.items))
    weights = (multiplicities(ratings.items, size, rng) for size in blocks(draws, ratings.items))
    by_items = [figures(whole, items, level, values) for items in weights]
    with threadpool_limits(1, "blas"):  # the small products of one draw take several times as long in threads
        others = [
            figures(tallied, _once_and_drawn(ratings.items, rng), level, values)
            for size in blocks(draws, ratings.items * ratings.categories + ratings.annotators)
            for tallied in tallies(ratings, multiplicities(ratings.annotators, size, rng).T)
        ]
    return {
        name: resampled(
            float(value[0]),
            np.vstack(
                [np.concatenate([part[name] for part in by_items]), np.stack([part[name] for part in others], axis=1)]
            ),
            Clusters(ratings.items, ratings.annotators),
            least=0.0 if name == PERCENT_AGREEMENT else -1.0,
        )
        for name, value in figures(whole, once, level, values).items()
    }


def _once_and_drawn(size: int, rng: np.random.Generator) -> Floats:
    """Return weights of the items as they are, and of a draw of them, shape (2, size)."""
    return np.vstack([np.ones(size), multiplicities(size, 1, rng)[0]])
