import numpy as np
import pytest
from scipy.stats import fisher_exact

from annotation.agreement.fisher import fisher


def test_the_lady_tasting_tea() -> None:
    # All eight cups right: 1 of C(8, 4) = 70 tables on either side, 2/70; three of four right: 1 - 36/70 = 34/70.
    four = np.array([4, 4])
    found = fisher(np.array([4, 3]), four, np.array([0, 1]), four)
    assert found.p_value == pytest.approx([2 / 70, 34 / 70])
    assert found.smallest == pytest.approx([2 / 70, 2 / 70])


def test_p_values_are_scipys() -> None:
    rng = np.random.default_rng(0)
    asked, others = rng.integers(0, 30, (2, 200))
    yes, other_yes = rng.binomial(asked, 0.8), rng.binomial(others, 0.5)
    tables = np.stack([yes, asked - yes, other_yes, others - other_yes], axis=1).reshape(-1, 2, 2)
    expected = [fisher_exact(table).pvalue for table in tables]
    assert fisher(yes, asked, other_yes, others).p_value == pytest.approx(expected, abs=1e-12)


def test_three_against_three_can_never_be_significant() -> None:
    # The most extreme table has chance 1 / C(6, 3) = 1/20, on both sides 1/10.
    found = fisher(np.array([3]), np.array([3]), np.array([0]), np.array([3]))
    assert (found.p_value[0], found.smallest[0]) == (pytest.approx(0.1), pytest.approx(0.1))


@pytest.mark.parametrize(
    ("yes", "asked", "other_yes", "others"), [(0, 0, 3, 5), (5, 5, 7, 7), (0, 5, 0, 7), (0, 0, 0, 0)]
)
def test_an_empty_group_or_one_answer_only_tells_nothing(yes: int, asked: int, other_yes: int, others: int) -> None:
    found = fisher(*(np.array([each]) for each in (yes, asked, other_yes, others)))
    assert (found.p_value[0], found.smallest[0]) == (1, 1)


def test_no_table_gives_no_p_value() -> None:
    none = np.zeros(0, np.int64)
    assert len(fisher(none, none, none, none).p_value) == 0
