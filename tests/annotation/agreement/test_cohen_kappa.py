import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from annotation.agreement.cohen_kappa import cohen_kappa, cohen_kappa_interval, paired
from annotation.agreement.weighting import Weighting, agreement_weights
from tests.annotation.agreement.tables import NAN, ratings, scattered


def test_cohens_own_example_comes_out() -> None:
    # Cohen (1960), table 1: shares of 200 joint judgements; the diagonal is 0.44 + 0.20 + 0.06 = 0.70, chance 0.41:
    # (0.70 - 0.41) / (1 - 0.41) = 0.492.
    table = np.array([[88, 10, 2], [14, 40, 6], [18, 10, 12]])
    assert cohen_kappa(table, np.eye(3)) == pytest.approx([29 / 59])


@pytest.mark.parametrize(
    ("weighting", "name"),
    [(Weighting.IDENTITY, None), (Weighting.LINEAR, "linear"), (Weighting.QUADRATIC, "quadratic")],
)
def test_weighted_kappa_agrees_with_scikit_learn_on_the_items_in_common(weighting: Weighting, name: str | None) -> None:
    table = scattered(1)
    both = ~np.isnan(table[[2, 5]]).any(axis=0)
    expected = cohen_kappa_score(table[2, both], table[5, both], weights=name)
    weights = agreement_weights(weighting, (0.0, 1.0, 2.0, 3.0))
    counts = paired(ratings(table, 4), 2, 5)
    assert counts.sum() == both.sum()
    assert cohen_kappa(counts, weights) == pytest.approx([expected], abs=1e-12)
    estimate = cohen_kappa_interval(counts, weights, np.random.default_rng(0))
    assert estimate.low < estimate.value < estimate.high


@pytest.mark.parametrize("table", [[[1, 1], [1, 1]], [[1, NAN], [NAN, 1]]])
def test_kappa_is_unknown_without_variation_or_common_items(table: list[list[float]]) -> None:
    estimate = cohen_kappa_interval(paired(ratings(table, 2), 0, 1), np.eye(2), np.random.default_rng(0))
    assert np.isnan(estimate[:3]).all()
    assert estimate.undefined == 1
