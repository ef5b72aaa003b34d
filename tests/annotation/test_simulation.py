import numpy as np
import pytest

from annotation.simulation import ORIGINAL, Demographic, simulate, true_item_rates, true_rates

SMALL = ORIGINAL._replace(people=40, items=30, answers_each=12)


def test_the_original_has_the_published_size_and_agreement() -> None:
    study = simulate(ORIGINAL, np.random.default_rng(0))
    assert (study.answers.people, study.answers.items, len(study.answers.yes)) == (613, 683, 613 * 51)
    assert len(study.groups) == 8
    # 81 % as published; items scatter by 1.1 in log-odds, so the mean of 683 has a standard error of 0.007.
    assert study.answers.yes.mean() == pytest.approx(0.81, abs=0.03)


def test_nobody_is_asked_an_item_twice_and_some_say_nothing_about_themselves() -> None:
    study = simulate(SMALL._replace(unsaid=0.5), np.random.default_rng(1))
    pairs = study.answers.person * 30 + study.answers.item
    assert len(np.unique(pairs)) == len(pairs) == 40 * 12
    silent = (study.groups == -1).all(axis=0)
    assert 0 < silent.sum() < 40
    assert (study.groups[:, ~silent] >= 0).all()


def test_the_same_seed_gives_the_same_study_and_another_seed_another() -> None:
    one, again, other = (simulate(SMALL, np.random.default_rng(seed)).answers.yes for seed in (1, 1, 2))
    assert one.tolist() == again.tolist()
    assert one.tolist() != other.tolist()


def test_true_rates_are_those_of_a_large_study() -> None:
    demographics = (
        Demographic("a", (0.5, 0.5), (0.5, -0.5)),
        Demographic("b", (0.3, 0.7), (0.0, 0.4), shifted=400, shift=3.0),
    )
    design = ORIGINAL._replace(people=4000, items=2000, answers_each=100, demographics=demographics, unsaid=0.0)
    study = simulate(design, np.random.default_rng(3))
    of_item = [true_item_rates(design, study, number) for number in (0, 1)]
    for number in (0, 1):
        group = study.groups[number][study.answers.person]
        seen = np.bincount(group, study.answers.yes) / np.bincount(group)
        # 2,000 items of deviation 0.19 between rates: standard error 0.004; people add 0.002.
        assert true_rates(design, number) == pytest.approx(seen, abs=0.018)
        # On the very items that were asked, people alone scatter.
        assert of_item[number].mean(axis=0) == pytest.approx(seen, abs=0.009)


def test_an_item_without_a_shift_has_equal_rates_in_groups_without_effect() -> None:
    study = simulate(ORIGINAL, np.random.default_rng(0))
    politics = [each.name for each in ORIGINAL.demographics].index("politics")
    rates, shifts = true_item_rates(ORIGINAL, study, politics), study.shifts[politics]
    planted = shifts.any(axis=1)
    assert planted.sum() == ORIGINAL.demographics[politics].shifted
    assert np.ptp(rates[~planted], axis=1).max() < 1e-12
    # Even on an item that nearly all agree with, four more in log-odds show.
    assert np.ptp(rates[planted], axis=1).min() > 1e-4
