"""Fleiss' kappa: agreement of many people beyond what their answers, dealt at random, would show.

Source: Fleiss, "Measuring nominal scale agreement among many raters" (Psychol. Bull. 1971), for as many votes on each
item; otherwise as generalised by Gwet, "Handbook of Inter-Rater Reliability" (4th ed., 2014), chapters 2 and 3:

    kappa = (P - P_e) / (1 - P_e),    P_e = sum_kl w_kl p_k p_l,

P being the percent agreement and p_k the mean share of answer k over items.
"""

import numpy as np

from annotation.agreement.percent_agreement import beyond_chance
from annotation.agreement.resampling import Floats


def fleiss_kappa(observed: Floats, shares: Floats, agreement: Floats) -> Floats:
    """Return kappa, -1 to 1, of each draw, shape (draws,).

    NaN where all gave one and the same answer, for then agreement by chance is certain.

    Args:
        observed: `percent_agreement` of each draw, shape (draws,).
        shares: `prevalence` of the answers, shape (draws, categories).
        agreement: of each pair of answers, shape (categories, categories); the identity is Fleiss's own.
    """
    return beyond_chance(observed, np.einsum("dk,dk->d", shares @ agreement, shares))
