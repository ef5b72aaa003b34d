import numpy as np
import pytest

from annotation.agreement.false_discovery import adjusted

# Benjamini & Hochberg 1995, section 3.3: thrombolysis, 15 hypotheses; at 0.05 the first four are rejected.
PUBLISHED = np.array(
    [
        0.0001,
        0.0004,
        0.0019,
        0.0095,
        0.0201,
        0.0278,
        0.0298,
        0.0344,
        0.0459,
        0.3240,
        0.4262,
        0.5719,
        0.6528,
        0.7590,
        1.0,
    ]
)


def test_the_published_example_rejects_four() -> None:
    found = adjusted(PUBLISHED, np.ones(15, bool))
    assert (found <= 0.05).sum() == 4
    # The fourth is 0.0095 * 15 / 4.
    assert found[3] == pytest.approx(0.035625)


def test_what_cannot_be_told_takes_no_part() -> None:
    # Twice as many tests, of which half cannot be told, change nothing.
    testable = np.repeat([True, False], 15)
    found = adjusted(np.concatenate([PUBLISHED, np.full(15, 0.2)]), testable)
    assert found[:15] == pytest.approx(adjusted(PUBLISHED, np.ones(15, bool)))
    assert np.isnan(found[15:]).all()


def test_nothing_to_tell_gives_nothing() -> None:
    assert np.isnan(adjusted(np.ones(3), np.zeros(3, bool))).all()
    assert len(adjusted(np.zeros(0), np.zeros(0, bool))) == 0
