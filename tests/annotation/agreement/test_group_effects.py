import numpy as np
import pytest
from scipy.special import expit
from scipy.stats import t

from annotation.agreement.crossed_laplace import Answers, Ints
from annotation.agreement.crossed_logistic import fit
from annotation.agreement.group_effects import GroupEffects, group_effects
from annotation.agreement.group_tally import Estimable, GroupCodes
from annotation.agreement.marginal import expected_share
from tests.annotation.agreement.crossed_answers import small_study

SMALL = small_study()


def one(answers: Answers, group: Ints, categories: int, reference: int | None = None) -> GroupEffects:
    return group_effects(answers, [GroupCodes(group, categories, reference)])[0]


def answers_of(rows: list[list[int]]) -> Answers:
    """Everyone answers everything: one row for each person."""
    person, item = (each.ravel() for each in np.indices(np.shape(rows)))
    return Answers(person, item, np.array(rows, float).ravel(), len(rows), len(rows[0]))


def test_odds_ratios_and_the_test_are_those_of_the_model() -> None:
    # The fit is checked against gpboost next door: log-odds 0.4710 and -0.7221 against the first group, and twice the
    # gain of the log-likelihood is 2 (760.5559073 - 753.9423500) = 13.2271. 60 people in 3 groups leave 57 degrees of
    # freedom: F of 2 and 57 exceeds 13.2271 / 2 with chance (1 + 13.2271 / 57)^(-57 / 2) = 0.002613.
    found = one(SMALL.answers, SMALL.group, 3, reference=0)
    assert found.converged
    assert found.odds_ratio.value == pytest.approx(np.exp([0, 0.4709917, -0.72208893]), abs=2e-4)
    assert found.test.statistic == pytest.approx(13.2271, abs=1e-3)
    assert found.test.degrees == 2
    assert found.test.p_value == pytest.approx(0.002613, abs=2e-6)
    error = np.sqrt(fit(SMALL.answers, SMALL.design).covariance[2, 2])
    ends = np.exp(-0.72208893 + np.array([-1, 1]) * t.ppf(0.975, 57) * error)
    assert [found.odds_ratio.low[2], found.odds_ratio.high[2]] == pytest.approx(ends, abs=1e-3)
    assert [found.odds_ratio.low[0], found.odds_ratio.high[0]] == [1, 1]


def test_rates_are_averages_over_people_and_items_and_differences_are_in_points() -> None:
    found = one(SMALL.answers, SMALL.group, 3, reference=0)
    log_odds = 1.29730669 + np.array([0, 0.4709917, -0.72208893])
    rates = expected_share(log_odds, np.sqrt(0.71076116 + 1.29051242))
    assert found.rate.value == pytest.approx(rates, abs=1e-4)
    assert found.difference.value == pytest.approx(100 * (rates - rates[0]), abs=0.01)
    # The groups are of one size.
    assert found.difference_to_mean.value == pytest.approx(100 * (rates - rates.mean()), abs=0.01)
    assert found.odds_ratio_to_mean.value == pytest.approx(np.exp(log_odds - log_odds.mean()), abs=1e-3)
    assert (found.rate.low < found.rate.value).all()
    assert (found.rate.value < found.rate.high).all()


def test_the_reference_changes_what_is_compared_and_nothing_else() -> None:
    one_way, other_way = (one(SMALL.answers, SMALL.group, 3, reference=each) for each in (0, 2))
    assert other_way.test.p_value == pytest.approx(one_way.test.p_value, rel=1e-3)
    assert other_way.rate.low == pytest.approx(one_way.rate.low, abs=1e-4)
    assert other_way.odds_ratio.value[0] == pytest.approx(1 / one_way.odds_ratio.value[2], rel=1e-3)
    assert other_way.difference.error[0] == pytest.approx(one_way.difference.error[2], rel=1e-3)


def test_people_who_said_nothing_are_counted_and_left_out() -> None:
    group = np.where(np.arange(60) < 6, -1, SMALL.group)
    found = one(SMALL.answers, group, 3)
    asked = np.bincount(SMALL.answers.person)
    assert (found.unsaid_people, found.unsaid_answers) == (6, asked[:6].sum())
    assert found.people.tolist() == [18, 18, 18]
    later = SMALL.answers.person >= 6
    without = Answers(
        SMALL.answers.person[later] - 6, SMALL.answers.item[later], SMALL.answers.yes[later], 54, SMALL.answers.items
    )
    assert found.odds_ratio.value == pytest.approx(one(without, group[6:], 3).odds_ratio.value, abs=1e-6)


def test_a_group_of_one_answer_only_and_one_of_nobody_are_not_estimated() -> None:
    yes = np.where(SMALL.group[SMALL.answers.person] == 1, 1.0, SMALL.answers.yes)
    found = one(SMALL.answers._replace(yes=yes), SMALL.group, 4, reference=1)
    assert found.estimable == (Estimable.YES, Estimable.SEPARATED, Estimable.YES, Estimable.NOBODY)
    assert np.isnan(found.odds_ratio.value).tolist() == [False, True, False, True]
    # The reference asked for cannot be one; the next of the most people is.
    assert (found.reference, found.test.degrees) == (0, 1)


def test_where_everyone_agrees_there_is_no_model_and_no_test() -> None:
    found = one(answers_of([[1, 1], [1, 1], [1, 1]]), np.array([0, 0, 1]), 2)
    assert (found.reference, found.converged, found.test.degrees) == (-1, False, 0)
    assert np.isnan(found.rate.value).all()
    assert found.answers.tolist() == [4, 2]


def test_where_nobody_said_a_category_there_is_no_model() -> None:
    found = one(SMALL.answers, np.full(60, -1), 2)
    assert (found.unsaid_people, found.converged) == (60, False)
    assert found.people.tolist() == [0, 0]


def test_one_group_has_a_rate_and_no_test() -> None:
    found = one(SMALL.answers, np.zeros(60, np.int64), 1)
    assert np.isnan(found.test.p_value)
    # 1,010 of 1,440 answers are yes; the model's rate is that of people and items, near enough.
    assert found.rate.value == pytest.approx([1010 / 1440], abs=0.02)
    assert found.difference.value.tolist() == [0.0]


def test_a_group_of_one_person_has_a_wide_interval() -> None:
    group = np.minimum(np.arange(60), 1)  # person 0 alone
    found = one(SMALL.answers, group, 2, reference=1)
    assert found.people.tolist() == [1, 59]
    # One person of standard deviation s is known no better than s: the interval spans at least e^(2 * 2 * s).
    assert np.log(found.odds_ratio.high[0] / found.odds_ratio.low[0]) > 4 * found.sds[0]


def test_forty_categories_are_fitted() -> None:
    found = one(SMALL.answers, np.arange(60) % 40, 40)
    assert found.converged
    assert found.people.tolist() == [2] * 20 + [1] * 20
    assert found.test.degrees == found.estimable.count(Estimable.YES) - 1


def test_one_item_compares_the_shares_of_people() -> None:
    # 12 of 20 against 6 of 20: odds ratio (12/8) / (6/14) = 3.5.
    yes = np.array([1] * 12 + [0] * 8 + [1] * 6 + [0] * 14, float)
    answers = Answers(np.arange(40), np.zeros(40, np.int64), yes, 40, 1)
    found = one(answers, np.repeat([0, 1], 20), 2, reference=1)
    assert found.odds_ratio.value[0] == pytest.approx(3.5, rel=5e-3)
    assert found.rate.value == pytest.approx([0.6, 0.3], abs=1e-3)


def test_several_demographics_are_fitted_each_for_itself() -> None:
    other = np.arange(60) % 2
    together = group_effects(SMALL.answers, [GroupCodes(SMALL.group, 3, 0), GroupCodes(other, 2, 0)])
    assert together[1].odds_ratio.value == pytest.approx(one(SMALL.answers, other, 2, 0).odds_ratio.value, abs=1e-3)


def test_planted_effects_are_found_at_the_size_of_the_original_study() -> None:
    # 613 people, 51 answers each, effects 0, 0.5, -0.5, person deviation 0.8, item deviation 1.1. An effect's standard
    # error is about sqrt((0.64 + 1 / (51 * 0.13)) * 2 / 204) = 0.088; four of them are 0.35.
    rng = np.random.default_rng(1)
    group = rng.integers(3, size=613)
    person = np.repeat(np.arange(613), 51)
    item = rng.random((613, 683)).argsort(axis=1)[:, :51].ravel()
    log_odds = 1.9 + np.array([0, 0.5, -0.5])[group[person]] + 0.8 * rng.standard_normal(613)[person]
    log_odds += 1.1 * rng.standard_normal(683)[item]
    yes = (rng.random(len(person)) < expit(log_odds)).astype(float)
    found = one(Answers(person, item, yes, 613, 683), group, 3, reference=0)
    assert np.log(found.odds_ratio.value) == pytest.approx([0, 0.5, -0.5], abs=0.35)
    assert found.odds_ratio.error[1:] == pytest.approx([0.088, 0.088], abs=0.015)
    # Standard deviations are known to some 4 %.
    assert found.sds == pytest.approx((0.8, 1.1), rel=0.16)
    assert found.test.p_value < 1e-6
