import numpy as np
import pytest

from annotation.agreement.coefficients import estimates, figures
from annotation.agreement.krippendorff_alpha import krippendorff_alpha
from annotation.agreement.percent_agreement import percent_agreement
from annotation.agreement.ratings import tallies, tally
from annotation.agreement.resampling import Floats
from annotation.votes.scales import Level
from tests.annotation.agreement.tables import NAN, ratings, scattered

BINARY = (Level.BINARY, (0.0, 1.0))
ALPHA = "krippendorff_alpha_nominal"


def crossed(rng: np.random.Generator, people: int, items: int) -> Floats:
    """Return votes of which people and items each explain a part, all cells filled."""
    lean = rng.normal(size=(people, 1)) + rng.normal(size=items)
    return (rng.random((people, items)) < 1 / (1 + np.exp(-lean))).astype(float)


def test_each_scale_has_its_coefficients() -> None:
    tallied, items, values = tally(ratings([[0, 1], [1, 2]], 3)), np.ones((1, 2)), (0.0, 1.0, 2.0)
    nominal, ordinal = (set(figures(tallied, items, level, values)) for level in (Level.NOMINAL, Level.ORDINAL))
    assert len(nominal) == 5
    assert ordinal - nominal == {"krippendorff_alpha_ordinal", "gwet_ac2"}


def test_two_copies_of_a_person_are_not_a_pair() -> None:
    # One person twice, another once, on one item with different answers: only mixed pairs count, none agrees.
    twice = next(tallies(ratings([[0], [1]], 2), np.array([[2.0], [1.0]])))
    assert percent_agreement(twice, np.ones((1, 1)), np.eye(2)).tolist() == [0.0]
    # Everybody twice: as many pairs of each kind as before, so agreement is what it was.
    table = scattered(3)
    doubled = next(tallies(ratings(table, 4), np.full((12, 1), 2.0)))
    once = np.ones((1, table.shape[1]))
    before = percent_agreement(tally(ratings(table, 4)), once, np.eye(4))
    assert percent_agreement(doubled, once, np.eye(4)) == pytest.approx(before)
    values = (0.0, 1.0, 2.0, 3.0)
    alphas = [krippendorff_alpha(each, once, Level.NOMINAL, values)[0] for each in (doubled, tally(ratings(table, 4)))]
    assert alphas[0] == pytest.approx(alphas[1], abs=5e-3)  # but for N - 1 in place of N


def test_a_draw_that_takes_everybody_once_counts_what_there_is() -> None:
    votes = ratings(scattered(3), 4)
    for drawn, counted in zip(next(tallies(votes, np.ones((12, 1)))), tally(votes), strict=True):
        assert (drawn == counted).all()


def test_draws_centre_on_the_figure_and_are_the_same_for_a_seed() -> None:
    votes = ratings(crossed(np.random.default_rng(1), 40, 60), 2)
    found, again = (estimates(votes, *BINARY, np.random.default_rng(7), 300) for _ in range(2))
    assert found == again
    for name, kinds in found.items():
        for kind, estimate in kinds._asdict().items():
            assert estimate.low < estimate.value < estimate.high, (name, kind)
            middle = (estimate.low + estimate.high) / 2
            assert abs(middle - estimate.value) < 0.2 * (estimate.high - estimate.low), (name, kind)


def test_other_people_and_items_make_more_of_a_difference_than_either_alone() -> None:
    votes = ratings(crossed(np.random.default_rng(2), 40, 60), 2)
    found = estimates(votes, *BINARY, np.random.default_rng(3), 600)[ALPHA]
    width = {kind: estimate.high - estimate.low for kind, estimate in found._asdict().items()}
    assert max(width["by_items"], width["by_people"]) < width["crossed"] < width["by_both"]


def test_people_and_items_without_votes_change_nothing() -> None:
    votes = ratings(crossed(np.random.default_rng(1), 20, 30), 2)
    wider = votes._replace(item=votes.item * 2 + 1, items=60, annotator=votes.annotator + 5, annotators=90)
    found, again = (estimates(each, *BINARY, np.random.default_rng(7), 50) for each in (votes, wider))
    assert found == again


def test_the_crossed_interval_covers_what_it_should() -> None:
    # On an item where a share p of all people say yes, two of them agree with probability p^2 + (1 - p)^2. With p 0.9
    # or 0.6, equally often, that is (0.82 + 0.52) / 2 = 0.67.
    rng = np.random.default_rng(8)
    covered = 0
    for _ in range(60):
        lean = rng.choice([0.9, 0.6], size=80)
        votes = ratings((rng.random((30, 80)) < lean).astype(float), 2)
        found = estimates(votes, *BINARY, rng, 60)["percent_agreement"].crossed
        covered += found.low <= 0.67 <= found.high
    assert covered >= 51  # of 57 expected; 50 or fewer in 7 of 10,000 cases


@pytest.mark.parametrize("table", [[[0, 1, 1]], [[1], [1]], [[NAN]], [[1, 1], [1, 1]]])
def test_limits_give_unknown_figures_and_no_exception(table: list[list[float]]) -> None:
    found = estimates(ratings(table, 2), *BINARY, np.random.default_rng(0), 20)[ALPHA]
    for estimate in found:
        assert np.isnan(estimate[:3]).all()
        assert estimate.undefined == 1


def test_many_items_of_three_votes_and_forty_categories() -> None:
    rng = np.random.default_rng(4)
    table = np.full((30, 2000), NAN)
    for item in range(2000):
        table[rng.choice(30, 3, replace=False), item] = rng.integers(40, size=3)
    found = estimates(ratings(table, 40), Level.ORDINAL, tuple(map(float, range(40))), rng, 50)
    for name in found.keys() - {"percent_agreement", "gwet_ac2"}:
        assert abs(found[name].crossed.value) < 0.05, name  # votes at random: no agreement beyond chance


def test_a_share_of_pairs_stays_a_share_however_few_there_are() -> None:
    votes = ratings([[0, 1, 1, 0], [1, 1, 0, 0], [1, 1, 1, 0]], 2)
    found = estimates(votes, *BINARY, np.random.default_rng(0), 100)
    assert found["percent_agreement"].crossed.low == 0
    assert -1 <= found["pabak"].crossed.low < 0
