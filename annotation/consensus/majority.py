"""The share of each answer among the votes on an item: the majority with disagreement kept. A tie stays a tie."""

import numpy as np

from annotation.agreement.ratings import Tallies
from annotation.agreement.resampling import Floats, ratio


def vote_shares(tallies: Tallies) -> Floats:
    """Return the distribution of answers of each item, NaN for one without a vote, shape (items, categories)."""
    return ratio(tallies.counts, tallies.ratings[:, None])


def winners(shares: Floats, tolerance: float = 1e-9) -> Floats:
    """Return the distribution over the answers that are most likely: all on one, or equal parts where they tie.

    Args:
        shares: of each answer, shape (items, categories).
        tolerance: answers whose shares differ by no more tie.
    """
    best = shares >= shares.max(axis=1, keepdims=True, initial=0) - tolerance
    return ratio(best.astype(np.float64), best.sum(axis=1)[:, None])
