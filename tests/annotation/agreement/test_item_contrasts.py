import numpy as np
import pytest
from scipy.stats import fisher_exact

from annotation.agreement.crossed_laplace import Answers
from annotation.agreement.item_contrasts import (
    REST,
    Compared,
    Counts,
    Verdict,
    counts,
    detectable_difference,
    item_contrasts,
)

# Three groups of 20 on four items: clearly different, alike, all agree, hardly anyone asked.
THREE = Counts(
    yes=np.array([[19, 2, 10], [14, 15, 15], [20, 20, 20], [2, 0, 1]]),
    asked=np.array([[20, 20, 20], [20, 20, 20], [20, 20, 20], [2, 3, 2]]),
)


def test_answers_are_counted_by_item_and_group_without_those_who_said_nothing() -> None:
    answers = Answers(np.array([0, 1, 2, 0]), np.array([0, 0, 0, 1]), np.array([1.0, 1, 0, 0]), 3, 3)
    found = counts(answers, np.array([1, -1, 0]), 2)
    assert found.yes.tolist() == [[0, 1], [0, 0], [0, 0]]
    assert found.asked.tolist() == [[1, 1], [0, 1], [0, 0]]


def test_each_group_is_compared_with_everybody_else() -> None:
    found = item_contrasts([THREE])
    assert len(found.item) == 3 * 4
    first = found.category == 0
    assert (found.other == REST).all()
    assert found.other_yes[first].tolist() == [12, 30, 40, 1]
    assert found.other_asked[first].tolist() == [40, 40, 40, 5]
    # 95 % against 30 %: 65 points more, 3.17 times as likely.
    assert found.points.value[0] == pytest.approx(65)
    assert found.ratio.value[0] == pytest.approx(0.95 / 0.3)
    assert found.p_value[0] == pytest.approx(fisher_exact([[19, 1], [12, 28]]).pvalue)


def test_the_verdicts_are_different_not_shown_and_too_few() -> None:
    verdicts = item_contrasts([THREE]).verdict.reshape(3, 4)
    # Group 2 stands between the other two on item 0. Where all agree, no answers could have differed significantly.
    assert verdicts[:, 0].tolist() == [Verdict.DIFFERENT, Verdict.DIFFERENT, Verdict.NOT_SHOWN]
    assert (verdicts[:, 1] == Verdict.NOT_SHOWN).all()
    assert (verdicts[:, 2:] == Verdict.TOO_FEW).all()


def test_too_few_is_said_of_answers_or_of_what_they_could_have_shown() -> None:
    # 4 of 4 against 0 of 4 has p = 2/70 = 0.029; 3 against 3 at best 0.1.
    four = Counts(np.array([[4, 0]]), np.array([[4, 4]]))
    three = Counts(np.array([[3, 0]]), np.array([[3, 3]]))
    assert item_contrasts([four], least_asked=4).verdict.tolist() == [Verdict.DIFFERENT]
    assert item_contrasts([four], least_asked=5).verdict.tolist() == [Verdict.TOO_FEW]
    assert item_contrasts([three], least_asked=1).verdict.tolist() == [Verdict.TOO_FEW]
    assert np.isnan(item_contrasts([three], least_asked=1).adjusted_p).all()


def test_pairs_compare_each_two_groups_once() -> None:
    found = item_contrasts([THREE], compared=Compared.PAIRS)
    assert list(zip(found.category, found.other, strict=True))[::4] == [(0, 1), (0, 2), (1, 2)]
    assert found.points.value[8] == pytest.approx(100 * (2 - 10) / 20)


def test_two_groups_are_one_contrast_and_one_group_none() -> None:
    two = Counts(THREE.yes[:, :2], THREE.asked[:, :2])
    one = Counts(THREE.yes[:, :1], THREE.asked[:, :1])
    found = item_contrasts([two, one])
    assert len(found.item) == 4
    assert set(found.other.tolist()) == {1}
    assert len(item_contrasts([one]).item) == 0
    assert len(item_contrasts([]).item) == 0


def test_all_demographics_are_one_family() -> None:
    alone = item_contrasts([THREE]).adjusted_p
    null = Counts(np.full((50, 2), 10), np.full((50, 2), 20))
    among = item_contrasts([THREE, null])
    assert set(among.demographic.tolist()) == {0, 1}
    assert among.adjusted_p[0] > alone[0]
    assert np.nanmax(among.adjusted_p) <= 1


def test_the_detectable_difference_is_that_of_the_normal_approximation() -> None:
    # 31 yes and 63 asked with one yes and one no added: 32/65; z 1.959964 + 0.841621 = 2.801585;
    # sqrt(0.4923 * 0.5077 * (1/20 + 1/43)) = 0.13528; together 0.3790.
    found = detectable_difference(np.array([31]), np.array([20]), np.array([43]), rate=0.05, power=0.8)
    assert found == pytest.approx([0.3790], abs=1e-4)
    nobody = detectable_difference(np.array([0]), np.array([0]), np.array([5]), rate=0.05, power=0.8)
    assert nobody.tolist() == [1]


def test_twenty_thousand_items_of_three_votes_are_all_too_few() -> None:
    few = Counts(np.tile([1, 0, 1], (20_000, 1)), np.ones((20_000, 3), np.int64))
    assert (item_contrasts([few]).verdict == Verdict.TOO_FEW).all()
