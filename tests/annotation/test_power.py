import numpy as np
import pytest

from annotation.power import (
    Answering,
    Ask,
    answering_of,
    design_effect,
    log_odds_apart,
    people_needed,
    power,
    smallest_difference,
    standard_error,
)

# Half say yes, nothing is shared: each answer counts.
PLAIN = Answering(rate=0.5)


def test_without_clusters_it_is_the_usual_comparison_of_two_rates() -> None:
    # 2.801585 * sqrt(0.25 * 2 / 100) = 0.1981
    assert smallest_difference(PLAIN, 100, 100) == pytest.approx(0.1981, abs=1e-4)
    assert power(PLAIN, 100, 100, 0.1981) == pytest.approx(0.8, abs=1e-3)


def test_answers_of_one_person_count_less_the_more_alike_they_are() -> None:
    # 1 + 49 * 0.1 - 0.2 = 5.7
    answering = Answering(0.8, answers_each=50, between_people=0.1, between_items=0.2)
    assert design_effect(answering) == pytest.approx(5.7)
    assert standard_error(answering, 40, 60) == pytest.approx(np.sqrt(0.16 / 50 * 5.7 * (1 / 40 + 1 / 60)))
    # If all variance lay between people, more answers of each would be worth nothing.
    alike = [standard_error(Answering(0.8, each, 1.0), 40, 60) for each in (1, 50)]
    assert alike[0] == pytest.approx(alike[1])


def test_people_needed_find_the_difference_and_one_fewer_would_not() -> None:
    answering = Answering(0.8, answers_each=50, between_people=0.07, between_items=0.15)
    people = people_needed(answering, 0.05, share=0.3)
    assert smallest_difference(answering, 0.3 * people, 0.7 * people) <= 0.05
    assert smallest_difference(answering, 0.3 * (people - 1), 0.7 * (people - 1)) > 0.05


def test_more_comparisons_need_a_larger_difference() -> None:
    # Bonferroni: 0.05 / 10 = 0.005, z 2.807034 in place of 1.959964.
    once, ten = (smallest_difference(PLAIN, 100, 100, Ask(comparisons=each)) for each in (1, 10))
    assert ten / once == pytest.approx((2.807034 + 0.841621) / (1.959964 + 0.841621), abs=1e-5)


def test_no_difference_is_found_as_often_as_the_error_allows_and_none_is_above_one() -> None:
    assert power(PLAIN, 10, 10, 0.0) == pytest.approx(0.05)
    assert smallest_difference(PLAIN, 1, 1) == 1


def test_the_shares_of_variance_are_those_of_simulated_answers() -> None:
    # 4,000 people by 4,000 items by their chances: the standard deviation of a variance from n draws is about
    # sqrt(2 / n) = 2 % of it.
    found = answering_of(1.9, 0.8, 1.1, 50)
    rng = np.random.default_rng(0)
    chance = 1 / (1 + np.exp(-(1.9 + 0.8 * rng.standard_normal((4000, 1)) + 1.1 * rng.standard_normal(4000))))
    variance = chance.mean() * (1 - chance.mean())
    assert found.rate == pytest.approx(chance.mean(), abs=0.01)
    assert found.between_people == pytest.approx(chance.mean(axis=1).var() / variance, rel=0.1)
    assert found.between_items == pytest.approx(chance.mean(axis=0).var() / variance, rel=0.1)


def test_log_odds_apart_give_the_difference_of_rates() -> None:
    # Without variation, expit(1) - expit(-1) = 0.462117.
    assert log_odds_apart(0.0, 0.0, 0.462117) == pytest.approx(2.0, abs=1e-4)
