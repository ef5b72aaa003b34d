import numpy as np
import pytest

from valueprism_build.wilson import wilson_bounds


def test_the_published_intervals_come_out() -> None:
    # Newcombe, "Two-sided confidence intervals for the single proportion" (Stat. Med. 1998), table I, method 3.
    low, high = wilson_bounds(np.array([81 / 263, 15 / 148, 0 / 20, 1 / 29]), np.array([263, 148, 20, 29]))
    assert low == pytest.approx([0.2553, 0.0624, 0.0000, 0.0061], abs=5e-5)
    assert high == pytest.approx([0.3662, 0.1605, 0.1611, 0.1718], abs=5e-5)


def test_the_ends_stay_in_range_and_nothing_is_known_of_no_trials() -> None:
    low, high = wilson_bounds([0.0, 1.0, 0.0], [3, 3, 0])
    assert (low[0], high[1]) == (0.0, 1.0)
    assert np.isnan([low[2], high[2]]).all()
