"""Cohen's kappa: agreement of two people on the items that both answered, beyond what their own habits would show.

Source: Cohen, "A coefficient of agreement for nominal scales" (Educ. Psychol. Meas. 1960), equation 1; weighted, Cohen
(Psychol. Bull. 1968). With p_kl the share of items that the first gave answer k and the second answer l, and agreement
weights w_kl: kappa = (sum_kl w_kl p_kl - sum_kl w_kl p_k. p_.l) / (1 - sum_kl w_kl p_k. p_.l).
"""

import numpy as np
from numpy.typing import NDArray

from annotation.agreement.percent_agreement import beyond_chance
from annotation.agreement.ratings import Ratings
from annotation.agreement.resampling import DRAWS, Estimate, Floats, percentile_interval, ratio


def paired(ratings: Ratings, first: int, second: int) -> NDArray[np.int64]:
    """Return on how many items two annotators gave each pair of answers, shape (categories, categories).

    Args:
        ratings: the votes of all.
        first: number of the annotator whose answers are the rows.
        second: of the one whose answers are the columns.
    """
    answers = np.full((2, ratings.items), -1, dtype=np.int64)
    for row, annotator in enumerate((first, second)):
        votes = ratings.annotator == annotator
        answers[row, ratings.item[votes]] = ratings.code[votes]
    one, other = answers[:, (answers >= 0).all(axis=0)]
    size = ratings.categories
    table: NDArray[np.int64] = np.bincount(one * size + other, minlength=size**2).reshape(size, size)
    return table


def cohen_kappa(table: NDArray[np.int64] | Floats, agreement: Floats) -> Floats:
    """Return kappa, -1 to 1, of each table, shape (tables,).

    NaN where both gave one and the same answer to all, for then agreement by chance is certain, and where they have no
    item in common.

    Args:
        table: counts of pairs of answers, shape (tables, categories, categories) or (categories, categories).
        agreement: of each pair of answers, shape (categories, categories).
    """
    counts = np.asarray(table, dtype=np.float64).reshape(-1, *agreement.shape)
    shares = ratio(counts, counts.sum(axis=(1, 2))[:, None, None])
    observed = np.einsum("tkl,kl->t", shares, agreement)
    expected = np.einsum("tk,kl,tl->t", shares.sum(axis=2), agreement, shares.sum(axis=1))
    return beyond_chance(observed, expected)


def cohen_kappa_interval(
    table: NDArray[np.int64], agreement: Floats, rng: np.random.Generator, draws: int = DRAWS
) -> Estimate:
    """Return kappa with its percentile interval over draws of items; the two people are who they are.

    Items with the same pair of answers are alike, so a draw of items is a multinomial draw of the table.

    Args:
        table: counts of pairs of answers, shape (categories, categories).
        agreement: of each pair of answers, of the same shape.
        rng: source of the draws.
        draws: how many.
    """
    value = float(cohen_kappa(table, agreement)[0])
    items = int(table.sum())
    if not items:
        return Estimate(value, np.nan, np.nan, 1.0)
    drawn = rng.multinomial(items, table.ravel() / items, size=draws)
    return percentile_interval(value, cohen_kappa(drawn.reshape(draws, *table.shape), agreement))
