"""Wilson's interval of a share ("Probable inference, the law of succession, and statistical inference", 1927)."""

from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray


class Bounds(NamedTuple):
    """Ends of intervals, of the shape of the shares."""

    low: NDArray[np.float64]
    high: NDArray[np.float64]


def wilson_bounds(share: ArrayLike, trials: ArrayLike, level: float = 0.95) -> Bounds:
    """Return the interval of each share.

    Args:
        share: 0 to 1.
        trials: behind each share, perhaps an effective number of them; none gives NaN.
        level: of confidence.
    """
    shares, counts = np.broadcast_arrays(np.asarray(share, dtype=np.float64), np.asarray(trials, dtype=np.float64))
    z = NormalDist().inv_cdf((1 + level) / 2)
    n = np.where(counts > 0, counts, np.nan)
    centre = shares + z**2 / (2 * n)
    spread = z * np.sqrt(shares * (1 - shares) / n + (z / (2 * n)) ** 2)
    scale = 1 + z**2 / n
    # The ends are exactly 0 and 1 for none and all; rounding must not take them past.
    low = np.where((shares == 0) & (counts > 0), 0.0, (centre - spread) / scale)
    return Bounds(low, np.where((shares == 1) & (counts > 0), 1.0, (centre + spread) / scale))
