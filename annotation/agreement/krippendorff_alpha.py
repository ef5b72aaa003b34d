"""Krippendorff's alpha: 1 less the disagreement that there is over the one to expect, for any number of people.

Source: Krippendorff, "Content Analysis" (2004), chapter 11; "Computing Krippendorff's alpha-reliability" (2011).
There the coincidences of answers are summed over items; here the same is said in closed form on the counts n_uc of an
item u with n_u votes, N_c being the sum over the items with two votes or more, N that of all N_c:

    alpha = 1 - (N - 1) * sum_u (sum_cc' n_uc n_uc' d_cc') / (n_u - 1) / sum_cc' N_c N_c' d_cc'

Nominal: d = 1 for different answers, so the inner sum is n_u^2 - sum_c n_uc^2. Interval: d = (v_c - v_c')^2, so it is
2 (n_u sum_c n_uc v_c^2 - (sum_c n_uc v_c)^2). Ordinal: the metric is the sum of N_g from c to c'
less half of N_c + N_c', is the distance of mid-ranks v_c = N_1 + ... + N_c - N_c / 2, so it is interval on these.
"""

from collections.abc import Sequence

import numpy as np

from annotation.agreement.ratings import Tallies
from annotation.agreement.resampling import Floats, ratio
from annotation.votes.scales import Level


def krippendorff_alpha(tallies: Tallies, items: Floats, level: Level, values: Sequence[float]) -> Floats:
    """Return alpha, at most 1, of each row of weights, shape (draws,).

    Items with votes of fewer than two people count for nothing. NaN where all the others hold one and the same answer,
    for without variation nothing is known of reliability (Krippendorff 2004), and where there are no others.

    Args:
        tallies: of the votes.
        items: how often each item counts, shape (draws, items).
        level: of measurement, which tells the metric; binary is nominal.
        values: a number for each answer, in ascending order; only the interval metric reads them.
    """
    pairable = tallies.pairs > 0
    counts = np.where(pairable[:, None], tallies.counts, 0.0)
    # One over n_u - 1 where each person counts once; see `Tallies` for the rest.
    factor = np.where(pairable, ratio(tallies.ratings, tallies.pairs), 0.0)
    totals = items @ counts
    size = totals.sum(axis=1)
    varied = (totals > 0).sum(axis=1) > 1
    if level in (Level.BINARY, Level.NOMINAL):
        observed = items @ (factor * (tallies.ratings**2 - np.einsum("ik,ik->i", counts, counts)))
        expected = size**2 - (totals**2).sum(axis=1)
    else:
        place = totals.cumsum(axis=1) - totals / 2 if level is Level.ORDINAL else np.broadcast_to(values, totals.shape)
        # Distances stay what they are; squares of smaller numbers lose less to rounding.
        place = place - np.where(varied, ratio((totals * place).sum(axis=1), size), 0.0)[:, None]
        observed = _spread(counts, place, items * factor)
        expected = 2 * size * (totals * place**2).sum(axis=1)
    return 1 - ratio(observed * (size - 1), np.where(varied, expected, 0.0))


def _spread(counts: Floats, values: Floats, weights: Floats) -> Floats:
    """Return the weighted sum over items of the squared differences within each, shape (draws,).

    Args:
        counts: shape (items, categories).
        values: of the categories, shape (draws, categories).
        weights: of the items, shape (draws, items).
    """
    sums, squares = values @ counts.T, values**2 @ counts.T
    within: Floats = 2 * (weights * (counts.sum(axis=1) * squares - sums**2)).sum(axis=1)
    return within
