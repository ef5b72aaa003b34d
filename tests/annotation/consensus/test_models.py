"""Dawid-Skene and MACE against crowd-kit, at planted skill, and at their limits."""

import warnings

import numpy as np
import pandas as pd
import pytest
from crowdkit.aggregation.classification import MACE
from crowdkit.aggregation.classification import DawidSkene as CrowdKitDawidSkene

from annotation.agreement.ratings import Ratings
from annotation.agreement.resampling import Floats
from annotation.consensus.dawid_skene import dawid_skene
from annotation.consensus.mace import mace
from tests.annotation.agreement.tables import NAN, ratings


def planted(seed: int, people: int = 12, items: int = 60, categories: int = 3) -> tuple[Ratings, Floats, Floats]:
    """Return votes, the true answers, and how probably each person knows them; who does not, guesses."""
    rng = np.random.default_rng(seed)
    truth, skill = rng.integers(categories, size=items).astype(np.float64), rng.uniform(0.3, 0.95, (people, 1))
    guesses = rng.integers(categories, size=(people, items))
    table = np.where(rng.random((people, items)) < skill, truth, guesses).astype(float)
    table[rng.random(table.shape) < 0.3] = NAN
    return ratings(table, categories), truth, skill[:, 0]


def frame(votes: Ratings) -> pd.DataFrame:
    """Return crowd-kit's table, by annotator and answer: in another order its MACE mixes up habits."""
    columns = {"task": votes.item, "worker": votes.annotator, "label": votes.code}
    return pd.DataFrame(columns).sort_values(["worker", "label", "task"]).reset_index(drop=True)


@pytest.mark.parametrize("seed", range(2))
def test_dawid_and_skene_agrees_with_crowd_kit_round_by_round(seed: int) -> None:
    votes, _, _ = planted(seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # crowd-kit uses what pandas 3 is about to drop
        reference = CrowdKitDawidSkene(n_iter=12, tol=-np.inf).fit(frame(votes))
    found = dawid_skene(votes, rounds=12, tolerance=-np.inf)
    assert reference.probas_ is not None
    assert found.posterior == pytest.approx(reference.probas_.sort_index()[[0, 1, 2]].to_numpy(), abs=1e-8)


def test_mace_comes_to_rest_where_crowd_kit_does() -> None:
    votes, _, _ = planted(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        reference = MACE(n_restarts=1, n_iter=80).fit(frame(votes))
    found = mace(votes, np.random.default_rng(0), restarts=2, rounds=80)
    assert reference.probas_ is not None
    assert found.posterior == pytest.approx(reference.probas_.sort_index()[[0, 1, 2]].to_numpy(), abs=1e-8)


def test_planted_answers_and_skills_are_found() -> None:
    votes, truth, skill = planted(4, people=20, items=200)
    by_error = dawid_skene(votes)
    assert by_error.converged
    assert (by_error.posterior.argmax(axis=1) == truth).mean() > 0.97
    assert by_error.errors.sum(axis=1) == pytest.approx(np.ones((20, 3)))
    by_habit = mace(votes, np.random.default_rng(0))
    assert (by_habit.posterior.argmax(axis=1) == truth).mean() > 0.97
    assert np.corrcoef(by_habit.knowing, skill)[0, 1] > 0.9


def test_the_order_of_votes_does_not_matter() -> None:
    votes, _, _ = planted(6)
    order = np.random.default_rng(1).permutation(len(votes.code))
    other = votes._replace(item=votes.item[order], annotator=votes.annotator[order], code=votes.code[order])
    one, two = (mace(each, np.random.default_rng(0)).posterior for each in (votes, other))
    assert one == pytest.approx(two, abs=1e-9)
    assert dawid_skene(votes).posterior == pytest.approx(dawid_skene(other).posterior, abs=1e-9)


@pytest.mark.parametrize(
    ("table", "answer"),
    [
        ([[1], [1], [0]], 1),  # one item
        ([[1, 1, 1]], 1),  # one person
        ([[1] * 3, [1] * 3], 1),  # everyone agrees
        ([[1] * 4, [1] * 4, [1, 1, 0, 1]], 1),  # people who always say the same
        ([[1] * 2] * 2000, 1),  # so many votes on an item that their product is 0
    ],
)
def test_limits_have_distributions(table: list[list[float]], answer: int) -> None:
    votes = ratings(table, 3)  # the third category is unused
    for posterior in (dawid_skene(votes).posterior, mace(votes, np.random.default_rng(0)).posterior):
        assert posterior.sum(axis=1) == pytest.approx(np.ones(votes.items))
        assert (posterior.argmax(axis=1) == answer).all()


@pytest.mark.parametrize("table", [[[NAN, NAN]], [[NAN, 1]]])
def test_an_item_without_a_vote_has_no_distribution(table: list[list[float]]) -> None:
    votes = ratings(table, 2)
    for posterior in (dawid_skene(votes).posterior, mace(votes, np.random.default_rng(0)).posterior):
        assert np.isnan(posterior[0]).all()
        assert np.isnan(posterior[1]).all() == np.isnan(table[0][1])
