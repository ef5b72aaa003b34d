import numpy as np
import pytest

from annotation.agreement.missing_perspective import Protocol, missing_perspectives
from annotation.agreement.rates import Grouping, everything
from tests.annotation.agreement.tables import NAN, ratings


def test_rates_of_two_protocols_stand_side_by_side() -> None:
    openly = ratings([[1, 1, NAN], [0, 1, NAN], [0, 0, 0]], 2)
    after = ratings([[0, 0, 0], [0, NAN, NAN], [NAN, NAN, NAN]], 2)
    party = Grouping("party", of_people=True, code=np.array([0, 0, 1], dtype=np.int32), groups=2)
    protocols = [Protocol("asked openly", openly, openly.code == 1), Protocol("after the list", after, after.code == 1)]
    found = missing_perspectives(protocols, [everything(openly), party], np.random.default_rng(0), 50)
    assert [(each.protocol, each.grouping, each.group) for each in found] == [
        (protocol, *group)
        for protocol in ("asked openly", "after the list")
        for group in (("", 0), ("party", 0), ("party", 1))
    ]
    assert [each.answers.share for each in found] == pytest.approx([3 / 7, 3 / 4, 0, 0, 0, NAN], nan_ok=True)
    # Of three people two said so at least once; in the first party both did.
    assert [each.ever.value for each in found] == pytest.approx([2 / 3, 1, 0, 0, 0, NAN], nan_ok=True)
    assert 0 < found[0].ever.low < 2 / 3 < found[0].ever.high < 1
