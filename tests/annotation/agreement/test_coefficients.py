import numpy as np
import pytest

from annotation.agreement.coefficients import estimates, figures
from annotation.agreement.krippendorff_alpha import krippendorff_alpha
from annotation.agreement.percent_agreement import percent_agreement
from annotation.agreement.ratings import tally
from annotation.agreement.resampling import Drawn, Floats
from annotation.votes.scales import Level
from tests.annotation.agreement.tables import NAN, ratings, scattered

BINARY = (Level.BINARY, (0.0, 1.0))
ALPHA = "krippendorff_alpha_nominal"


def crossed(rng: np.random.Generator, people: int, items: int) -> Floats:
    """Return votes of which people and items each explain a part, all cells filled."""
    lean = rng.normal(size=(people, 1)) + rng.normal(size=items)
    return (rng.random((people, items)) < 1 / (1 + np.exp(-lean))).astype(float)


def test_each_scale_has_its_coefficients() -> None:
    tallies, items, values = tally(ratings([[0, 1], [1, 2]], 3)), np.ones((1, 2)), (0.0, 1.0, 2.0)
    nominal, ordinal = (set(figures(tallies, items, level, values)) for level in (Level.NOMINAL, Level.ORDINAL))
    assert len(nominal) == 5
    assert ordinal - nominal == {"krippendorff_alpha_ordinal", "gwet_ac2"}


def test_two_copies_of_a_person_are_not_a_pair() -> None:
    # One person twice, another once, on one item with different answers: only mixed pairs count, none agrees.
    twice = tally(ratings([[0], [1]], 2), np.array([2.0, 1.0]))
    assert percent_agreement(twice, np.ones((1, 1)), np.eye(2)).tolist() == [0.0]
    # Everybody twice: as many pairs of each kind as before, so agreement is what it was.
    table = scattered(3)
    doubled = tally(ratings(table, 4), np.full(12, 2.0))
    once = np.ones((1, table.shape[1]))
    before = percent_agreement(tally(ratings(table, 4)), once, np.eye(4))
    assert percent_agreement(doubled, once, np.eye(4)) == pytest.approx(before)
    values = (0.0, 1.0, 2.0, 3.0)
    alphas = [krippendorff_alpha(each, once, Level.NOMINAL, values)[0] for each in (doubled, tally(ratings(table, 4)))]
    assert alphas[0] == pytest.approx(alphas[1], abs=5e-3)  # but for N - 1 in place of N


@pytest.mark.parametrize("drawn", Drawn)
def test_draws_centre_on_the_figure_and_are_the_same_for_a_seed(drawn: Drawn) -> None:
    votes = ratings(crossed(np.random.default_rng(1), 40, 60), 2)
    found, again = (estimates(votes, *BINARY, drawn, np.random.default_rng(7), 300) for _ in range(2))
    assert found == again
    for name, estimate in found.items():
        assert estimate.low < estimate.value < estimate.high, name
        middle = (estimate.low + estimate.high) / 2
        assert abs(middle - estimate.value) < 0.2 * (estimate.high - estimate.low), name


def test_drawing_both_is_at_least_as_wide_as_drawing_either() -> None:
    votes = ratings(crossed(np.random.default_rng(2), 40, 60), 2)
    wide = {drawn: estimates(votes, *BINARY, drawn, np.random.default_rng(3), 400)[ALPHA] for drawn in Drawn}
    width = {drawn: found.high - found.low for drawn, found in wide.items()}
    assert width[Drawn.BOTH] > max(width[Drawn.ITEMS], width[Drawn.PEOPLE])


@pytest.mark.parametrize("drawn", Drawn)
@pytest.mark.parametrize("table", [[[0, 1, 1]], [[1], [1]], [[NAN]], [[1, 1], [1, 1]]])
def test_limits_give_unknown_figures_and_no_exception(drawn: Drawn, table: list[list[float]]) -> None:
    found = estimates(ratings(table, 2), *BINARY, drawn, np.random.default_rng(0), 20)
    assert np.isnan(found[ALPHA].value)
    assert found[ALPHA].undefined == 1


def test_many_items_of_three_votes_and_forty_categories() -> None:
    rng = np.random.default_rng(4)
    table = np.full((30, 2000), NAN)
    for item in range(2000):
        table[rng.choice(30, 3, replace=False), item] = rng.integers(40, size=3)
    found = estimates(ratings(table, 40), Level.ORDINAL, tuple(map(float, range(40))), Drawn.ITEMS, rng, 50)
    for name in found.keys() - {"percent_agreement", "gwet_ac2"}:
        assert abs(found[name].value) < 0.05, name  # votes at random: no agreement beyond chance
