"""Fisher's exact test of two groups on one item, for many tables at once.

Given how many of all asked said yes, the yes of one group is hypergeometric if the groups do not differ. The two-sided
p-value sums the chances of all tables no likelier than the one seen (Fisher, "Statistical Methods for Research
Workers", 1934, section 21.02; Freeman & Halton, Biometrika 1951). Within an item each person answers once, so that the
answers are independent and the test respects the design.
"""

from typing import Final, NamedTuple

import numpy as np
from scipy.special import gammaln

from annotation.agreement.crossed_laplace import Floats, Ints

# Chances that differ by less than this share are equal but for rounding, as R's fisher.test has it.
_ALIKE: Final = 1 + 1e-7
# Chances that are held in memory at a time.
_CELLS: Final = 2_000_000


class Fisher(NamedTuple):
    """Exact two-sided p-values.

    Attributes:
        p_value: shape (tables,); 1 where a group is empty or all said the same.
        smallest: the p-value of the most extreme table with the same margins (Tarone, Biometrics 1990): no answers at
            all could have given less.
    """

    p_value: Floats
    smallest: Floats


def fisher(yes: Ints, asked: Ints, other_yes: Ints, other_asked: Ints) -> Fisher:
    """Test each of the tables, shape (tables,) each."""
    total_yes = yes + other_yes
    lowest, highest = np.maximum(0, total_yes - other_asked), np.minimum(total_yes, asked)
    width = int((highest - lowest).max(initial=0)) + 1
    p_value, smallest = np.empty(len(yes)), np.empty(len(yes))
    step = max(1, _CELLS // width)
    for first in range(0, len(yes), step):
        rows = slice(first, first + step)
        possible = lowest[rows, None] + np.arange(width)
        chance = _chance(possible, asked[rows, None], total_yes[rows, None], other_asked[rows, None])
        chance[possible > highest[rows, None]] = np.nan
        seen = np.take_along_axis(chance, (yes - lowest)[rows, None], axis=1)
        least = np.nanmin(chance, axis=1, keepdims=True)
        p_value[rows] = np.nansum(np.where(chance <= seen * _ALIKE, chance, 0), axis=1)
        smallest[rows] = np.nansum(np.where(chance <= least * _ALIKE, chance, 0), axis=1)
    return Fisher(np.minimum(p_value, 1), np.minimum(smallest, 1))


def _chance(yes: Ints, asked: Ints, total_yes: Ints, other_asked: Ints) -> Floats:
    """Return the hypergeometric chance; something finite or not for impossible counts, which are masked."""
    rest = np.minimum(total_yes - yes, other_asked)
    some = np.minimum(yes, asked)
    logs = _log_choose(asked, some) + _log_choose(other_asked, np.maximum(rest, 0))
    chance: Floats = np.exp(logs - _log_choose(asked + other_asked, total_yes))
    return chance


def _log_choose(total: Ints, part: Ints) -> Floats:
    logs: Floats = gammaln(total + 1) - gammaln(part + 1) - gammaln(total - part + 1)
    return logs
