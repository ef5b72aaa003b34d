"""The Fisher-Freeman-Halton test of several groups on one item with yes-or-no answers, for many items at once.

Tables of the given margins are ordered by their chance, as in Fisher's test (Freeman & Halton, "Note on an exact
treatment of contingency, goodness of fit and other problems of significance", Biometrika 1951). Tables are drawn group
by group from hypergeometric distributions, which is a permutation of the answers among the people asked.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from annotation.agreement.crossed_laplace import Floats, Ints
from annotation.agreement.monte_carlo import sequential_p_values


class FreemanHalton(NamedTuple):
    """Monte Carlo p-values of the exact test.

    Attributes:
        p_value: shape (items,); 1 where fewer than two groups were asked or all said the same.
        draws: that each took; 0 where nothing could be tested.
        smallest: the chance of the least likely table of the same margins: no p-value is below it.
    """

    p_value: Floats
    draws: Ints
    smallest: Floats


def freeman_halton(
    yes: Ints, asked: Ints, rng: np.random.Generator, *, enough: int = 20, most: int = 100_000
) -> FreemanHalton:
    """Test whether the groups differ, item by item.

    Args:
        yes: shape (items, groups), how many said so.
        asked: likewise, how many were asked.
        rng: draws the tables.
        enough: extreme draws that end a test (`monte_carlo.py`).
        most: draws that end a test.
    """
    total, total_yes = asked.sum(axis=1), yes.sum(axis=1)
    tested = np.flatnonzero((total_yes > 0) & (total_yes < total) & ((asked > 0).sum(axis=1) > 1))
    seen = _unlikeliness(yes, asked)

    def extreme(tests: Ints, draws: int) -> NDArray[np.bool_]:
        items = tested[tests]
        # A hair less than what was seen: tables of one chance differ by rounding.
        return _drawn(total_yes[items], asked[items], draws, rng) >= seen[items, None] - 1e-7

    found = sequential_p_values(extreme, len(tested), enough=enough, most=most)
    p_value, draws, smallest = np.ones(len(yes)), np.zeros(len(yes), np.int64), np.ones(len(yes))
    p_value[tested], draws[tested] = found
    smallest[tested] = _least_chance(total_yes[tested], asked[tested])
    return FreemanHalton(p_value, draws, smallest)


def _unlikeliness(yes: Ints, asked: Ints) -> Floats:
    """Return minus the log of the table's chance but for what the margins fix; the last axis is the groups."""
    logs: Floats = (gammaln(yes + 1) + gammaln(asked - yes + 1)).sum(axis=-1)
    return logs


def _drawn(total_yes: Ints, asked: Ints, draws: int, rng: np.random.Generator) -> Floats:
    """Return the unlikeliness of random tables, shape (items, draws)."""
    left_yes = np.repeat(total_yes[:, None], draws, axis=1)
    left = asked.sum(axis=1)[:, None]
    found = np.zeros(left_yes.shape)
    log_factorial = gammaln(np.arange(int(asked.max()) + 1) + 1.0)
    for group in range(asked.shape[1]):
        size = asked[:, group][:, None]
        taken = rng.hypergeometric(left_yes, left - left_yes, size)
        found += log_factorial[taken] + log_factorial[size - taken]
        left_yes, left = left_yes - taken, left - size
    return found


def _least_chance(total_yes: Ints, asked: Ints) -> Floats:
    """Find the least likely table by dynamic programming: groups one by one, by the yes given so far."""
    most_yes = int(total_yes.max(initial=0))
    reached = np.full((len(asked), most_yes + 1), np.inf)
    reached[:, 0] = 0.0
    for group in range(asked.shape[1]):
        size = asked[:, group]
        wider = np.full_like(reached, np.inf)
        for taken in range(min(int(size.max(initial=0)), most_yes) + 1):
            part = np.minimum(taken, size)
            choose = gammaln(size + 1) - gammaln(part + 1) - gammaln(size - part + 1)
            logs = np.where(taken <= size, choose, np.inf)[:, None]
            wider[:, taken:] = np.minimum(wider[:, taken:], reached[:, : most_yes + 1 - taken] + logs)
        reached = wider
    total = asked.sum(axis=1)
    logs = reached[np.arange(len(asked)), total_yes]
    chance: Floats = np.exp(logs - gammaln(total + 1) + gammaln(total_yes + 1) + gammaln(total - total_yes + 1))
    return chance
