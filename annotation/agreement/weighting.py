"""How much two answers agree, from 0 for the farthest apart to 1 for the same: the weights of weighted coefficients.

Source: Gwet, "Handbook of Inter-Rater Reliability" (4th ed., 2014), chapter 3; linear and quadratic ones are those of
Cicchetti and Allison (1971) and of Fleiss and Cohen (1973).
"""

from collections.abc import Sequence
from enum import StrEnum

import numpy as np

from annotation.agreement.resampling import Floats


class Weighting(StrEnum):
    """How agreement falls with distance."""

    IDENTITY = "identity"
    LINEAR = "linear"
    QUADRATIC = "quadratic"
    ORDINAL = "ordinal"


def agreement_weights(weighting: Weighting, values: Sequence[float]) -> Floats:
    """Return the agreement of each pair of answers, symmetric with ones on the diagonal, shape (answers, answers).

    With d = |v_k - v_l| and D the greatest d: identity has 0 off the diagonal, linear 1 - d / D, quadratic
    1 - (d / D)^2. Ordinal ones heed the order alone: with m = C(|k - l| + 1, 2), 1 - m / max(m).

    Args:
        weighting: which.
        values: a number for each answer, in ascending order; `Scale.values`.
    """
    size = len(values)
    if weighting is Weighting.IDENTITY or size < 2:
        return np.eye(size)
    if weighting is Weighting.ORDINAL:
        apart = np.abs(np.subtract.outer(np.arange(size), np.arange(size))) + 1.0
        distance = apart * (apart - 1) / 2
    else:
        distance = np.abs(np.subtract.outer(values, values)) ** (1 if weighting is Weighting.LINEAR else 2)
    weights: Floats = 1 - distance / distance.max()
    return weights
