"""Percent agreement: the share of pairs of people who gave the same answer to the same item.

Source: Fleiss, "Measuring nominal scale agreement among many raters" (Psychol. Bull. 1971); with weights and missing
votes, Gwet, "Handbook of Inter-Rater Reliability" (4th ed., 2014), chapters 2 and 3. For item i with counts r_ik, their
sum r_i, and agreement weights w_kl:

    P_i = (sum_kl w_kl r_ik r_il - r_i) / (r_i (r_i - 1)),    P = mean of P_i over the items with two votes or more.
"""

import numpy as np

from annotation.agreement.ratings import Tallies
from annotation.agreement.resampling import Floats, ratio


def percent_agreement(tallies: Tallies, items: Floats, agreement: Floats) -> Floats:
    """Return the agreement, 0 to 1, of each row of weights, shape (draws,).

    NaN where no item has votes of two people.

    Args:
        tallies: of the votes.
        items: how often each item counts, shape (draws, items).
        agreement: of each pair of answers, ones on the diagonal, shape (categories, categories).
    """
    pairable = tallies.pairs > 0
    agreeing = np.einsum("ik,ik->i", tallies.counts @ agreement, tallies.counts) - tallies.squares
    of_item = np.where(pairable, ratio(agreeing, tallies.pairs), 0.0)
    return ratio(items @ of_item, items @ pairable)


def prevalence(tallies: Tallies, items: Floats) -> Floats:
    """Return the mean share of each answer over the items with a vote, shape (draws, categories).

    Items count alike, however many voted (Gwet 2014, chapter 2); NaN where no item has a vote.
    """
    rated = tallies.ratings > 0
    shares = np.where(rated[:, None], ratio(tallies.counts, tallies.ratings[:, None]), 0.0)
    return ratio(items @ shares, (items @ rated)[:, None])


def beyond_chance(observed: Floats, expected: Floats) -> Floats:
    """Return (observed - expected) / (1 - expected), NaN where agreement by chance is certain.

    Certain is what differs from 1 by rounding only: then nobody could have disagreed.
    """
    room = 1 - expected
    return ratio(observed - expected, np.where(room > 1e-12, room, 0.0))
