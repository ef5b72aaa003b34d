import numpy as np
from numpy.typing import NDArray

from annotation.agreement.intersections import MERGED, crossed


def people(*cells: tuple[int, int, int]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """So many people of each two categories."""
    first, second, sizes = np.array(cells).T
    return np.repeat(first, sizes), np.repeat(second, sizes)


def test_cells_that_are_large_enough_stay_and_small_ones_merge_within_the_first() -> None:
    found = crossed(*people((0, 0, 20), (0, 1, 12), (0, 2, 8), (1, 0, 25)), least=20)
    assert list(zip(found.first, found.second, found.people, strict=True)) == [(0, MERGED, 20), (0, 0, 20), (1, 0, 25)]
    assert found.group.tolist() == [1] * 20 + [0] * 20 + [2] * 25
    assert (found.merged, found.withheld, found.withheld_people) == (2, 0, 0)


def test_what_is_too_few_even_together_is_withheld_and_counted() -> None:
    found = crossed(*people((0, 0, 30), (0, 1, 3), (0, 2, 4), (1, 1, 19), (2, 0, -0)), least=20)
    assert found.people.tolist() == [30]
    assert (found.merged, found.withheld, found.withheld_people) == (0, 3, 26)
    assert (found.group == -1).sum() == 26


def test_exactly_the_least_is_enough() -> None:
    assert crossed(*people((0, 0, 5)), least=5).people.tolist() == [5]
    assert crossed(*people((0, 0, 4)), least=5).withheld_people == 4


def test_people_who_did_not_say_both_are_in_no_cell() -> None:
    found = crossed(np.array([0, -1, 0, -1]), np.array([0, 0, -1, -1]), least=1)
    assert found.group.tolist() == [0, -1, -1, -1]
    assert found.unsaid == 3


def test_nobody_at_all_gives_no_cells() -> None:
    found = crossed(np.array([-1, -1]), np.array([0, 1]))
    assert (len(found.people), found.unsaid, found.group.tolist()) == (0, 2, [-1, -1])


def test_everybody_is_in_one_place_and_one_only() -> None:
    rng = np.random.default_rng(0)
    first, second = rng.choice(4, 500, p=[0.6, 0.2, 0.15, 0.05]), rng.integers(-1, 6, 500)
    found = crossed(first, second, least=15)
    assert found.people.sum() + found.withheld_people + found.unsaid == 500
    assert (found.people >= 15).all()
    assert (found.first[found.group[found.group >= 0]] == first[found.group >= 0]).all()
