import numpy as np
from numpy.typing import NDArray

from annotation.agreement.crossed_laplace import Ints
from annotation.agreement.monte_carlo import sequential_p_values


def test_a_test_stops_at_the_last_extreme_draw_that_is_enough() -> None:
    # Every second draw of test 0, every draw of test 1, none of test 2.
    def extreme(tests: Ints, draws: int) -> NDArray[np.bool_]:
        patterns = np.stack([np.arange(draws) % 2 == 1, np.ones(draws, bool), np.zeros(draws, bool)])
        return patterns[tests]

    found = sequential_p_values(extreme, 3, enough=20, most=1000)
    assert found.p_value.tolist() == [20 / 40, 1.0, 1 / 1001]
    assert found.draws.tolist() == [40, 20, 1000]


def test_a_test_that_runs_out_of_draws_counts_what_it_saw() -> None:
    def extreme(tests: Ints, draws: int) -> NDArray[np.bool_]:
        return np.tile(np.arange(draws) == 0, (len(tests), 1))

    # One extreme draw in each of the stages: 200, then the rest of 1,000.
    found = sequential_p_values(extreme, 1, enough=20, most=1000)
    assert (found.p_value[0], found.draws[0]) == (3 / 1001, 1000)


def test_p_values_under_the_null_hypothesis_keep_their_size() -> None:
    # Each test's chance of an extreme draw is uniform, as a p-value is. P(p <= a) is at most a; with 4,000 tests its
    # standard error is sqrt(a (1 - a) / 4000), at most 0.008.
    rng = np.random.default_rng(0)
    chances = rng.random(4000)

    def extreme(tests: Ints, draws: int) -> NDArray[np.bool_]:
        return rng.random((len(tests), draws)) < chances[tests, None]

    p_values = sequential_p_values(extreme, 4000, enough=20, most=2000).p_value
    for size in (0.01, 0.05, 0.2, 0.5):
        assert (p_values <= size).mean() <= size + 3 * np.sqrt(size * (1 - size) / 4000)
        assert (p_values <= size).mean() >= 0.8 * size - 3 * np.sqrt(size * (1 - size) / 4000)
