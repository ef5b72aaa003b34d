"""How good the clustering is, by pairs that people have judged: precision and recall, each with its 95 % interval.

Intervals are Wilson's ("Probable inference, the law of succession, and statistical inference", 1927). Drawn pairs stand
for different numbers of others, so a weighted share counts as many trials as Kish's effective sample size ("Survey
sampling", 1965, section 11.7): the square of the sum of the weights over the sum of their squares.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from valueprism_build.canonical.inventory import Inventory
from valueprism_build.canonical.judged import Key, key_of
from valueprism_build.considerations.comparison import Estimate
from valueprism_build.records import SamePair
from valueprism_build.wilson import wilson_bounds


class WeightedPair(NamedTuple):
    """A judged pair and how many pairs it stands for."""

    pair: SamePair
    weight: float


class Quality(NamedTuple):
    """What the judged pairs say.

    Attributes:
        precision: share of the pairs put together that are judged the same; None where none is put together.
        recall: share of the pairs judged the same that are put together; None where none is.
        pairs: that could be looked up.
        unknown: pairs with a wording that the inventory does not hold; they count for nothing.
        wrong: the pairs that were put together and are judged two, then those judged the same and not put together.
    """

    precision: Estimate | None
    recall: Estimate | None
    pairs: int
    unknown: int
    wrong: tuple[SamePair, ...]


def measure(inventory: Inventory, judged: Sequence[WeightedPair]) -> Quality:
    """Compare the inventory with what people say; for a pair of two types, whether they are one concern."""
    homes = {key_of(member.vrd, member.text): member.canonical_id for member in inventory.members}
    known = [each for each in judged if all(key in homes for key in _keys(each.pair))]
    together = [_together(each.pair, homes, inventory.concerns) for each in known]
    merged = [each for each, joined in zip(known, together, strict=True) if joined]
    missed = [each for each, joined in zip(known, together, strict=True) if not joined and each.pair.same]
    right, wrong = [each for each in merged if each.pair.same], [each for each in merged if not each.pair.same]
    return Quality(
        precision=_share(right, wrong),
        recall=_share(right, missed),
        pairs=len(known),
        unknown=len(judged) - len(known),
        wrong=tuple(each.pair for each in (*wrong, *missed)),
    )


def wilson(share: float, trials: float) -> Estimate:
    """Return the share, 0 to 1, with its interval; the trials may be an effective number of them."""
    low, high = wilson_bounds(share, trials)
    return Estimate(share, float(low), float(high))


def _share(good: Sequence[WeightedPair], bad: Sequence[WeightedPair]) -> Estimate | None:
    weights = [each.weight for each in (*good, *bad)]
    if not weights:
        return None
    total = sum(weights)
    return wilson(sum(each.weight for each in good) / total, total**2 / sum(weight**2 for weight in weights))


def _keys(pair: SamePair) -> tuple[Key, Key]:
    return key_of(pair.vrd_one, pair.one), key_of(pair.vrd_other, pair.other)


def _together(pair: SamePair, homes: Mapping[Key, str], concerns: Mapping[str, str]) -> bool:
    one, other = (homes[key] for key in _keys(pair))
    return one == other if pair.vrd_one == pair.vrd_other else concerns[one] == concerns[other]
