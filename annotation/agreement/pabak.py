"""PABAK, prevalence-adjusted bias-adjusted kappa: kappa as it were if all answers were equally frequent.

Source: Byrt, Bishop and Carlin, "Bias, prevalence and kappa" (J. Clin. Epidemiol. 1993): 2 P - 1 for two answers. For q
of them it is (q P - 1) / (q - 1), the S of Bennett, Alpert and Goldstein (1954) that Brennan and Prediger (1981)
recommend; with weights, agreement by chance is the mean weight (Gwet, "Handbook of Inter-Rater Reliability", 2014).
"""

import numpy as np

from annotation.agreement.percent_agreement import beyond_chance
from annotation.agreement.resampling import Floats


def pabak(observed: Floats, agreement: Floats) -> Floats:
    """Return PABAK, -1 / (q - 1) to 1, of each draw, shape (draws,).

    1 where all agree; NaN where the scale has one answer only.

    Args:
        observed: `percent_agreement` of each draw, shape (draws,).
        agreement: of each pair of answers, shape (categories, categories); one that nobody chose counts for q.
    """
    return beyond_chance(observed, np.full(len(observed), agreement.mean() if agreement.size else np.nan))
