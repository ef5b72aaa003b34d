from typing import Literal

import krippendorff
import numpy as np
import pandas as pd
import pytest
from crowdkit.metrics.data import alpha_krippendorff

from annotation.agreement.krippendorff_alpha import krippendorff_alpha
from annotation.agreement.ratings import Ratings, tally
from annotation.agreement.resampling import Floats
from annotation.votes.scales import Level
from tests.annotation.agreement.tables import NAN, PUBLISHED, ratings, scattered

POINTS = (1.0, 2.0, 3.0, 4.0, 5.0)


def alpha(votes: Ratings, level: Level, values: tuple[float, ...] = POINTS) -> float:
    return float(krippendorff_alpha(tally(votes), np.ones((1, votes.items)), level, values)[0])


def packaged(table: Floats, level: Level) -> float:
    """Return alpha as the package `krippendorff` has it."""
    metrics: dict[Level, Literal["nominal", "ordinal", "interval"]]
    metrics = {Level.NOMINAL: "nominal", Level.ORDINAL: "ordinal", Level.INTERVAL: "interval"}
    return float(krippendorff.alpha(table, level_of_measurement=metrics[level]))


@pytest.mark.parametrize(
    ("level", "published"), [(Level.NOMINAL, 0.743), (Level.ORDINAL, 0.815), (Level.INTERVAL, 0.849)]
)
def test_the_published_example_comes_out(level: Level, published: float) -> None:
    found = alpha(ratings(PUBLISHED, 5, first=1), level)
    assert found == pytest.approx(published, abs=5e-4)
    assert found == pytest.approx(packaged(PUBLISHED, level), abs=1e-12)


@pytest.mark.parametrize("level", [Level.NOMINAL, Level.ORDINAL, Level.INTERVAL])
@pytest.mark.parametrize("seed", range(3))
def test_scattered_votes_with_gaps_agree_with_the_package(level: Level, seed: int) -> None:
    table = scattered(seed)
    found = alpha(ratings(table, 4), level, (0.0, 1.0, 2.0, 3.0))
    assert found == pytest.approx(packaged(table, level), abs=1e-9)


def test_a_draw_of_items_is_the_alpha_of_the_items_drawn() -> None:
    table = scattered(5)
    taken = np.array([0, 0, 3, 7, 7, 7, 9, 20])
    weights = np.bincount(taken, minlength=table.shape[1]).astype(float)
    both = np.stack([weights, np.ones_like(weights)])
    found = krippendorff_alpha(tally(ratings(table, 4)), both, Level.ORDINAL, (0.0, 1.0, 2.0, 3.0))
    expected = [packaged(votes, Level.ORDINAL) for votes in (table[:, taken], table)]
    assert found == pytest.approx(expected, abs=1e-9)


def test_nominal_alpha_agrees_with_crowd_kit() -> None:
    votes = ratings(scattered(8), 4)
    frame = pd.DataFrame({"task": votes.item, "worker": votes.annotator, "label": votes.code})
    assert alpha(votes, Level.NOMINAL) == pytest.approx(alpha_krippendorff(frame), abs=1e-9)


def test_two_people_who_disagree_once_in_three() -> None:
    # Units aa bb ab: observed 2 (1,0 and 0,1) of 6; expected 6*6 - 9 - 9 = 18 of 6*5 = 30: 1 - (2/6)/(18/30) = 4/9.
    assert alpha(ratings([[0, 1, 0], [0, 1, 1]], 2), Level.BINARY) == pytest.approx(4 / 9)


def test_a_level_that_nobody_chose_does_not_matter() -> None:
    table = scattered(2, categories=3)
    spread = np.where(table == 2, 3, table)  # level 2 of 0 to 3 is empty now
    assert alpha(ratings(spread, 4), Level.ORDINAL) == pytest.approx(alpha(ratings(table, 3), Level.ORDINAL), abs=1e-12)


@pytest.mark.parametrize("level", Level)
def test_without_variation_or_without_pairs_alpha_is_unknown(level: Level) -> None:
    values = (0.1, 0.7)
    tables: list[list[list[float]]] = [[[1, 1], [1, 1]], [[0, 1, 1]], [[0, NAN], [NAN, 1]], [[NAN]]]
    tables.append([[1, 0], [1, NAN], [1, NAN]])  # the one item with pairs has one answer
    for table in tables:
        assert np.isnan(alpha(ratings(table, 2), level, values))


def test_one_item_has_as_much_disagreement_as_is_to_be_expected() -> None:
    # n = 3: observed (9 - 4 - 1) / 2 = 2 of 3, expected 9 - 4 - 1 = 4 of 3*2: alpha = 1 - (2/3) / (4/6) = 0.
    assert alpha(ratings([[0], [0], [1]], 2), Level.NOMINAL) == pytest.approx(0)
