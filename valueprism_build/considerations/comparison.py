"""How two teachers compare: what one covers of the other's, what it adds, where they disagree, what an addition costs.

Intervals are by the percentile bootstrap over situations (Efron, "Bootstrap methods", 1979): considerations of one
situation are not independent, situations are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

LOW: Final = 0.025
HIGH: Final = 0.975
DRAWS: Final = 2000

Counts: TypeAlias = NDArray[np.int64]


class Overlap(NamedTuple):
    """Situations that are alike in these counts.

    Attributes:
        items: considerations of the first teacher in each.
        matched: those of them that the second has as well.
        agreed: those of the matched that both give the same valence.
        situations: how many.
    """

    items: int
    matched: int
    agreed: int
    situations: int


@dataclass(frozen=True, slots=True)
class PairCounts:
    """What two teachers said about the situations that both answered.

    Attributes:
        cost: US dollars of the second teacher's answers about these; None where a price is unknown.
    """

    first: str
    second: str
    overlaps: tuple[Overlap, ...]
    cost: Decimal | None


@dataclass(frozen=True, slots=True)
class Estimate:
    """A share, 0 to 1, with its 95 % interval."""

    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the second teacher is to the first.

    Attributes:
        situations: that both answered.
        coverage: share of the first's considerations that the second has too; None where the first has none.
        novelty: share of the second's considerations that the first does not have.
        agreement: share of the first's considerations with a match whose valence is the same.
        new: considerations of the second that the first does not have.
        cost_per_new: US dollars for each of these; None where a price is unknown or nothing is new.
    """

    first: str
    second: str
    situations: int
    coverage: Estimate | None
    novelty: Estimate | None
    agreement: Estimate | None
    new: int
    cost_per_new: Decimal | None


def compare(pairs: Sequence[PairCounts], seed: int) -> list[Comparison]:
    """Return a comparison for each of the pairs, in order.

    Args:
        pairs: each in both directions.
        seed: of the bootstrap; the same seed gives the same intervals.
    """
    table = {(pair.first, pair.second): _counts(pair) for pair in pairs}
    rng = np.random.default_rng(seed)
    return [_compare(pair, table[pair.first, pair.second], table[pair.second, pair.first], rng) for pair in pairs]


def _counts(pair: PairCounts) -> Counts:
    return np.array(pair.overlaps, dtype=np.int64).reshape(-1, len(Overlap._fields))


def _compare(pair: PairCounts, there: Counts, back: Counts, rng: np.random.Generator) -> Comparison:
    items, matched, agreed, situations = there.T
    other_items, other_matched, _, other_situations = back.T
    new = int((other_items - other_matched) @ other_situations)
    return Comparison(
        pair.first,
        pair.second,
        int(situations.sum()),
        coverage=estimate(matched, items, situations, rng),
        novelty=estimate(other_items - other_matched, other_items, other_situations, rng),
        agreement=estimate(agreed, matched, situations, rng),
        new=new,
        cost_per_new=pair.cost / new if pair.cost is not None and new else None,
    )


def estimate(parts: Counts, wholes: Counts, situations: Counts, rng: np.random.Generator) -> Estimate | None:
    """Return the share of all parts in all wholes, or None when there is nothing to take a share of.

    Drawing situations with replacement is a multinomial draw of how often each kind of situation comes, so a draw
    costs as much as there are kinds, not situations.

    Args:
        parts: in each situation of a kind, shape (k,).
        wholes: likewise.
        situations: of each kind, shape (k,).
        rng: the source of the draws.
    """
    if not wholes @ situations:
        return None
    total = int(situations.sum())
    drawn = rng.multinomial(total, situations / total, size=DRAWS)
    part, whole = drawn @ parts, drawn @ wholes
    shares = part[whole > 0] / whole[whole > 0]
    low, high = np.quantile(shares, (LOW, HIGH))
    return Estimate(float(parts @ situations / (wholes @ situations)), float(low), float(high))
