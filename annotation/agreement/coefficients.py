"""All coefficients of one question, each with intervals from the same draws.

No one of them is the truth: with answers as skewed as 91 to 9, kappa and alpha are near 0 for the same votes for which
AC1 and PABAK are near 0.9 (Feinstein and Cicchetti, "High agreement but low kappa", J. Clin. Epidemiol. 1990).
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TypeAlias

import numpy as np

from annotation.agreement.fleiss_kappa import fleiss_kappa
from annotation.agreement.gwet_ac import gwet_ac
from annotation.agreement.krippendorff_alpha import krippendorff_alpha
from annotation.agreement.pabak import pabak
from annotation.agreement.percent_agreement import percent_agreement
from annotation.agreement.ratings import Ratings, Tallies, tally
from annotation.agreement.resampling import (
    DRAWS,
    Drawn,
    Estimate,
    Floats,
    blocks,
    multiplicities,
    percentile_interval,
)
from annotation.agreement.weighting import Weighting, agreement_weights
from annotation.votes.scales import Level

Coefficient: TypeAlias = Callable[[Tallies, Floats], Floats]
"""Tallies and weights of items, shape (draws, items), to a figure for each draw, shape (draws,)."""

WEIGHTING = {Level.ORDINAL: Weighting.ORDINAL, Level.INTERVAL: Weighting.QUADRATIC}


def coefficients_for(level: Level, values: Sequence[float]) -> dict[str, Coefficient]:
    """Return the coefficients that suit a scale, by name.

    Args:
        level: ordinal and interval scales get `gwet_ac2` and alpha with their metric besides the unweighted ones.
        values: a number for each answer, in ascending order.
    """
    identity = agreement_weights(Weighting.IDENTITY, values)
    chosen: dict[str, Coefficient] = {
        "percent_agreement": partial(percent_agreement, agreement=identity),
        "krippendorff_alpha_nominal": partial(krippendorff_alpha, level=Level.NOMINAL, values=values),
        "fleiss_kappa": partial(fleiss_kappa, agreement=identity),
        "gwet_ac1": partial(gwet_ac, agreement=identity),
        "pabak": partial(pabak, agreement=identity),
    }
    if level in WEIGHTING:
        chosen[f"krippendorff_alpha_{level}"] = partial(krippendorff_alpha, level=level, values=values)
        chosen["gwet_ac2"] = partial(gwet_ac, agreement=agreement_weights(WEIGHTING[level], values))
    return chosen


def estimates(
    ratings: Ratings,
    coefficients: Mapping[str, Coefficient],
    drawn: Drawn,
    rng: np.random.Generator,
    draws: int = DRAWS,
) -> dict[str, Estimate]:
    """Return each coefficient with its percentile interval.

    Args:
        ratings: the votes.
        coefficients: by name.
        drawn: what is drawn with replacement; items and people without a vote are not.
        rng: source of the draws.
        draws: how many.
    """
    ratings = _renumbered(ratings)
    whole = tally(ratings)
    once = np.ones((1, ratings.items))
    found = np.empty((len(coefficients), draws))
    if drawn is Drawn.ITEMS:
        start = 0
        for size in blocks(draws, ratings.items):
            items = multiplicities(ratings.items, size, rng)
            found[:, start : start + size] = [coefficient(whole, items) for coefficient in coefficients.values()]
            start += size
    else:
        for draw in range(draws):
            tallies = tally(ratings, multiplicities(ratings.annotators, 1, rng)[0])
            items = multiplicities(ratings.items, 1, rng) if drawn is Drawn.BOTH else once
            found[:, draw] = [coefficient(tallies, items)[0] for coefficient in coefficients.values()]
    return {
        name: percentile_interval(float(coefficient(whole, once)[0]), found[place])
        for place, (name, coefficient) in enumerate(coefficients.items())
    }


def _renumbered(ratings: Ratings) -> Ratings:
    """Return the votes with the items and annotators that have any numbered from 0."""
    items, item = np.unique(ratings.item, return_inverse=True)
    annotators, annotator = np.unique(ratings.annotator, return_inverse=True)
    return Ratings(
        item.astype(np.int32),
        annotator.astype(np.int32),
        ratings.code,
        len(items),
        len(annotators),
        ratings.categories,
    )
