from decimal import Decimal

import numpy as np
import pytest

from valueprism_build.considerations.comparison import DRAWS, Overlap, PairCounts, compare, estimate


def test_shares_and_cost_follow_from_the_counts() -> None:
    # a: 2 situations of 4 items (3 matched, 2 agreed), 1 of 2 (none matched): 10 items, 6 matched, 4 agreed.
    # b: 3 situations of 4 items, 2 matched: 12 items, 6 matched, so 6 are new; they cost 3 dollars.
    there = PairCounts("a", "b", (Overlap(4, 3, 2, 2), Overlap(2, 0, 0, 1)), Decimal(3))
    back = PairCounts("b", "a", (Overlap(4, 2, 1, 3),), None)
    [of_a, of_b] = compare([there, back], seed=0)
    assert (of_a.first, of_a.second, of_a.situations, of_a.new) == ("a", "b", 3, 6)
    assert of_a.coverage is not None
    assert of_a.novelty is not None
    assert of_a.agreement is not None
    shares = [of_a.coverage.share, of_a.novelty.share, of_a.agreement.share]
    assert shares == pytest.approx([6 / 10, 6 / 12, 4 / 6])
    assert of_a.cost_per_new == Decimal("0.5")
    assert (of_b.new, of_b.cost_per_new) == (4, None)  # 10 - 6 of a's are new to b; the price is unknown


def test_a_share_that_is_the_same_in_every_situation_has_no_spread() -> None:
    found = estimate(np.array([2]), np.array([4]), np.array([9]), np.random.default_rng(0))
    assert found is not None
    assert (found.share, found.low, found.high) == (0.5, 0.5, 0.5)


def test_the_interval_is_that_of_drawing_situations_one_by_one() -> None:
    parts, wholes, situations = np.array([0, 1, 4]), np.array([2, 3, 5]), np.array([20, 30, 50])
    found = estimate(parts, wholes, situations, np.random.default_rng(1))
    rng = np.random.default_rng(2)
    each = np.repeat(np.arange(3), situations)
    drawn = each[rng.integers(0, 100, (DRAWS, 100))]
    shares = parts[drawn].sum(axis=1) / wholes[drawn].sum(axis=1)
    assert found is not None
    # 0 + 30 + 200 of 40 + 90 + 250.
    # The error of a 2.5 % quantile of 2,000 draws is about 0.07 standard deviations, here 0.002.
    assert found.share == pytest.approx(230 / 380)
    assert (found.low, found.high) == pytest.approx(np.quantile(shares, (0.025, 0.975)), abs=0.01)


def test_the_same_seed_gives_the_same_intervals() -> None:
    pairs = [
        PairCounts(a, b, (Overlap(3, 1, 1, 500), Overlap(2, 2, 0, 401)), None) for a, b in (("a", "b"), ("b", "a"))
    ]
    assert compare(pairs, seed=3) == compare(pairs, seed=3)
    assert compare(pairs, seed=3) != compare(pairs, seed=4)


def test_there_is_no_share_of_nothing() -> None:
    pairs = [PairCounts(a, b, (Overlap(0, 0, 0, 2),), Decimal(1)) for a, b in (("a", "b"), ("b", "a"))]
    [found, _] = compare(pairs, seed=0)
    assert (found.coverage, found.novelty, found.agreement, found.new, found.cost_per_new) == (
        None,
        None,
        None,
        0,
        None,
    )
