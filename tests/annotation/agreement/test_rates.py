import numpy as np
import pytest

from annotation.agreement.rates import Grouping, everything, rates
from annotation.agreement.ratings import Ratings
from annotation.agreement.resampling import Floats
from tests.annotation.agreement.tables import NAN, ratings
from valueprism_build.wilson import wilson_bounds


def plain(votes: Ratings, people: Floats, items: Floats, group: np.ndarray) -> float:
    """Return the share of yes as a loop over votes has it."""
    weight = people[votes.annotator] * items[votes.item] * group
    return float(weight @ votes.code / weight.sum())


def test_shares_of_groups_are_counted() -> None:
    votes = ratings([[1, 0, NAN], [1, 1, 1], [0, NAN, 0]], 2)
    party = Grouping("party", of_people=True, code=np.array([0, 0, -1], dtype=np.int32), groups=2)
    vrd = Grouping("vrd", of_people=False, code=np.array([0, 1, 1], dtype=np.int32), groups=2)
    found = rates(votes, votes.code == 1, [everything(votes), party, vrd], np.random.default_rng(0), 200)
    shares = [[(each.share, each.votes, each.people, each.items) for each in group] for group in found]
    assert shares[0] == [(4 / 7, 7, 3, 3)]
    assert shares[1][0] == (4 / 5, 5, 2, 3)  # the third person is in no group
    assert shares[2] == [(2 / 3, 3, 3, 1), (1 / 2, 4, 3, 2)]
    empty = found[1][1]
    assert np.isnan([empty.share, empty.wilson.low, empty.resampled.crossed.high]).all()


@pytest.mark.parametrize("of_people", [True, False])
def test_the_intervals_are_those_of_a_loop_over_resampled_votes(of_people: bool) -> None:
    rng = np.random.default_rng(1)
    table = np.where(rng.random((25, 30)) < 0.3, NAN, rng.random((25, 30)) < np.linspace(0.2, 0.9, 30))
    votes = ratings(table, 2)
    code = rng.integers(2, size=25 if of_people else 30).astype(np.int32)
    grouping = Grouping("half", of_people, code, 2)
    found = rates(votes, votes.code == 1, [grouping], np.random.default_rng(2), 400)[0][1]
    inside = (code[votes.annotator if of_people else votes.item] == 1).astype(float)

    same = np.random.default_rng(2)  # people are drawn first, then items
    people = [np.bincount(draw, minlength=25).astype(np.float64) for draw in same.integers(25, size=(400, 25))]
    items = [np.bincount(draw, minlength=30).astype(np.float64) for draw in same.integers(30, size=(400, 30))]
    for estimate, pairs in (
        (found.resampled.by_people, list(zip(people, [np.ones(30)] * 400, strict=True))),
        (found.resampled.by_items, list(zip([np.ones(25)] * 400, items, strict=True))),
        (found.resampled.by_both, list(zip(people, items, strict=True))),
    ):
        shares = [plain(votes, person, item, inside) for person, item in pairs]
        assert estimate[1:3] == pytest.approx(np.quantile(shares, [0.025, 0.975]))


def test_wilsons_interval_is_the_published_one() -> None:
    # Newcombe (Stat. Med. 1998), table I: 81 of 263 is 0.2553 to 0.3662 by the score method.
    votes = ratings([[1] * 81 + [0] * 182], 2)
    wilson = rates(votes, votes.code == 1, [everything(votes)], np.random.default_rng(0), 10)[0][0].wilson
    assert (wilson.low, wilson.high) == pytest.approx((0.2553, 0.3662), abs=5e-5)


def test_nobody_answered() -> None:
    votes = ratings([[NAN]], 2)
    found = rates(votes, votes.code == 1, [everything(votes)], np.random.default_rng(0), 10)[0][0]
    assert (found.votes, found.people, found.items) == (0, 0, 0)
    assert np.isnan(found.share)


def test_the_crossed_interval_is_wilsons_on_an_effective_number_of_votes() -> None:
    rng = np.random.default_rng(5)
    lean = rng.normal(size=(60, 1)) + rng.normal(size=80)
    votes = ratings((rng.random((60, 80)) < 1 / (1 + np.exp(-lean))).astype(float), 2)
    found = rates(votes, votes.code == 1, [everything(votes)], rng, 1000)[0][0]
    width = {name: each.high - each.low for name, each in found.resampled._asdict().items()}
    assert width["crossed"] > 2 * (found.wilson.high - found.wilson.low)  # votes are far from independent
    assert width["crossed"] > max(width["by_items"], width["by_people"])
    assert width["crossed"] < 1.1 * width["by_both"]


def test_if_all_say_the_same_there_are_as_many_independent_votes_as_people_or_items() -> None:
    votes = ratings(np.ones((20, 30)), 2)
    found = rates(votes, votes.code == 1, [everything(votes)], np.random.default_rng(0), 20)[0][0]
    # Twenty people: Student's quantile of 19 degrees of freedom is 2.0930, the normal one 1.9600.
    low = float(wilson_bounds(1.0, 20 * (1.95996 / 2.09302) ** 2).low)
    assert found.resampled.crossed[:3] == pytest.approx((1.0, low, 1.0), abs=1e-5)


def test_people_and_items_without_votes_change_nothing() -> None:
    table = np.random.default_rng(3).integers(2, size=(12, 15)).astype(float)
    votes = ratings(table, 2)
    code = np.arange(12, dtype=np.int32) % 2
    wider = votes._replace(item=votes.item + 5, items=40, annotator=votes.annotator + 3, annotators=30)
    padded = np.pad(code, (3, 15), constant_values=0).astype(np.int32)
    found, again = (
        rates(each, each.code == 1, [Grouping("half", True, codes, 2)], np.random.default_rng(0), 50)
        for each, codes in ((votes, code), (wider, padded))
    )
    assert found == again
