"""Simulated agreement studies with planted group effects: what the statistics should find is known.

People answer a random part of the items, as in the study of Sorensen et al. ("Value Kaleidoscope", AAAI 2024): 613
people, 683 items, some 31,000 answers, eight demographics of which a part of the people says nothing. The log-odds of a
yes are those of `agreement/group_effects.py`, plus a shift of single items for single groups:

    log-odds = constant + sum over demographics of effect[group] + person + item + shift[item, group]
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from scipy.special import expit

from annotation.agreement.crossed_laplace import Answers, Floats, Ints
from annotation.agreement.marginal import expected_share
from annotation.agreement.resampling import blocks


class Demographic(NamedTuple):
    """One question about people.

    Attributes:
        name: of the demographic.
        shares: of its categories in the population, adding up to 1.
        effects: of its categories on the log-odds of a yes; of the same length.
        shifted: on how many items one category, drawn anew for each, answers differently.
        shift: by how much, in log-odds; the sign is drawn.
    """

    name: str
    shares: tuple[float, ...]
    effects: tuple[float, ...]
    shifted: int = 0
    shift: float = 0.0


class Design(NamedTuple):
    """What is simulated.

    Attributes:
        people: who answer; likewise `items`.
        items: see `people`.
        answers_each: of one person, at most `items`.
        constant: log-odds of a typical person about a typical item.
        person_sd: standard deviations of the random intercepts; likewise `item_sd`.
        item_sd: see `person_sd`.
        demographics: independent of each other.
        unsaid: share of people who say nothing about themselves, 0 to 1.
    """

    people: int
    items: int
    answers_each: int
    constant: float
    person_sd: float
    item_sd: float
    demographics: tuple[Demographic, ...]
    unsaid: float


# Sizes, missing demographics and mean agreement (81 %) as published; effects and deviations are ours.
ORIGINAL: Final = Design(
    people=613,
    items=683,
    answers_each=51,
    constant=1.9,
    person_sd=0.8,
    item_sd=1.1,
    demographics=(
        Demographic("gender", (0.55, 0.43, 0.02), (0.0, 0.0, 0.0)),
        Demographic("race", (0.40, 0.25, 0.15, 0.10, 0.10), (0.0, 0.0, 0.0, 0.0, 0.0)),
        Demographic("orientation", (0.85, 0.15), (0.2, -0.2)),
        Demographic("politics", (0.40, 0.30, 0.30), (0.0, 0.0, 0.0), shifted=34, shift=4.0),
        Demographic("religion", (0.35, 0.25, 0.20, 0.20), (0.0, 0.0, 0.0, 0.0), shifted=34, shift=4.0),
        Demographic("education", (0.30, 0.35, 0.25, 0.10), (0.0, 0.0, 0.0, 0.0)),
        Demographic("income", (0.25, 0.25, 0.25, 0.25), (0.0, 0.0, 0.0, 0.0)),
        Demographic("age", (0.30, 0.30, 0.25, 0.15), (-0.3, 0.0, 0.0, 0.3)),
    ),
    unsaid=0.2,
)


class Study(NamedTuple):
    """A simulated study and its truth.

    Attributes:
        answers: as the statistics take them.
        groups: shape (demographics, people), what people said: a category, or -1.
        item_intercepts: shape (items,).
        shifts: for each demographic, shape (items, categories), 0 where nothing is planted.
    """

    answers: Answers
    groups: Ints
    item_intercepts: Floats
    shifts: tuple[Floats, ...]


def simulate(design: Design, rng: np.random.Generator) -> Study:
    """Draw people, items, planted shifts and answers."""
    true_groups = np.stack([rng.choice(len(each.shares), design.people, p=each.shares) for each in design.demographics])
    person = np.repeat(np.arange(design.people), design.answers_each)
    # The first of a random order of the items, for each person: no item twice. Copies let go of the orders.
    orders = (rng.random((size, design.items)).argsort(axis=1) for size in blocks(design.people, design.items))
    item = np.concatenate([order[:, : design.answers_each].copy() for order in orders]).ravel()
    intercepts = design.item_sd * rng.standard_normal(design.items)
    shifts = tuple(_shifts(each, design.items, rng) for each in design.demographics)
    log_odds = design.constant + design.person_sd * rng.standard_normal(design.people)[person] + intercepts[item]
    for each, group, shift in zip(design.demographics, true_groups, shifts, strict=True):
        log_odds += np.array(each.effects)[group[person]] + shift[item, group[person]]
    yes = (rng.random(len(log_odds)) < expit(log_odds)).astype(float)
    said = rng.random(design.people) >= design.unsaid
    answers = Answers(person, item, yes, design.people, design.items)
    return Study(answers, np.where(said, true_groups, -1), intercepts, shifts)


def true_rates(design: Design, demographic: int) -> Floats:
    """Return the population's share of yes by category, shape (categories,), over people, items and planted shifts."""
    own = _moves(design, demographic)
    sd = float(np.hypot(design.person_sd, design.item_sd))
    return _mixed(design, demographic, own.log_odds, sd, [_moves(design, n) for n in _numbers(design)]) @ own.weights


def true_item_rates(design: Design, study: Study, demographic: int) -> Floats:
    """Return the population's share of yes to each item by category, shape (items, categories)."""
    own = np.array(design.demographics[demographic].effects)
    rates = np.empty((design.items, len(own)))
    for item in range(design.items):
        moves = [
            _Moves((np.array(each.effects) + study.shifts[number][item])[:, None], np.ones(1))
            for number, each in enumerate(design.demographics)
        ]
        base = study.item_intercepts[item] + moves[demographic].log_odds
        rates[item] = _mixed(design, demographic, base, design.person_sd, moves)[:, 0]
    return rates


class _Moves(NamedTuple):
    """What being of a category does to the log-odds: shape (categories, ways), and the chance of each way."""

    log_odds: Floats
    weights: Floats


def _numbers(design: Design) -> range:
    return range(len(design.demographics))


def _moves(design: Design, number: int) -> _Moves:
    each = design.demographics[number]
    shifted = each.shifted / design.items / len(each.shares)
    ways = np.array([0.0, each.shift, -each.shift])
    return _Moves(np.array(each.effects)[:, None] + ways, np.array([1 - shifted, shifted / 2, shifted / 2]))


def _mixed(design: Design, demographic: int, base: Floats, sd: float, moves: Sequence[_Moves]) -> Floats:
    """Average over random intercepts of that deviation and over the other demographics; of the shape of `base`."""
    log_odds, weights = np.zeros(1), np.ones(1)
    for number, each in enumerate(moves):
        if number == demographic or not each.log_odds.any():
            continue
        chances = np.multiply.outer(np.array(design.demographics[number].shares), each.weights)
        log_odds = np.add.outer(log_odds, each.log_odds).ravel()
        weights = np.multiply.outer(weights, chances).ravel()
    rates: Floats = expected_share(design.constant + base[..., None] + log_odds, sd) @ weights
    return rates


def _shifts(demographic: Demographic, items: int, rng: np.random.Generator) -> Floats:
    shifts = np.zeros((items, len(demographic.shares)))
    chosen = rng.permutation(items)[: demographic.shifted]
    category = rng.integers(len(demographic.shares), size=len(chosen))
    shifts[chosen, category] = demographic.shift * rng.choice([-1.0, 1.0], size=len(chosen))
    return shifts
