import numpy as np
import pytest

from annotation.agreement.crossed_laplace import Answers
from annotation.agreement.raking import Margin, design_effect, rake, weighted_share

# 100 people: 50 a (40 x, 10 y), 50 b (10 x, 40 y).
FIRST = np.repeat([0, 1], 50)
SECOND = np.repeat([0, 1, 0, 1], [40, 10, 10, 40])


def test_one_margin_is_met_in_one_step() -> None:
    # 50 % to 80 % and 20 %: weights 1.6 and 0.4. Kish: 100 (50 * 2.56 + 50 * 0.16) / 100^2 = 1.36.
    found = rake([Margin(FIRST, np.array([0.8, 0.2]))], 100)
    assert found.weights[[0, 99]] == pytest.approx([1.6, 0.4])
    assert found.design_effect == pytest.approx(1.36)
    assert (found.converged, found.capped, found.unreached) == (True, 0, ((),))


def test_raking_meets_both_margins_and_keeps_the_odds_ratio() -> None:
    # Proportional fitting keeps the association (Deming & Stephan 1940): odds ratio 40 * 40 / (10 * 10) = 16.
    found = rake([Margin(FIRST, np.array([0.7, 0.3])), Margin(SECOND, np.array([0.4, 0.6]))], 100)
    cells = np.bincount(2 * FIRST + SECOND, found.weights).reshape(2, 2) / 100
    assert cells.sum(axis=1) == pytest.approx([0.7, 0.3], abs=1e-5)
    assert cells.sum(axis=0) == pytest.approx([0.4, 0.6], abs=1e-5)
    assert cells[0, 0] * cells[1, 1] / cells[0, 1] / cells[1, 0] == pytest.approx(16)
    assert found.converged


def test_a_cap_holds_and_what_it_costs_is_said() -> None:
    found = rake([Margin(np.repeat([0, 1], [5, 95]), np.array([0.5, 0.5]))], 100, cap=4)
    # The five can make up at most 5 * 4 = 20 %.
    assert found.weights.max() == pytest.approx(4)
    assert found.weights.mean() == pytest.approx(1)
    assert (found.capped, found.converged) == (5, False)
    assert found.farthest == pytest.approx(0.3, abs=1e-6)


def test_those_who_said_nothing_or_something_that_the_target_lacks_keep_their_weight() -> None:
    group = np.array([0] * 40 + [1] * 40 + [2] * 10 + [-1] * 10)
    found = rake([Margin(group, np.array([0.75, 0.25, np.nan]))], 100)
    # 60 and 20 of 80: weights 1.5 and 0.5; the other twenty stay at 1.
    assert found.weights[[0, 40, 80, 90]] == pytest.approx([1.5, 0.5, 1, 1])


def test_a_category_of_the_target_that_nobody_is_of_is_told() -> None:
    found = rake([Margin(FIRST, np.array([0.5, 0.3, 0.2]))], 100)
    assert found.unreached == ((2,),)
    # The other two are scaled up to 5/8 and 3/8.
    assert found.weights[[0, 99]] == pytest.approx([1.25, 0.75])


@pytest.mark.parametrize(
    ("margin", "cap", "message"),
    [
        (Margin(FIRST, np.array([0.5, 0.4])), 5, "add up to 0.9"),
        (Margin(FIRST, np.array([0.0, 0.0, 1.0])), 5, "nobody is of"),
        (Margin(FIRST, np.array([0.5, 0.5])), 1, "a cap of 1"),
    ],
)
def test_targets_that_cannot_be_are_refused(margin: Margin, cap: float, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        rake([margin], 100, cap=cap)


def test_equal_weights_have_no_design_effect() -> None:
    assert design_effect(np.full(7, 3.0)) == pytest.approx(1)


def test_the_weighted_share_stands_beside_the_plain_one() -> None:
    # Two answers each of four people: 2, 1, 0, 0 yes. Plain 3/8; weights 2, 1, 1, 0: (4 + 1) / (4 + 2 + 2) = 5/8.
    answers = Answers(np.repeat(np.arange(4), 2), np.tile([0, 1], 4), np.array([1.0, 1, 1, 0, 0, 0, 0, 0]), 4, 2)
    found = weighted_share(answers, np.array([2.0, 1, 1, 0]))
    assert (found.share, found.weighted) == (3 / 8, 5 / 8)
    # Residuals of the plain one, y - 3/8 * 2: 5/4, 1/4, -3/4, -3/4; sum of squares 2.75;
    # half = 1.959964 * sqrt(4/3 * 2.75) / 8 = 0.4691, and no share is below none.
    assert (found.low, found.high) == pytest.approx((0.0, 3 / 8 + 0.46913), abs=1e-4)


def test_one_person_alone_says_nothing_about_others() -> None:
    answers = Answers(np.zeros(3, np.int64), np.arange(3), np.array([1.0, 1, 0]), 1, 3)
    found = weighted_share(answers, np.ones(1))
    assert (found.share, found.low, found.high) == (2 / 3, 0, 1)
