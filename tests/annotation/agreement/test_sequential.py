from itertools import pairwise
from math import sqrt

import numpy as np
import pytest
from scipy.special import ndtr

from annotation.agreement.sequential import Spending, crossing_chance, first_crossing, looks, spent

FIFTHS = (0.2, 0.4, 0.6, 0.8, 1.0)


def test_the_recursion_gives_back_the_published_constants() -> None:
    # Jennison & Turnbull 2000, two-sided 0.05: Pocock's constant (table 2.1) is 2.178, 2.289, 2.361, 2.413 for 2 to 5
    # looks, O'Brien & Fleming's (table 2.3) 1.977, 2.004, 2.024, 2.040. A constant rounded to 0.0005 moves the error by
    # at most 0.0001.
    published = {2: (2.178, 1.977), 3: (2.289, 2.004), 4: (2.361, 2.024), 5: (2.413, 2.040)}
    for number, (pocock, obrien_fleming) in published.items():
        fractions = np.arange(1, number + 1) / number
        assert crossing_chance([pocock] * number, fractions).sum() == pytest.approx(0.05, abs=1e-4)
        falling = list(obrien_fleming / np.sqrt(fractions))
        assert crossing_chance(falling, fractions).sum() == pytest.approx(0.05, abs=1e-4)


@pytest.mark.parametrize(
    ("spending", "published"),
    [
        # Five equal looks, two-sided 0.05: gsDesign's sfLDOF and sfLDPocock; DeMets & Lan, Stat. Med. 1994.
        (Spending.OBRIEN_FLEMING, (4.877, 3.357, 2.680, 2.290, 2.031)),
        (Spending.POCOCK, (2.438, 2.427, 2.410, 2.397, 2.386)),
    ],
)
def test_spending_boundaries_are_the_published_ones(spending: Spending, published: tuple[float, ...]) -> None:
    found = looks(FIFTHS, spending=spending)
    assert [each.boundary for each in found] == pytest.approx(published, abs=6e-4)
    assert found[-1].spent == 0.05


def test_one_look_is_the_usual_test() -> None:
    (only,) = looks([1.0])
    assert (only.boundary, only.nominal_p) == pytest.approx((1.959964, 0.05), abs=1e-6)


def test_what_is_spent_is_what_the_boundaries_let_through() -> None:
    fractions = (0.1, 0.15, 0.5, 0.9)
    found = looks(fractions, alpha=0.01, spending=Spending.POCOCK)
    crossed = np.cumsum(crossing_chance([each.boundary for each in found], fractions))
    assert crossed == pytest.approx([spent(each, 0.01, Spending.POCOCK) for each in fractions], abs=1e-8)
    # The error that is left is not spent before all answers are in.
    assert crossed[-1] < 0.01


def test_many_looks_stay_within_the_error() -> None:
    fractions = np.arange(1, 101) / 100
    found = looks(list(fractions))
    assert crossing_chance([each.boundary for each in found], fractions).sum() == pytest.approx(0.05, abs=1e-6)
    assert all(later.boundary <= sooner.boundary + 1e-6 for sooner, later in pairwise(found))


def test_a_difference_is_found_with_the_power_of_a_plain_test_and_earlier() -> None:
    # One look at z with mean 2.8016 has power 0.80; the price of five looks is small with O'Brien and Fleming's.
    drift = 2.801585
    once = crossing_chance([1.959964], [1.0], drift=drift)
    assert once.sum() == pytest.approx(ndtr(drift - 1.959964) + ndtr(-drift - 1.959964), abs=1e-9)
    chances = crossing_chance([each.boundary for each in looks(FIFTHS)], FIFTHS, drift=drift)
    assert 0.77 < chances.sum() < 0.80
    assert chances[:4].sum() > 0.5


def test_the_recursion_agrees_with_simulated_studies() -> None:
    # 40,000 studies under the null hypothesis; standard error of 0.05 is 0.0011.
    found = looks((0.3, 0.6, 1.0), spending=Spending.POCOCK)
    rng = np.random.default_rng(0)
    process = np.cumsum(rng.standard_normal((40_000, 3)) * np.sqrt([0.3, 0.3, 0.4]), axis=1)
    z = process / np.sqrt([0.3, 0.6, 1.0])
    crossed = (np.abs(z) >= [each.boundary for each in found]).any(axis=1).mean()
    assert crossed == pytest.approx(0.05, abs=4 * sqrt(0.05 * 0.95 / 40_000))


def test_the_first_boundary_reached_stops_and_none_may_be() -> None:
    planned = looks(FIFTHS)
    assert first_crossing([2.0, -3.4, 5.0], planned) == 1
    assert first_crossing([2.0, 2.0], planned) is None
    assert first_crossing([], planned) is None


def test_a_look_so_early_that_nothing_is_spent_is_never_crossed() -> None:
    assert looks([0.001, 1.0])[0].boundary == 8.0


@pytest.mark.parametrize("fractions", [(0.5, 0.5), (0.5, 0.4), (0.0,), (0.5, 1.1)])
def test_looks_that_do_not_rise_are_refused(fractions: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="give rising shares"):
        looks(fractions)
