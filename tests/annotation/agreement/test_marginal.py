import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import expit
from scipy.stats import norm

from annotation.agreement.crossed_logistic import fit
from annotation.agreement.marginal import expected_share, marginal_rates
from tests.annotation.agreement.crossed_answers import small_study


@pytest.mark.parametrize(("log_odds", "sd"), [(0.0, 2.0), (1.9, 1.4), (-3.0, 0.0), (2.0, 3.0)])
def test_the_expected_share_is_the_integral(log_odds: float, sd: float) -> None:
    integral = quad(lambda z: expit(log_odds + sd * z) * norm.pdf(z), -12, 12)[0]
    assert expected_share(np.array([log_odds]), sd) == pytest.approx([integral], abs=1e-7)


def test_slopes_of_the_rates_are_those_of_small_steps() -> None:
    small = small_study()
    found = fit(small.answers, small.design)
    profiles = np.array([[1.0, 0, 0], [1, 0, 1]])
    rates = marginal_rates(found, profiles)
    for number, step in enumerate(1e-5 * np.eye(5)):
        moved = found._replace(
            coefficients=found.coefficients + step[:3],
            sds=(found.sds[0] * np.exp(step[3]), found.sds[1] * np.exp(step[4])),
        )
        slope = (marginal_rates(moved, profiles).rate - rates.rate) / 1e-5
        assert rates.slopes[:, number] == pytest.approx(slope, abs=1e-5)
