import numpy as np
import pytest
from numpy.typing import NDArray

from annotation.agreement.score_intervals import difference, ratio, wilson_interval

Counted = NDArray[np.int64]


def table(yes: int, asked: int, other_yes: int, others: int) -> tuple[Counted, Counted, Counted, Counted]:
    return np.array([yes]), np.array([asked]), np.array([other_yes]), np.array([others])


# Newcombe 1998, table II, method 10.
@pytest.mark.parametrize(
    ("yes", "asked", "other_yes", "others", "low", "high"),
    [
        (56, 70, 48, 80, 0.0524, 0.3339),
        (9, 10, 3, 10, 0.1705, 0.8090),
        (6, 7, 2, 7, 0.0582, 0.8062),
        (5, 56, 0, 29, -0.0381, 0.1926),
        (0, 10, 0, 20, -0.1611, 0.2775),
        (0, 10, 0, 10, -0.2775, 0.2775),
        (10, 10, 0, 20, 0.6791, 1.0),
        (10, 10, 0, 10, 0.6075, 1.0),
    ],
)
def test_the_difference_has_newcombes_published_interval(
    yes: int, asked: int, other_yes: int, others: int, low: float, high: float
) -> None:
    found = difference(*table(yes, asked, other_yes, others))
    assert (found.low[0], found.high[0]) == pytest.approx((low, high), abs=5e-5)


def test_both_intervals_are_those_of_the_package_contingencytables() -> None:
    # Its tests print, for 7 of 34 against 1 of 34: Newcombe 0.1765 (0.0189 to 0.3404), MOVER-R 7 (1.1537 to 41.9763).
    seven = table(7, 34, 1, 34)
    assert [each[0] for each in difference(*seven)] == pytest.approx([0.1765, 0.0189, 0.3404], abs=5e-5)
    assert [each[0] for each in ratio(*seven)] == pytest.approx([7, 1.1537, 41.9763], abs=5e-5)


def test_the_ratio_holds_one_exactly_where_the_difference_holds_none() -> None:
    asked, others = 12, 9
    yes, other_yes = (each.ravel() for each in np.indices((asked + 1, others + 1)))
    all_tables = (yes, np.full(len(yes), asked), other_yes, np.full(len(yes), others))
    gap, times = difference(*all_tables), ratio(*all_tables)
    assert ((gap.low <= 0) & (gap.high >= 0)).tolist() == ((times.low <= 1) & (times.high >= 1)).tolist()


def test_none_and_all_have_defined_ends() -> None:
    nothing, something = ratio(*table(0, 10, 0, 10)), ratio(*table(3, 10, 0, 10))
    assert np.isnan(nothing.value[0])
    assert (nothing.low[0], nothing.high[0]) == (0, np.inf)
    assert (something.value[0], something.high[0]) == (np.inf, np.inf)
    assert 0 < something.low[0] < 1
    everyone = wilson_interval(np.array([10]), np.array([10]))
    # 10 / (10 + 1.96^2) = 0.7225
    assert (everyone.low[0], everyone.high[0]) == (pytest.approx(0.7225, abs=1e-4), 1)


def test_a_group_that_was_not_asked_has_no_interval() -> None:
    for found in (difference(*table(0, 0, 3, 5)), ratio(*table(0, 0, 3, 5)), ratio(*table(3, 5, 0, 0))):
        assert np.isnan(found).all()
