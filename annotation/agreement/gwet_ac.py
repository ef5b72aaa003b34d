"""Gwet's AC1 and AC2: agreement beyond chance that does not fall apart when nearly all give the same answer.

Source: Gwet, "Computing inter-rater reliability and its variance in the presence of high agreement" (Br. J. Math. Stat.
Psychol. 2008), for AC1; "Handbook of Inter-Rater Reliability" (4th ed., 2014), chapters 2 to 4, for AC2, which has
weights. With q answers on the scale, p_k the mean share of answer k over items and T the sum of all weights:

    P_e = T / (q (q - 1)) * sum_k p_k (1 - p_k),    AC = (P - P_e) / (1 - P_e).
"""

import numpy as np

from annotation.agreement.percent_agreement import beyond_chance
from annotation.agreement.resampling import Floats


def gwet_ac(observed: Floats, shares: Floats, agreement: Floats) -> Floats:
    """Return AC2, or AC1 where the agreement is the identity, -1 to 1, of each draw, shape (draws,).

    1 where all agree, also when they all gave one and the same answer out of several; NaN where the scale has one
    answer only.

    Args:
        observed: `percent_agreement` of each draw, shape (draws,).
        shares: `prevalence` of the answers, shape (draws, categories); one that nobody chose counts for q.
        agreement: of each pair of answers, shape (categories, categories).
    """
    size = len(agreement)
    if size < 2:
        return np.full(len(observed), np.nan)
    expected = agreement.sum() / (size * (size - 1)) * (shares * (1 - shares)).sum(axis=1)
    return beyond_chance(observed, expected)
