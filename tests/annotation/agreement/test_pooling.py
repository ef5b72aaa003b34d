import numpy as np
import pytest
from scipy.integrate import quad

from annotation.agreement.pooling import in_words, pooled, pooled_rates

# Rubin 1981; Gelman et al. 2013, section 5.5: coaching in eight schools.
SCHOOLS = np.array([28.0, 8, -3, 7, -1, 1, 18, 12])
ERRORS = np.array([15.0, 10, 16, 11, 9, 11, 10, 18])


def test_the_eight_schools_have_their_published_values() -> None:
    # Posterior means and standard deviations as Stan's introduction (RStan, "Getting started") prints them for the same
    # model and flat priors, from draws, so to a few tenths.
    found = pooled(SCHOOLS, ERRORS)
    assert found.value == pytest.approx([11.4, 7.9, 6.1, 7.6, 5.1, 6.1, 10.6, 8.4], abs=0.4)
    assert (found.high - found.value) / 1.959964 == pytest.approx([8.2, 6.2, 7.7, 6.5, 6.3, 6.7, 6.7, 7.8], abs=0.4)
    assert found.mean == pytest.approx(7.9, abs=0.2)


def test_values_are_averages_over_the_deviation_between_groups() -> None:
    # Equal errors of 1: at deviation t each value is its own for t^2 / (1 + t^2), and t has the density
    # (1 + t^2)^(-(3 - 1) / 2) exp(-8 / (2 (1 + t^2))) for estimates 0, 2, 4, whose squares around 2 add up to 8.
    def density(t: float) -> float:
        return float(np.exp(-4 / (1 + t**2)) / (1 + t**2))

    own = quad(lambda t: t**2 / (1 + t**2) * density(t), 0, np.inf)[0] / quad(density, 0, np.inf)[0]
    found = pooled(np.array([0.0, 2, 4]), np.ones(3))
    assert found.own == pytest.approx([own] * 3, abs=1e-6)
    assert found.value == pytest.approx([2 - 2 * own, 2, 2 + 2 * own], abs=1e-6)
    assert quad(density, 0, found.between)[0] / quad(density, 0, np.inf)[0] == pytest.approx(0.5, abs=0.02)


def test_the_less_is_known_of_a_group_the_more_it_borrows() -> None:
    found = pooled_rates(np.array([90, 9, 30, 1]), np.array([100, 10, 100, 1]))
    assert found.own[0] > found.own[1] > found.own[3]
    assert abs(found.value[1] - found.mean) < abs(0.9 - found.mean)
    assert ((found.low > 0) & (found.high < 1) & (found.low < found.value) & (found.value < found.high)).all()


def test_a_group_without_answers_has_no_value_and_the_others_keep_theirs() -> None:
    found = pooled_rates(np.array([90, 30, 0, 50]), np.array([100, 100, 0, 100]))
    assert np.isnan([found.value[2], found.own[2]]).all()
    without = pooled_rates(np.array([90, 30, 50]), np.array([100, 100, 100]))
    assert found.value[[0, 1, 3]] == pytest.approx(without.value)
    assert np.isnan(pooled_rates(np.zeros(2, np.int64), np.zeros(2, np.int64)).mean)


def test_with_two_groups_none_borrows() -> None:
    found = pooled(np.array([3.0, 5.0]), np.array([2.0, 1.0]))
    assert (found.value.tolist(), found.own.tolist()) == ([3, 5], [1, 1])
    assert found.high[0] == pytest.approx(3 + 2 * 1.959964)
    assert np.isnan([found.mean, found.between]).all()


@pytest.mark.parametrize("groups", [4, 8, 20])
def test_intervals_hold_the_truth_with_few_groups_and_with_many(groups: int) -> None:
    # Some 4,000 intervals. Groups of one study share what is learned of the deviation, hence three times the binomial
    # standard error of 0.0034 on either side of the range promised, 93 to 97 %.
    rng = np.random.default_rng(0)
    held = []
    for _ in range(4000 // groups):
        errors = rng.uniform(0.3, 1.5, groups)
        truth = rng.standard_normal(groups)
        found = pooled(truth + errors * rng.standard_normal(groups), errors)
        held.append(((found.low <= truth) & (truth <= found.high)).mean())
    assert 0.92 < np.mean(held) < 0.98


def test_pooling_is_said_in_plain_words() -> None:
    assert in_words("Other", 9, 0.3) == (
        "Other has 9 people; the figure is mostly what all groups have in common: 30% of it is the group's own, "
        "70% is pulled in from the mean of all groups."
    )
    assert in_words("Nobody", 0, np.nan) == "Nothing is known about Nobody: nobody of it answered."
    # Ten people who all gave one answer did answer.
    assert in_words("Man", 10, np.nan) == "Man has 10 people, and no estimate to pool."
    assert "one person; the figure is mostly the group's own" in in_words("A", 1, 0.5)
