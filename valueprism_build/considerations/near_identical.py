"""Which items of one block are near-identical, by ROUGE or by cosine.

Nearly all pairs are far from every threshold, and something cheap says so of most: the exact score is for the rest.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from valueprism_build.considerations.rouge import Indices, RougeScores, StemmedTexts
from valueprism_build.embedding import Encoder
from valueprism_build.errors import SettingsError
from valueprism_build.records import Consideration, Vrd
from valueprism_build.teachers.teacher import LOCAL

_PAIRS_AT_ONCE: Final = 1_024  # two float32 gathers of 384 dimensions are 3 MB, which a processor's cache holds
_ROUNDING: Final = 1e-4  # more than float32 loses in a product of unit vectors of 1,000 dimensions


@dataclass(frozen=True, slots=True)
class DedupThresholds:
    """A pair is a duplicate when a score is strictly above its threshold, so 1.0 switches a score off.

    The published thresholds are unknown. These come from reading pairs of the same type from 316 real answers,
    within a list (1,877 pairs) and across lists. There, containment is a narrower claim rather than a repetition
    ("Freedom" and "Freedom of speech"), so precision and recall are off. Cosine puts "Respect for human life" and
    "Respect for non-human life" at 0.917, "Right to be treated fairly" and "... equally" at 0.919, "Duty to protect"
    and "Duty to protect others" at 0.930, all distinct; "Religious freedom" and "Freedom of religion" at 0.935,
    "Right to a decent living standard" and "... standard of living" at 0.964, "Duty to prevent harm" and
    "Duty to avoid harm" at 0.962, all the same. They belong to all-MiniLM-L6-v2.

    Attributes:
        rouge_f: F-measure of ROUGE-Lsum, 0 to 1.
        rouge_p: precision: the share of the survivor that the later item repeats.
        rouge_r: recall: the share of the later item that the survivor holds.
        cosine_value: cosine of two values, and likewise for rights and duties.
    """

    rouge_f: float = 0.9
    rouge_p: float = 1.0
    rouge_r: float = 1.0
    cosine_value: float = 0.92
    cosine_right: float = 0.93
    cosine_duty: float = 0.94

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not 0 <= value <= 1:
                raise SettingsError(f"dedup threshold {field.name} is {value}; choose a number from 0 to 1")

    def cosine(self, vrd: Vrd) -> float:
        """Return the threshold of one type."""
        return {Vrd.VALUE: self.cosine_value, Vrd.RIGHT: self.cosine_right, Vrd.DUTY: self.cosine_duty}[vrd]


class Ranked(NamedTuple):
    """Items that may be compared, each of shape (n,); the first of a near-identical pair survives.

    Attributes:
        item: their numbers.
        block: equal for items of one situation and type, which alone are compared; ascending.
        text: numbers of their texts, equal for equal texts.
    """

    item: Indices
    block: Indices
    text: Indices

    @property
    def vrd(self) -> Indices:
        """Return the place of each item's type in `Vrd`."""
        return self.block % len(Vrd)

    def only(self, those: NDArray[np.bool_]) -> "Ranked":
        """Return some of them, in the same order."""
        return Ranked(self.item[those], self.block[those], self.text[those])

    def with_company(self) -> "Ranked":
        """Return those that are not alone in their block."""
        return self.only(np.bincount(self.block)[self.block] > 1)


class Hit(NamedTuple):
    """A pair above a threshold: the numbers of the later item and the earlier one, and the scores in words."""

    later: int
    earlier: int
    score: str


class _Pairs(NamedTuple):
    """Pairs of places in the ranking, each of shape (n,)."""

    later: Indices
    earlier: Indices


class Ranking(NamedTuple):
    """All items in order, and their distinct texts, each at its number."""

    texts: list[str]
    ranked: Ranked


def ranking(situations: Sequence[Sequence[Consideration]]) -> Ranking:
    """Return all items by block, the demonstration teacher's last, then by relevance, then as they came.

    Their numbers go on from one situation to the next.
    """
    items = [item for listed in situations for item in listed]
    types = tuple(Vrd)
    situation = np.repeat(np.arange(len(situations)), np.array([len(listed) for listed in situations], dtype=np.intp))
    block = situation * len(types) + np.array([types.index(item.vrd) for item in items], dtype=np.intp)
    shown = np.array([item.teacher == LOCAL for item in items], dtype=np.bool_)
    irrelevance = np.array([np.inf if item.relevance is None else -item.relevance for item in items])
    order = np.lexsort((irrelevance, shown, block))
    numbers: dict[str, int] = {}
    text = np.array([numbers.setdefault(item.text, len(numbers)) for item in items], dtype=np.intp)
    return Ranking(list(numbers), Ranked(order, block[order], text[order]))


def rouge_hits(ranked: Ranked, texts: Iterable[str], thresholds: DedupThresholds) -> Iterator[Hit]:
    """Yield the pairs above a ROUGE threshold, ordered by later then earlier; the later item is the target.

    Args:
        ranked: the items to compare.
        texts: what to compare of each text, by number.
        thresholds: above which a pair is a hit.
    """
    stemmed = StemmedTexts(list(texts))
    for later, earlier in _pairs(ranked.block):
        targets, predictions = ranked.text[later], ranked.text[earlier]
        near = np.flatnonzero(_above(stemmed.bounds(targets, predictions), thresholds))
        scores = stemmed.scores(targets[near], predictions[near])
        above = _above(scores, thresholds)
        for place, f, p, r in zip(near[above], *(score[above] for score in scores), strict=True):
            items = int(ranked.item[later[place]]), int(ranked.item[earlier[place]])
            yield Hit(*items, f"ROUGE-Lsum F {f:.3f} P {p:.3f} R {r:.3f}")


def _above(scores: RougeScores, thresholds: DedupThresholds) -> NDArray[np.bool_]:
    f, p, r = scores
    return (f > thresholds.rouge_f) | (p > thresholds.rouge_p) | (r > thresholds.rouge_r)


def cosine_hits(ranked: Ranked, texts: Sequence[str], encoder: Encoder, thresholds: DedupThresholds) -> Iterator[Hit]:
    """Yield the pairs above the cosine of their type, ordered by later then earlier.

    Only the distinct texts that need comparing are embedded, in one call, and none where a threshold of 1.0 or the
    lack of any company leaves nothing to compare.
    """
    of_type = np.array([thresholds.cosine(vrd) for vrd in Vrd])
    ranked = ranked.only(of_type[ranked.vrd] < 1).with_company()
    if not len(ranked.item):
        return
    used = np.bincount(ranked.text) > 0
    vectors = encoder.encode([texts[number] for number in np.flatnonzero(used).tolist()])
    row = (np.cumsum(used) - 1)[ranked.text]
    least = of_type[ranked.vrd]
    for later, earlier in _pairs(ranked.block):
        left, right = row[later], row[earlier]
        rough = np.vecdot(vectors.take(left, axis=0), vectors.take(right, axis=0))
        near = np.flatnonzero(rough > least[later] - _ROUNDING)
        exact = np.vecdot(vectors[left[near]].astype(np.float64), vectors[right[near]].astype(np.float64))
        # A float32 unit vector's square can exceed 1 by rounding; a threshold of 1.0 must still mean "off".
        for place, cosine in zip(near, np.minimum(exact, 1.0), strict=True):
            if cosine > least[later[place]]:
                yield Hit(int(ranked.item[later[place]]), int(ranked.item[earlier[place]]), f"cosine {cosine:.3f}")


def _pairs(blocks: Indices) -> Iterator[_Pairs]:
    """Yield every pair within a block, ordered by later then earlier, about `_PAIRS_AT_ONCE` at a time.

    Args:
        blocks: ascending.
    """
    start = np.searchsorted(blocks, blocks)
    earlier_ones = np.arange(len(blocks)) - start
    through = np.cumsum(earlier_ones)
    low = 0
    while low < len(blocks):
        target = (through[low - 1] if low else 0) + _PAIRS_AT_ONCE
        high = max(low + 1, int(np.searchsorted(through, target, side="right")))
        counts = earlier_ones[low:high]
        later = np.repeat(np.arange(low, high), counts)
        within = np.arange(len(later)) - np.repeat(np.cumsum(counts) - counts, counts)
        yield _Pairs(later, start[later] + within)
        low = high
