from itertools import product
from math import comb, prod

import numpy as np
import pytest

from annotation.agreement.freeman_halton import freeman_halton


def exact(yes: list[int], asked: list[int]) -> tuple[float, float]:
    """P-value by listing all tables, and the chance of the least likely one."""
    tables = [each for each in product(*(range(size + 1) for size in asked)) if sum(each) == sum(yes)]
    ways = {each: prod(comb(size, taken) for size, taken in zip(asked, each, strict=True)) for each in tables}
    total = sum(ways.values())
    return sum(each for each in ways.values() if each <= ways[tuple(yes)]) / total, min(ways.values()) / total


@pytest.mark.parametrize(
    ("yes", "asked"),
    [([6, 2, 3], [7, 9, 4]), ([0, 5, 9, 3], [6, 6, 10, 4]), ([5, 5], [10, 10]), ([1, 0, 0], [1, 1, 1])],
)
def test_the_p_value_is_that_of_all_tables_listed(yes: list[int], asked: list[int]) -> None:
    p_value, least = exact(yes, asked)
    found = freeman_halton(np.array([yes]), np.array([asked]), np.random.default_rng(1), enough=10**6, most=40_000)
    # Four standard errors of a share of 40,000 draws, and the one added to both.
    assert found.p_value[0] == pytest.approx(p_value, abs=4 * np.sqrt(p_value * (1 - p_value) / 40_000) + 1e-4)
    assert found.smallest[0] == pytest.approx(least)
    assert found.draws[0] == 40_000


def test_items_are_tested_each_for_itself_and_those_without_a_question_not_at_all() -> None:
    yes = np.array([[10, 0, 0], [3, 3, 3], [4, 4, 0], [5, 0, 0]])
    asked = np.array([[10, 10, 10], [6, 6, 6], [4, 4, 0], [9, 0, 0]])
    found = freeman_halton(yes, asked, np.random.default_rng(1), most=5000)
    # Ten against none and none: no table is less likely than 3 / C(30, 10) of all, 1e-7.
    assert found.p_value[0] == 1 / 5001
    # All the same, and one group alone: nothing to test. Equal shares: every table is as extreme.
    assert found.p_value[1:].tolist() == [1, 1, 1]
    assert found.draws.tolist() == [5000, 20, 0, 0]
    assert found.smallest[2:].tolist() == [1, 1]
