import numpy as np
import pytest

from annotation.agreement.ratings import tally
from annotation.consensus.majority import vote_shares, winners
from tests.annotation.agreement.tables import NAN, ratings


def test_disagreement_is_kept_and_a_tie_stays_a_tie() -> None:
    votes = ratings([[0, 0, NAN, 2], [0, 1, NAN, NAN], [1, NAN, NAN, NAN]], 3)
    shares = vote_shares(tally(votes))
    unknown = [NAN] * 3
    assert shares == pytest.approx(np.array([[2 / 3, 1 / 3, 0], [1 / 2, 1 / 2, 0], unknown, [0, 0, 1]]), nan_ok=True)
    assert winners(shares) == pytest.approx(np.array([[1, 0, 0], [1 / 2, 1 / 2, 0], unknown, [0, 0, 1]]), nan_ok=True)
