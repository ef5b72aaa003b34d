"""Looks at the data while a campaign runs, without more false alarms than one look would give: alpha spending.

Lan & DeMets, "Discrete sequential boundaries for clinical trials", Biometrika 1983: the error that may have been spent
by a share t of the information is fixed beforehand, the number and times of looks are not. Boundaries follow from it
one by one, by integrating the joint normal distribution of the looks numerically (Armitage, McPherson & Rowe, JRSS A
1969; Jennison & Turnbull, "Group Sequential Methods", 2000, chapters 7 and 19). Tests are two-sided and symmetric.

The share of information of a contrast is, near enough, the share of the planned answers that have come in.
"""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from functools import cache
from math import e, log, sqrt
from typing import Final, NamedTuple

import numpy as np
from numpy.polynomial.legendre import leggauss
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri

from annotation.agreement.crossed_laplace import Floats

# Nodes of the quadrature between the boundaries; doubling them moves no boundary by 1e-8 with looks 0.01 apart.
_NODES: Final = 400
# A boundary that nobody crosses: the error to spend is less than the chance of this.
_NEVER: Final = 8.0


class Spending(StrEnum):
    """How the error is spent."""

    OBRIEN_FLEMING = "O'Brien-Fleming"
    POCOCK = "Pocock"


class Look(NamedTuple):
    """One look at the data.

    Attributes:
        fraction: of the planned information, 0 to 1.
        spent: error spent up to this look, if the groups do not differ.
        boundary: the z statistic from which on, in absolute value, the difference is established.
        nominal_p: two-sided p-value of the boundary.
    """

    fraction: float
    spent: float
    boundary: float
    nominal_p: float


class _Going(NamedTuple):
    """Where the process is if no boundary was crossed: nodes of B(t) = z sqrt(t), and density times node weight."""

    nodes: Floats
    mass: Floats
    fraction: float


_START: Final = _Going(np.zeros(1), np.ones(1), 0.0)


def spent(fraction: float, alpha: float, spending: Spending) -> float:
    """Return the error to have been spent by that share of the information; all of it from 1 on."""
    if fraction >= 1:
        return alpha
    if spending is Spending.POCOCK:
        return alpha * log(1 + (e - 1) * fraction)
    return float(4 * ndtr(-ndtri(1 - alpha / 4) / sqrt(fraction)))


def looks(
    fractions: Sequence[float], *, alpha: float = 0.05, spending: Spending = Spending.OBRIEN_FLEMING
) -> list[Look]:
    """Return the boundary at each look.

    Args:
        fractions: of the planned information, increasing, above 0; the last is 1 if all answers are in.
        alpha: two-sided error over all looks.
        spending: how it is spent.

    Raises:
        ValueError: a fraction does not exceed the one before, or 1.
    """
    found: list[Look] = []
    going, before = _START, 0.0
    for fraction in fractions:
        if not going.fraction < fraction <= 1:
            raise ValueError(
                f"a look at {fraction} of the information follows one at {going.fraction}: give rising shares"
            )
        by_now = spent(fraction, alpha, spending)
        boundary = _boundary(going, fraction, by_now - before)
        found.append(Look(fraction, by_now, boundary, float(2 * ndtr(-boundary))))
        going, before = _continued(going, fraction, boundary), by_now
    return found


def crossing_chance(boundaries: Iterable[float], fractions: Iterable[float], *, drift: float = 0.0) -> Floats:
    """Return the chance to cross each boundary first at that look.

    Args:
        boundaries: of the absolute z statistic.
        fractions: of the information, increasing.
        drift: expected z at the end; 0 gives the error spent, anything else the power.
    """
    going, chances = _START, []
    for boundary, fraction in zip(boundaries, fractions, strict=True):
        chances.append(_crossing(going, fraction, boundary, drift))
        going = _continued(going, fraction, boundary, drift)
    return np.array(chances)


def first_crossing(statistics: Sequence[float], planned: Sequence[Look]) -> int | None:
    """Return the number of the first look, from 0, at which the z statistic reached its boundary."""
    so_far = enumerate(zip(statistics, planned, strict=False))
    return next((number for number, (z, look) in so_far if abs(z) >= look.boundary), None)


def _boundary(going: _Going, fraction: float, error: float) -> float:
    def excess(boundary: float) -> float:
        return _crossing(going, fraction, boundary, 0.0) - error

    return float(brentq(excess, 0.0, _NEVER, xtol=1e-10)) if excess(_NEVER) < 0 else _NEVER


def _crossing(going: _Going, fraction: float, boundary: float, drift: float) -> float:
    step = fraction - going.fraction
    edge, mean = boundary * sqrt(fraction), going.nodes + drift * step
    outside = ndtr((mean - edge) / sqrt(step)) + ndtr((-edge - mean) / sqrt(step))
    return float(going.mass @ outside)


def _continued(going: _Going, fraction: float, boundary: float, drift: float = 0.0) -> _Going:
    step = fraction - going.fraction
    points, weights = _quadrature()
    edge = boundary * sqrt(fraction)
    moved = (edge * points[:, None] - going.nodes - drift * step) / sqrt(step)
    density = np.exp(-(moved**2) / 2) @ going.mass / sqrt(2 * np.pi * step)
    return _Going(edge * points, edge * weights * density, fraction)


@cache
def _quadrature() -> tuple[Floats, Floats]:
    points, weights = leggauss(_NODES)
    return points, weights
