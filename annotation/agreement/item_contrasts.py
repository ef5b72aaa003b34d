"""On which items do groups of people differ? An exact test for each item and two groups, false discoveries bounded.

Within an item each person answers once, so a contrast is a two-by-two table of independent answers: Fisher's exact test
(`fisher.py`), the difference and the ratio of the rates with intervals (`score_intervals.py`), Benjamini-Hochberg over
all items, groups and demographics at once (`false_discovery.py`). An item with too few people to tell is a result of
its own, and each contrast says which difference it could have found.
"""

from collections.abc import Sequence
from enum import IntEnum, StrEnum
from typing import NamedTuple

import numpy as np
from scipy.special import ndtri

from annotation.agreement.crossed_laplace import Answers, Floats, Ints
from annotation.agreement.false_discovery import adjusted
from annotation.agreement.fisher import fisher
from annotation.agreement.score_intervals import Interval, difference, ratio

# In place of a category: everybody else who said one.
REST = -1


class Compared(StrEnum):
    """What a category is compared with; the two are families of their own."""

    REST = "everybody else"
    PAIRS = "each other category"


class Verdict(IntEnum):
    """What the answers to one item say about two groups."""

    TOO_FEW = 0
    NOT_SHOWN = 1
    DIFFERENT = 2


class ItemContrasts(NamedTuple):
    """One row for each item and two groups of a demographic, shape (rows,) throughout.

    Attributes:
        item: its number; likewise `demographic` and `category`.
        other: the category compared with, or `REST`.
        yes: of the category; `asked` of it; likewise of the other.
        points: difference of the rates, category less other, in percentage points, with interval.
        ratio: of the rates, category over other, with interval.
        p_value: of Fisher's exact test.
        smallest_p: what the most extreme answers would have given.
        adjusted_p: Benjamini-Hochberg over all rows that could be told; NaN for the others.
        detectable: smallest difference in points found with the power asked for, were this the only test.
        verdict: of `Verdict`.
    """

    item: Ints
    demographic: Ints
    category: Ints
    other: Ints
    yes: Ints
    asked: Ints
    other_yes: Ints
    other_asked: Ints
    points: Interval
    ratio: Interval
    p_value: Floats
    smallest_p: Floats
    adjusted_p: Floats
    detectable: Floats
    verdict: Ints


class Counts(NamedTuple):
    """How many of each category said yes to each item, and were asked, shape (items, categories)."""

    yes: Ints
    asked: Ints


def counts(answers: Answers, group: Ints, categories: int) -> Counts:
    """Count the answers of the people who said a category.

    Args:
        answers: of all people.
        group: shape (people,), 0 to categories - 1, or -1.
        categories: how many.
    """
    of_answer = group[answers.person]
    said = of_answer >= 0
    cell = answers.item[said] * categories + of_answer[said]
    shape, size = (answers.items, categories), answers.items * categories
    yes = np.bincount(cell, answers.yes[said], size).astype(np.int64)
    return Counts(yes.reshape(shape), np.bincount(cell, minlength=size).reshape(shape))


def item_contrasts(
    demographics: Sequence[Counts],
    *,
    compared: Compared = Compared.REST,
    rate: float = 0.05,
    least_asked: int = 5,
    level: float = 0.95,
    power: float = 0.8,
) -> ItemContrasts:
    """Test every item for every two groups of every demographic, as one family.

    Args:
        demographics: the counts of each.
        compared: each category with everybody else, or with each other one. A demographic of two is one contrast.
        rate: of false discoveries among the differences called real.
        least_asked: with fewer answers than this in either group, nothing is told.
        level: of the intervals.
        power: for the smallest detectable difference.
    """
    rows = [_rows(number, each, compared) for number, each in enumerate(demographics)]
    item, demographic, category, other, *table = np.concatenate(rows, axis=1) if rows else np.zeros((8, 0), np.int64)
    yes, asked, other_yes, other_asked = table
    found = fisher(yes, asked, other_yes, other_asked)
    told = (np.minimum(asked, other_asked) >= least_asked) & (found.smallest <= rate)
    adjusted_p = adjusted(found.p_value, told)
    different = np.nan_to_num(adjusted_p, nan=1.0) <= rate
    gap = difference(yes, asked, other_yes, other_asked, level)
    return ItemContrasts(
        item,
        demographic,
        category,
        other,
        yes,
        asked,
        other_yes,
        other_asked,
        points=Interval(*(100 * each for each in gap)),
        ratio=ratio(yes, asked, other_yes, other_asked, level),
        p_value=found.p_value,
        smallest_p=found.smallest,
        adjusted_p=adjusted_p,
        detectable=100 * detectable_difference(yes + other_yes, asked, other_asked, rate=rate, power=power),
        verdict=np.where(told, np.where(different, Verdict.DIFFERENT, Verdict.NOT_SHOWN), Verdict.TOO_FEW),
    )


def detectable_difference(yes: Ints, asked: Ints, other_asked: Ints, *, rate: float, power: float) -> Floats:
    """Return the smallest difference of two rates, 0 to 1, that one test of size `rate` finds with that power.

    Normal approximation with the variance of both rates at the item's own, one yes and one no added so that an item
    with which all agree has one (Fleiss, Levin & Paik, "Statistical Methods for Rates and Proportions", 2003, section
    4.3); 1 where even more would be needed or a group was not asked.
    """
    total = asked + other_asked
    share = (yes + 1) / (total + 2)
    with np.errstate(divide="ignore"):
        error = np.sqrt(share * (1 - share) * (1 / asked + 1 / other_asked))
    smallest: Floats = np.minimum((ndtri(1 - rate / 2) + ndtri(power)) * error, 1.0)
    return smallest


def _rows(demographic: int, counted: Counts, compared: Compared) -> Ints:
    """Return shape (8, contrasts x items): item, demographic, category, other, then the table."""
    items, categories = counted.yes.shape
    pairs = [(one, two) for one in range(categories) for two in range(one + 1, categories)]
    if compared is Compared.REST and categories != 2:
        pairs = [(one, REST) for one in range(categories)] if categories > 1 else []
    blocks = []
    for one, two in pairs:
        first = (counted.yes[:, one], counted.asked[:, one])
        if two == REST:
            second = (counted.yes.sum(axis=1) - first[0], counted.asked.sum(axis=1) - first[1])
        else:
            second = (counted.yes[:, two], counted.asked[:, two])
        keys = (np.arange(items), *(np.full(items, key) for key in (demographic, one, two)))
        blocks.append(np.stack([*keys, *first, *second]))
    return np.concatenate(blocks, axis=1) if blocks else np.zeros((8, 0), np.int64)
