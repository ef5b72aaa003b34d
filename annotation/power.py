"""What a campaign can find: the smallest difference between two groups at a given power, and the people that it takes.

Of two groups of n1 and n2 people with b answers each, the difference of the rates, people and items crossed and items
adjusted for (as the mixed-effects model of `agreement/group_effects.py` does), has the variance

    m (1 - m) (1 / n1 b + 1 / n2 b) * design effect,        design effect = 1 + (b - 1) r_people - r_items,

where m is the rate and r the shares of the variance m (1 - m) of one answer that lie between people and between items:
Kish's design effect of clusters ("Survey Sampling", 1965, section 5.4) for the people, less what is known once the item
is (Raudenbush, "Statistical analysis and optimal design for cluster randomized trials", Psychol. Methods 1997). A
difference is found if it exceeds z standard errors; z allows for several comparisons by Bonferroni's correction. On a
single item each person answers once: `Answering(answers_each=1)` and no variance between.
"""

from math import ceil, sqrt
from typing import Final, NamedTuple

import numpy as np
from numpy.polynomial.hermite_e import hermegauss
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri

from annotation.agreement.marginal import expected_share


class Answering(NamedTuple):
    """How people answer.

    Attributes:
        rate: of yes, between 0 and 1.
        answers_each: of one person; a mean over people need not be whole.
        between_people: share of the variance of an answer that lies between people, 0 to 1.
        between_items: likewise between items.
    """

    rate: float
    answers_each: float = 1
    between_people: float = 0.0
    between_items: float = 0.0


class Ask(NamedTuple):
    """What is asked of the test.

    Attributes:
        alpha: two-sided error over all comparisons.
        power: chance to find the difference, 0 to 1.
        comparisons: how many are made.
    """

    alpha: float = 0.05
    power: float = 0.8
    comparisons: int = 1


USUAL: Final = Ask()


def design_effect(answering: Answering) -> float:
    """Return the variance of a rate relative to as many answers of that many people."""
    shared = (answering.answers_each - 1) * answering.between_people
    return 1 + shared - answering.between_items


def standard_error(answering: Answering, people: float, others: float) -> float:
    """Return the standard error of the difference of two groups' rates, 0 to 1.

    Args:
        answering: how they answer.
        people: of the one group, above 0.
        others: of the other one, above 0.
    """
    one = answering.rate * (1 - answering.rate) / answering.answers_each * design_effect(answering)
    return sqrt(one * (1 / people + 1 / others))


def power(answering: Answering, people: float, others: float, difference: float, ask: Ask = USUAL) -> float:
    """Return the chance that a difference of that size, 0 to 1, is found."""
    critical = ndtri(1 - ask.alpha / ask.comparisons / 2)
    distance = abs(difference) / standard_error(answering, people, others)
    return float(ndtr(distance - critical) + ndtr(-distance - critical))


def smallest_difference(answering: Answering, people: float, others: float, ask: Ask = USUAL) -> float:
    """Return the smallest difference, 0 to 1, that is found with the power asked for; 1 if only more would be."""
    critical = ndtri(1 - ask.alpha / ask.comparisons / 2)
    return min(1.0, float(critical + ndtri(ask.power)) * standard_error(answering, people, others))


def people_needed(answering: Answering, difference: float, share: float = 0.5, ask: Ask = USUAL) -> int:
    """Return how many people the two groups need together.

    Args:
        answering: how they answer.
        difference: to be found, above 0 and at most 1.
        share: of the people who are of the one group, between 0 and 1.
        ask: the test.
    """
    critical = ndtri(1 - ask.alpha / ask.comparisons / 2)
    once = standard_error(answering, share, 1 - share)  # with one person in all
    return ceil((float(critical + ndtri(ask.power)) * once / difference) ** 2)


def answering_of(constant: float, person_sd: float, item_sd: float, answers_each: float) -> Answering:
    """Return how people answer under a logistic model with random intercepts, such as one fitted to a pilot study.

    The share between people is the variance, over people, of a person's expected rate; likewise for items.
    """
    nodes, weights = hermegauss(64)
    weights = weights / weights.sum()

    def between(own: float, other: float) -> float:
        expected = expected_share(constant + own * nodes, other)
        return float(weights @ expected**2 - (weights @ expected) ** 2)

    rate = float(expected_share(np.array(constant), sqrt(person_sd**2 + item_sd**2)))
    variance = rate * (1 - rate)
    people, items = between(person_sd, item_sd) / variance, between(item_sd, person_sd) / variance
    return Answering(rate, answers_each, people, items)


def log_odds_apart(constant: float, total_sd: float, difference: float) -> float:
    """Return the distance in log-odds, around the constant, of two groups whose marginal rates differ by so much."""

    def excess(distance: float) -> float:
        ends = expected_share(np.array([constant + distance / 2, constant - distance / 2]), total_sd)
        return float(ends[0] - ends[1] - difference)

    return float(brentq(excess, 0.0, 20.0))
