"""The false discovery rate over many tests: of the differences that are called real, the share that is not.

Benjamini & Hochberg, "Controlling the false discovery rate", JRSS B 1995, through scipy. P-values of exact tests on
small tables are greater than uniform under the null hypothesis, so that the true rate stays below the nominal one. A
test that could not have been significant whatever people had answered takes no part: its margins alone say so, hence
leaving it out costs no validity and gains power (Tarone, Biometrics 1990; Gilbert, "A modified false discovery rate
multiple-comparisons procedure for discrete data", Appl. Stat. 2005).
"""

import numpy as np
from numpy.typing import NDArray
from scipy.stats import false_discovery_control

from annotation.agreement.crossed_laplace import Floats


def adjusted(p_values: Floats, testable: NDArray[np.bool_]) -> Floats:
    """Return the p-values adjusted over the testable ones, NaN for the others.

    A test is a discovery at rate q if its adjusted p-value is at most q.

    Args:
        p_values: shape (tests,), of one family: all items, groups and demographics that are looked at together.
        testable: shape (tests,).
    """
    found = np.full(len(p_values), np.nan)
    if testable.any():
        found[testable] = false_discovery_control(p_values[testable], method="bh")
    return found
