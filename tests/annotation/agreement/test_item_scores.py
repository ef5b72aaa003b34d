from itertools import combinations
from math import comb, sqrt

import numpy as np
import pytest
from scipy.stats import ttest_ind

from annotation.agreement.item_scores import Scores, mean_differences, score_tests

# One item: scores of four people of the one group and five of the other.
ONE, OTHER = [5, 4, 5, 3], [2, 3, 1, 2, 4]


def scores(*items: tuple[list[int], list[int]]) -> Scores:
    rows = [(n, g, s) for n, item in enumerate(items) for g, group in enumerate(item) for s in group]
    item, group, score = np.array(rows).T
    return Scores(item, group, score.astype(float), len(items), 2)


def test_the_p_value_is_that_of_all_permutations_listed() -> None:
    everyone = np.array(ONE + OTHER, float)
    apart = []
    for chosen in combinations(range(9), 4):
        inside = np.isin(np.arange(9), chosen)
        apart.append(abs(everyone[inside].mean() - everyone[~inside].mean()))
    p_value = np.mean(np.array(apart) >= abs(np.mean(ONE) - np.mean(OTHER)) - 1e-9)
    found = score_tests(scores((ONE, OTHER)), np.random.default_rng(0), enough=10**6, most=20_000)
    assert found.p_value[0] == pytest.approx(p_value, abs=4 * sqrt(p_value * (1 - p_value) / 20_000) + 1e-4)
    assert found.smallest[0] == pytest.approx(1 / comb(9, 4))
    assert found.mean[0] == pytest.approx([4.25, 2.4])


def test_one_score_only_or_one_group_only_tells_nothing() -> None:
    found = score_tests(scores(([3, 3], [3]), ([1, 5], []), (ONE, OTHER)), np.random.default_rng(0))
    assert found.p_value[:2].tolist() == [1, 1]
    assert found.smallest[:2].tolist() == [1, 1]
    assert np.isnan(found.mean[1, 1])


def test_the_mean_difference_has_welchs_interval() -> None:
    expected = ttest_ind(ONE, OTHER, equal_var=False).confidence_interval(0.95)
    level = np.full(2, 0.95)
    found, error = mean_differences(scores((ONE, OTHER), ([3], [1, 2])), np.array([0, 0]), np.array([1, 1]), level)
    # Sample variances 0.9167 and 1.3: the square root of 0.9167 / 4 + 1.3 / 5.
    assert error[0] == pytest.approx(0.6994, abs=1e-4)
    assert (found.value[0], found.low[0], found.high[0]) == pytest.approx((1.85, expected.low, expected.high))
    assert found.value[1] == 1.5
    assert np.isnan([found.low[1], found.high[1]]).all()
