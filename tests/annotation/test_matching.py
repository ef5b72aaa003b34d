import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from annotation.matching import Pairs, matched, shuffled


@st.composite
def graphs(draw: st.DrawFn) -> Pairs:
    shape = (draw(st.integers(1, 8)), draw(st.integers(1, 8)))
    drawn: Pairs = draw(arrays(np.bool_, shape))
    return drawn


@given(graphs(), graphs())
def test_what_can_be_met_is_met_exactly(met: Pairs, more: Pairs) -> None:
    # The degrees of a graph that is there can be had; more pairs that may meet do no harm.
    may = met | more if met.shape == more.shape else met
    found = matched(met.sum(axis=1), met.sum(axis=0), may)
    assert not (found & ~may).any()
    assert found.sum(axis=1).tolist() == met.sum(axis=1).tolist()
    assert (found.sum(axis=0) <= met.sum(axis=0)).all()


def test_what_cannot_be_met_is_met_as_far_as_it_can() -> None:
    # Both seats may meet the first situation, one the second: of 2 + 2 wanted, 2 + 1 can be had.
    may = np.array([[True, True], [True, False]])
    found = matched(np.array([2, 2]), np.array([2, 2]), may)
    assert found.sum(axis=1).tolist() == [2, 1]


@pytest.mark.parametrize(("situations", "seats", "people"), [(10, 7, 3), (3, 20, 5), (5, 4, 4)])
def test_seats_are_filled_within_one_of_each_other(situations: int, seats: int, people: int) -> None:
    may = np.ones((situations, seats), np.bool_)
    load = matched(np.full(situations, people), np.full(seats, situations), may).sum(axis=0)
    assert load.sum() == situations * people
    assert load.max() - load.min() <= 1


def test_seats_with_less_room_are_filled_and_the_others_share_the_rest() -> None:
    # 12 meetings, of which the first seat has room for 1: 11 over three seats are 4, 4 and 3.
    may = np.ones((4, 4), np.bool_)
    load = matched(np.full(4, 3), np.array([1, 4, 4, 4]), may).sum(axis=0)
    assert sorted(load.tolist()) == [1, 3, 4, 4]
    assert load[0] == 1


@given(graphs(), graphs(), st.integers(0, 9))
def test_shuffling_keeps_every_degree_and_never_pairs_what_may_not_meet(met: Pairs, more: Pairs, seed: int) -> None:
    may = met | more if met.shape == more.shape else met
    mixed = shuffled(met, may, np.random.default_rng(seed))
    assert not (mixed & ~may).any()
    assert mixed.sum(axis=0).tolist() == met.sum(axis=0).tolist()
    assert mixed.sum(axis=1).tolist() == met.sum(axis=1).tolist()


def test_after_shuffling_hardly_two_seats_have_the_same_block() -> None:
    # 40 seats, 5 people each for 24 situations: 3 a seat, of 2024 triples; the plain flow repeats a few.
    may = np.ones((24, 40), np.bool_)
    plain = matched(np.full(24, 5), np.full(40, 3), may)
    mixed = shuffled(plain, may, np.random.default_rng(0))
    blocks = {tuple(column) for column in mixed.T.tolist()}
    assert len({tuple(column) for column in plain.T.tolist()}) < 20
    # 780 pairs of seats share a block with probability 1 / 2024: .4 expected, 5 would be a fault.
    assert len(blocks) > 35


def test_all_graphs_of_the_degrees_come_up_about_as_often() -> None:
    # Two situations of two people each over three seats that have room for 2: choose a pair for each, 9 graphs, of
    # which loads (2, 1, 1) have 2 graphs: the pairs {a, b} and {a, c} either way round.
    start = np.array([[True, True, False], [True, False, True]])
    may = np.ones((2, 3), np.bool_)
    rng = np.random.default_rng(1)
    same = sum(bool((shuffled(start, may, rng) == start).all()) for _ in range(400))
    # Half of 400, within five standard deviations (10 each).
    assert same == pytest.approx(200, abs=50)
