"""Percent agreement, Fleiss' kappa, Gwet's AC1 and AC2, PABAK: one published example and one reference for all.

Figures of irrCAC 0.4.4, Gwet's own package, were taken under pandas 2; it does not run with pandas 3.
"""

import numpy as np
import pytest

from annotation.agreement.fleiss_kappa import fleiss_kappa
from annotation.agreement.gwet_ac import gwet_ac
from annotation.agreement.pabak import pabak
from annotation.agreement.percent_agreement import percent_agreement, prevalence
from annotation.agreement.ratings import Ratings, Tallies, tally
from annotation.agreement.weighting import Weighting, agreement_weights
from tests.annotation.agreement.tables import FLEISS, NAN, PUBLISHED, ratings

# Votes with gaps, items with one vote and without, and level 4 of 0 to 4 unused: items are rows here.
GAPS = [
    [NAN, NAN, NAN, NAN, NAN],
    [2, 2, 2, 2, NAN],
    [NAN, NAN, NAN, NAN, NAN],
    [1, NAN, NAN, NAN, NAN],
    [1, NAN, 1, 1, 1],
    [3, NAN, 3, 3, 3],
    [1, 1, 1, 1, 1],
    [3, NAN, 3, 1, 1],
    [3, 0, 0, 1, 2],
    [NAN, 3, 1, 0, 2],
    [3, 3, NAN, 1, NAN],
    [3, NAN, 3, 0, NAN],
    [2, NAN, 1, 3, NAN],
    [2, NAN, 1, NAN, NAN],
]


def coefficients(votes: Ratings, weighting: Weighting = Weighting.IDENTITY) -> list[float]:
    weights = agreement_weights(weighting, tuple(map(float, range(votes.categories))))
    tallies, items = tally(votes), np.ones((1, votes.items))
    observed, shares = percent_agreement(tallies, items, weights), prevalence(tallies, items)
    kappa, ac = (each(observed, shares, weights) for each in (fleiss_kappa, gwet_ac))
    return [float(each[0]) for each in (observed, kappa, ac, pabak(observed, weights))]


@pytest.mark.parametrize(
    ("weighting", "expected"),
    [
        (Weighting.IDENTITY, [0.8181818182, 0.7611692754, 0.7754440681, 0.7727272727]),
        (Weighting.LINEAR, [0.9393939394, 0.8179447671, 0.8587391364, 0.8484848485]),
        (Weighting.QUADRATIC, [0.9753787879, 0.8649350649, 0.9140007236, 0.9015151515]),
        (Weighting.ORDINAL, [0.9681818182, 0.8502061894, 0.8989397699, 0.8863636364]),
    ],
)
def test_the_published_votes_of_four_raters_give_the_figures_of_irrcac(
    weighting: Weighting, expected: list[float]
) -> None:
    # Gwet prints AC1 0.775, Fleiss' kappa 0.761 and Brennan-Prediger 0.773 for them.
    assert coefficients(ratings(PUBLISHED, 5, first=1), weighting) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    ("weighting", "expected"),
    [
        (Weighting.IDENTITY, [0.4636363636, 0.2163429955, 0.3529140090, 0.3295454545]),
        (Weighting.LINEAR, [0.7666666667, 0.1288879927, 0.5205536464, 0.4166666667]),
        (Weighting.QUADRATIC, [0.8803030303, 0.0149398481, 0.6659686882, 0.5212121212]),
        (Weighting.ORDINAL, [0.8575757576, 0.0554247135, 0.6291102427, 0.4913419913]),
    ],
)
def test_gaps_and_an_unused_level_give_the_figures_of_irrcac(weighting: Weighting, expected: list[float]) -> None:
    assert coefficients(ratings(np.array(GAPS).T, 5), weighting) == pytest.approx(expected, abs=1e-9)


def test_fleiss_own_example_comes_out() -> None:
    counts, six, items = FLEISS.astype(float), np.full(30, 6.0), np.ones((1, 30))
    tallies = Tallies(counts, six, six)
    found = fleiss_kappa(percent_agreement(tallies, items, np.eye(5)), prevalence(tallies, items), np.eye(5))
    assert found == pytest.approx([0.430], abs=5e-4)


def test_pabak_is_twice_the_agreement_less_one_for_two_answers() -> None:
    # Pairs that agree: aa yes, ab no, bb yes, aa yes: 3 of 4.
    agreed, _, _, found = coefficients(ratings([[0, 0, 1, 0], [0, 1, 1, 0]], 2))
    assert (agreed, found) == pytest.approx((0.75, 0.5))


def test_high_agreement_on_skewed_answers_shows_in_ac1_and_not_in_kappa() -> None:
    # 100 items, two people: 90 times both yes, 10 times one of them no. P = 0.9, shares 0.95 and 0.05.
    # Fleiss: (0.9 - 0.905) / 0.095 = -1/19. AC1: P_e = 2 * 0.95 * 0.05 = 0.095, (0.9 - 0.095) / 0.905 = 161/181.
    votes = ratings([[1] * 95 + [0] * 5, [1] * 90 + [0] * 5 + [1] * 5], 2)
    assert coefficients(votes) == pytest.approx([0.9, -1 / 19, 161 / 181, 0.8])


@pytest.mark.parametrize(
    ("table", "categories", "expected"),
    [
        ([[1, 1], [1, 1]], 2, [1, NAN, 1, 1]),  # all gave one answer: kappa is 0/0, the others see agreement
        ([[0, 0], [0, 0]], 1, [1, NAN, NAN, NAN]),  # nobody could have disagreed
        ([[0, 1], [0, 1]], 2, [1, 1, 1, 1]),
        ([[0], [1]], 2, [0, -1, -1, -1]),  # one item
        ([[0, 0], [1, 1]], 2, [0, -1, -1, -1]),  # two people who always say the same, and not the same as each other
        ([[0, 1, 1]], 2, [NAN] * 4),  # one person
        ([[NAN]], 2, [NAN] * 4),  # nobody answered
    ],
)
def test_the_limits_are_defined(table: list[list[float]], categories: int, expected: list[float]) -> None:
    assert coefficients(ratings(table, categories)) == pytest.approx(expected, nan_ok=True)


def test_weights_fall_from_one_to_nothing() -> None:
    values = (0.0, 1.0, 4.0)
    linear, quadratic, ordinal = (
        agreement_weights(weighting, values)[0].tolist()
        for weighting in (Weighting.LINEAR, Weighting.QUADRATIC, Weighting.ORDINAL)
    )
    # Distances 0, 1, 4 of 4; squared 0, 1, 16 of 16; pairs among one, two, three neighbours: 0, 1, 3 of 3.
    assert (linear, quadratic) == ([1, 0.75, 0], [1, 0.9375, 0])
    assert ordinal == pytest.approx([1, 2 / 3, 0])
