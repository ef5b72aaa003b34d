"""Monte Carlo p-values of many permutation tests, with many draws only where they are needed.

A test stops as soon as `enough` draws were as extreme as what was seen; its p-value, enough / draws, is exact in the
sense that it is at most a with probability at most a under the null hypothesis (Besag & Clifford, "Sequential Monte
Carlo p-values", Biometrika 1991). Plain tests need some forty draws; `most` are spent only on p-values near zero, which
then get (extreme + 1) / (draws + 1) (Phipson & Smyth, Stat. Appl. Genet. Mol. Biol. 2010).
"""

from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from annotation.agreement.crossed_laplace import Floats, Ints

AT_ONCE: Final = 10_000_000
"""Draws of all tests together that are in memory at a time, some 160 MB."""
# Given the numbers of tests and how often to draw, tells which draws are as extreme as what was seen: (tests, draws).
Extreme = Callable[[Ints, int], NDArray[np.bool_]]


class MonteCarlo(NamedTuple):
    """P-values, shape (tests,), and the draws that each took."""

    p_value: Floats
    draws: Ints


def sequential_p_values(extreme: Extreme, tests: int, *, enough: int = 20, most: int = 100_000) -> MonteCarlo:
    """Draw until each test has `enough` extreme draws or `most` draws.

    Args:
        extreme: draws anew at each call.
        tests: how many there are.
        enough: relative standard error of a p-value is about 1 / sqrt(enough).
        most: the least p-value is 1 / (most + 1): for Benjamini-Hochberg over m tests it should exceed m / level.
    """
    p_value, draws, seen = np.ones(tests), np.zeros(tests, np.int64), np.zeros(tests, np.int64)
    running = np.arange(tests)
    stage = min(200, most)
    while len(running):
        for some in np.array_split(running, -(-len(running) * stage // AT_ONCE)):
            counts = seen[some, None] + np.cumsum(extreme(some, stage), axis=1)
            stopped = counts[:, -1] >= enough
            needed = draws[some] + np.where(stopped, (counts >= enough).argmax(axis=1) + 1, stage)
            draws[some], seen[some] = needed, counts[:, -1]
            p_value[some[stopped]] = enough / needed[stopped]
        running = running[seen[running] < enough]
        done = running[draws[running] >= most]
        p_value[done] = (seen[done] + 1) / (draws[done] + 1)
        running = running[draws[running] < most]
        stage = min(9 * int(draws[running].max(initial=0)), most - int(draws[running].max(initial=0)))
    return MonteCarlo(p_value, draws)
