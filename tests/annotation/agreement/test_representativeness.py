import numpy as np
import pytest

from annotation.agreement.raking import Margin
from annotation.agreement.representativeness import representativeness

SIXTY_FORTY = np.repeat([0, 1, -1], [60, 40, 7])


def test_sixty_of_a_hundred_against_one_half() -> None:
    # Chi-squared (10^2 + 10^2) / 50 = 4, p = 0.0455; ten of a hundred would have to be of the other category.
    found = representativeness(Margin(SIXTY_FORTY, np.array([0.5, 0.5])))
    assert found.people.tolist() == [60, 40]
    assert found.unsaid == 7
    assert found.points.value == pytest.approx([10, -10])
    assert found.dissimilarity == pytest.approx(0.1)
    assert found.p_value == pytest.approx(0.0455, abs=1e-4)
    assert found.least_expected == 50
    # Wilson's interval of 60 in 100 is 0.5020 to 0.6906.
    assert (found.points.low[0], found.points.high[0]) == pytest.approx((0.20, 19.06), abs=0.01)


def test_a_category_that_the_target_does_not_name_is_shown_and_not_tested() -> None:
    group = np.append(SIXTY_FORTY, np.full(20, 2))
    found = representativeness(Margin(group, np.array([0.6, 0.4, np.nan])))
    assert found.people.tolist() == [60, 40, 20]
    assert found.share.value[2] == pytest.approx(20 / 120)
    assert np.isnan(found.points.value[2])
    assert (found.dissimilarity, found.p_value) == pytest.approx((0, 1))


def test_a_sample_of_nobody_has_no_test() -> None:
    found = representativeness(Margin(np.full(5, -1), np.array([0.5, 0.5])))
    assert (found.unsaid, found.people.tolist()) == (5, [0, 0])
    assert np.isnan([found.p_value, found.dissimilarity]).all()
