"""From log-odds of a typical person about a typical item to the share of yes in the population: marginal rates.

A logistic model with random intercepts of total variance s^2 gives the marginal rate E expit(e + s z), z ~ N(0, 1)
(Zeger, Liang & Albert, "Models for longitudinal data", Biometrics 1988, section 2), here by Gauss-Hermite quadrature.
Its standard error follows by the delta method, that of the deviations included (Agresti, "Categorical Data Analysis",
2013, section 16.1).
"""

from functools import cache
from math import pi, sqrt
from typing import Final, NamedTuple

import numpy as np
from numpy.polynomial.hermite_e import hermegauss
from scipy.special import expit

from annotation.agreement.crossed_laplace import Floats
from annotation.agreement.crossed_logistic import Fit

# Exact to 1e-7 for deviations up to 3, to 1e-9 up to 2.
_NODES: Final = 64


class Rates(NamedTuple):
    """Marginal rates and their first derivatives.

    Attributes:
        rate: shape (g,), 0 to 1.
        slopes: shape (g, k + 2), by the coefficients and the log deviations of people and items.
    """

    rate: Floats
    slopes: Floats


def expected_share(log_odds: Floats, sd: float) -> Floats:
    """Return E expit(log_odds + sd z) of standard normal z, elementwise."""
    nodes, weights = _quadrature()
    shares: Floats = expit(np.asarray(log_odds)[..., None] + sd * nodes) @ weights
    return shares


def marginal_rates(fit: Fit, profiles: Floats) -> Rates:
    """Return the share of yes that people of each profile give to items like those asked.

    Args:
        fit: the model.
        profiles: shape (g, k), rows of a design.
    """
    nodes, weights = _quadrature()
    total = sqrt(fit.sds[0] ** 2 + fit.sds[1] ** 2)
    chance = expit((profiles @ fit.coefficients)[:, None] + total * nodes)
    steep = chance * (1 - chance)
    by_total = steep @ (weights * nodes)
    by_sds = [by_total * sd**2 / total for sd in fit.sds]
    return Rates(chance @ weights, np.column_stack([(steep @ weights)[:, None] * profiles, *by_sds]))


@cache
def _quadrature() -> tuple[Floats, Floats]:
    nodes, weights = hermegauss(_NODES)
    return nodes, weights / sqrt(2 * pi)
