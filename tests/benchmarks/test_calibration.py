from math import inf, sqrt

import numpy as np
import pytest

from annotation.simulation import ORIGINAL, Design
from benchmarks.calibration import PROMISES, Promise, Share, _share, calibrated, markdown, planned

STUDIES = 12


@pytest.fixture(scope="module")
def shares() -> dict[str, Share]:
    # 92 people and 102 items: as many answers to an item as in the original.
    return {each.name: each for each in calibrated(small(), STUDIES, seed=1)}


def small() -> Design:
    return planned(ORIGINAL, 0.15)


def test_false_discoveries_stay_below_their_rate(shares: dict[str, Share]) -> None:
    # The mean over 12 studies of a share of expectation at most 0.05 and of variance at most 0.05 * 0.95:
    # 0.05 + 3 sqrt(0.0475 / 12) = 0.24.
    assert shares[PROMISES[0].name].share < 0.24


def test_intervals_of_item_differences_hold_the_truth(shares: dict[str, Share]) -> None:
    # Some 1,800 intervals a study, of which those of one item and of one person hang together: taken as 300
    # independent ones, 36 in all of 12 studies a hundred: sqrt(0.05 * 0.95 / 3600) = 0.0036; three of them.
    share = shares[PROMISES[1].name]
    assert share.counted > 12 * 1000
    assert 0.93 - 0.011 < share.share <= 1


@pytest.mark.parametrize("number", [2, 3, 4])
def test_intervals_of_group_effects_hold_the_truth(number: int, shares: dict[str, Share]) -> None:
    # Some 20 intervals a study in 8 demographics: 8 * 12 independent ones at least. Three binomial standard errors
    # below 0.93: 0.93 - 3 sqrt(0.93 * 0.07 / 96) = 0.852.
    assert shares[PROMISES[number].name].share > 0.852


def test_demographics_without_effect_are_rarely_called_different(shares: dict[str, Share]) -> None:
    # Six in each of 12 studies: 0.07 + 3 sqrt(0.07 * 0.93 / 72) = 0.16.
    assert shares[PROMISES[5].name].counted == 72
    assert shares[PROMISES[5].name].share < 0.16


def test_the_planned_difference_is_found_about_as_often_as_planned(shares: dict[str, Share]) -> None:
    # 0.8 +- (0.05 + 3 sqrt(0.8 * 0.2 / 12)) = 0.40 to 1.
    assert shares[PROMISES[6].name].share > 0.40
    assert shares[PROMISES[7].name].share > 0.99


def test_a_share_over_studies_has_the_error_of_a_ratio_of_sums() -> None:
    # 1 of 2 and 3 of 4: 4/6; residuals -1/3 and 1/3; sqrt(2/1 * 2/9) / 6 = 1/9.
    found = _share(Promise("p", 0.9, 1.0), np.array([[1.0, 2], [3, 4]]))
    assert found.share == pytest.approx(4 / 6)
    assert found.error == pytest.approx(sqrt(2 * 2 / 9) / 6)
    # 0.667 is more than two errors of 0.111 below 0.9.
    assert not found.kept


def test_the_table_says_what_was_promised() -> None:
    rows = [Share("a", 0.951, 0.004, 10, 0.93, 0.97, True), Share("b", 0.9, 0.01, 10, 0.93, inf, False)]
    assert markdown(rows).splitlines()[2:] == [
        "| a | 95.1% ± 0.8% | 93% to 97% | yes |",
        "| b | 90.0% ± 2.0% | at least 93% | no |",
    ]
