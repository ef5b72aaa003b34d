"""A small study without random numbers, for comparing with other software: anyone can make it from the formulas."""

from typing import NamedTuple

import numpy as np
from scipy.special import expit

from annotation.agreement.crossed_laplace import Answers, Floats, Ints


class Small(NamedTuple):
    """Answers, each person's group (0 to 2), and the design of the groups against the first."""

    answers: Answers
    group: Ints
    design: Floats


def small_study(people: int = 60, items: int = 40) -> Small:
    """Return three fifths of the pairs of 60 people and 40 items: 1,440 answers, 1,010 of them yes."""
    person, item = (each.ravel() for each in np.indices((people, items)))
    asked = (person * 7 + item * 3) % 5 < 3
    person, item = person[asked], item[asked]
    group = np.arange(people) % 3
    log_odds = 0.8 + np.array([0.0, 0.6, -0.4])[group[person]] + np.sin(3.0 * person**2) + 1.5 * np.cos(5.0 * item**2)
    dice = np.abs(43758.5453 * np.sin(12.9898 * person + 78.233 * item)) % 1
    yes = (dice < expit(log_odds)).astype(float)
    design = np.column_stack([np.ones(people), group == 1, group == 2]).astype(float)
    return Small(Answers(person, item, yes, people, items), group, design)
