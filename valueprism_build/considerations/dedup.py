"""Near-identical considerations of one situation: the more relevant, else the earlier, survives.

Relevance decides between all that is near-identical, of one teacher or of several; what nobody has measured goes behind
what somebody has, and the demonstration teacher's items behind everybody else's, however relevant.

The order is KaleidoSYS's as released: ROUGE first, then cosine, within one type, against every survivor before, with
a strict ">". It departs from the release in three points, all of which keep what the release would drop: items of
contrary valence are kept and flagged, a negation or an antonym never merges with its opposite, and the prefix
"Right to"/"Duty to" is stripped whatever its case.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from typing import Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from valueprism_build.considerations.opposites import opposite_wording
from valueprism_build.considerations.rouge import rouge_lsum, stem_strings
from valueprism_build.embedding import Encoder, Vectors
from valueprism_build.errors import SettingsError
from valueprism_build.records import Consideration, Rejected, Said, Stage, Valence, Vrd
from valueprism_build.teachers.teacher import LOCAL

Indices: TypeAlias = NDArray[np.intp]

# Raise it when the same considerations would have other survivors, or more is kept of them: what is stored is then
# derived anew. 2 keeps who said what.
DEDUP_VERSION: Final = "2"

_STRIPPED: Final = ("right to ", "duty to ")
_PAIRS_AT_ONCE: Final = 16_384  # two float64 gathers of 384 dimensions: 100 MB


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


class Deduplicated(NamedTuple):
    """Everything that came in, in two piles; the kept in their original order.

    Attributes:
        said: every item that came in, in its original order, with the kept one that stands for it.
    """

    kept: list[Consideration]
    rejected: list[Rejected]
    said: list[Said]


class _Pairs(NamedTuple):
    """Pairs of item numbers, each of shape (n,)."""

    later: Indices
    earlier: Indices


class _Hit(NamedTuple):
    """A pair above a threshold: the later item, the earlier one, and the scores in words."""

    later: int
    earlier: int
    score: str


class _Sieve:
    """Which items are still alive, why the others are not, and which survivors contradict each other."""

    def __init__(self, items: Sequence[Consideration]) -> None:
        self._items = items
        self.rejected: dict[int, Rejected] = {}
        self._survivor: dict[int, int] = {}
        self._conflicts: list[_Hit] = []

    def drop(self, later: int, earlier: int, rule: str, score: str) -> None:
        item, survivor = self._items[later], self._items[earlier]
        subject = f"{item.request_hash}:{item.position}"
        detail = f"{item.text!r} repeats {survivor.text!r}: {score}"
        self.rejected[later] = Rejected(subject, Stage.DEDUP, rule, detail)
        self._survivor[later] = earlier

    def sift(self, hits: Iterable[_Hit], rule: str) -> None:
        """Go through the hits, ordered by later then earlier item, so that each earlier item's fate is settled."""
        for hit in hits:
            if hit.later in self.rejected or hit.earlier in self.rejected:
                continue
            later, earlier = self._items[hit.later], self._items[hit.earlier]
            if opposite_wording(later.text, earlier.text):
                continue
            if {later.valence, earlier.valence} == {Valence.SUPPORTS, Valence.OPPOSES}:
                self._conflicts.append(hit)
            else:
                self.drop(hit.later, hit.earlier, rule, hit.score)

    def said(self) -> list[Said]:
        """Return every item with the id of what survived of it; its survivor by one rule may have lost by a later."""
        return [_said(item, self._items[self._last(index)].id) for index, item in enumerate(self._items)]

    def _last(self, index: int) -> int:
        while index in self._survivor:
            index = self._survivor[index]
        return index

    def kept(self) -> list[Consideration]:
        """Return the survivors in their original order, each flagged with the first that contradicts it."""
        partner: dict[int, int] = {}
        for hit in self._conflicts:
            if hit.later not in self.rejected and hit.earlier not in self.rejected:
                partner.setdefault(hit.later, hit.earlier)
                partner.setdefault(hit.earlier, hit.later)
        return [
            replace(item, conflict_id=self._items[partner[index]].id) if index in partner else item
            for index, item in enumerate(self._items)
            if index not in self.rejected
        ]


def deduplicate(
    situations: Sequence[Sequence[Consideration]], encoder: Encoder, thresholds: DedupThresholds
) -> Deduplicated:
    """Keep one of each group of near-identical considerations of one type within a situation.

    Rules, in this order: exact_duplicate (same id), rouge_duplicate, cosine_duplicate; each rejected item names its
    survivor. Supports merges with Either and Opposes with Either, whichever survives; Supports and Opposes never
    merge: both stay, each with the other's id as `conflict_id`.

    Known flaw of the published rule: stemming makes "Community" and "Communication" one word.

    Args:
        situations: all considerations of one situation in each, from the earliest to the latest.
        encoder: asked once for the distinct texts that need comparing, never when there are none.
        thresholds: above which a pair is a duplicate.
    """
    items = [item for situation in situations for item in situation]
    block_of = _blocks(situations)
    sieve = _Sieve(items)
    ranked = sorted(range(len(items)), key=lambda i: (block_of[i], *_rank(items[i]), i))  # the first of a pair survives
    first_with: dict[tuple[int, str], int] = {}
    for index in ranked:
        survivor = first_with.setdefault((int(block_of[index]), items[index].id), index)
        if survivor != index:
            sieve.drop(index, survivor, "exact_duplicate", "same text, type and valence")
    ranked = [index for index in ranked if index not in sieve.rejected]
    sieve.sift(_rouge_hits(items, _pairs(ranked, block_of), thresholds), "rouge_duplicate")
    ranked = _with_company([index for index in ranked if index not in sieve.rejected], block_of)
    if ranked:
        row, vectors = _embedded(items, ranked, encoder)
        sieve.sift(_cosine_hits(items, _pairs(ranked, block_of), row, vectors, thresholds), "cosine_duplicate")
    return Deduplicated(sieve.kept(), [sieve.rejected[index] for index in sorted(sieve.rejected)], sieve.said())


def _rank(item: Consideration) -> tuple[bool, bool, float]:
    return (item.teacher == LOCAL, item.relevance is None, -(item.relevance or 0.0))


def _said(item: Consideration, survivor: str) -> Said:
    return Said(survivor, item.situation_id, item.teacher, item.request_hash, item.position, item.valence, item.text)


def _blocks(situations: Sequence[Sequence[Consideration]]) -> Indices:
    """Return one number per item, equal for items of one situation and type: only these are compared."""
    types = {vrd: code for code, vrd in enumerate(Vrd)}
    return np.array(
        [index * len(types) + types[item.vrd] for index, situation in enumerate(situations) for item in situation],
        dtype=np.intp,
    )


def _with_company(ranked: list[int], block_of: Indices) -> list[int]:
    """Leave out the items that are alone in their block, so that they are not embedded for nothing."""
    size = np.bincount(block_of[ranked]) if ranked else np.empty(0, dtype=np.intp)
    return [index for index in ranked if size[block_of[index]] > 1]


def _pairs(ranked: list[int], block_of: Indices) -> Iterator[_Pairs]:
    """Yield every pair within a block, ordered by later then earlier item, about `_PAIRS_AT_ONCE` at a time."""
    order = np.array(ranked, dtype=np.intp)
    blocks = block_of[order]
    start = np.searchsorted(blocks, blocks)  # of each item's block; blocks are sorted
    earlier_ones = np.arange(len(order)) - start
    through = np.cumsum(earlier_ones)
    low = 0
    while low < len(order):
        target = (through[low - 1] if low else 0) + _PAIRS_AT_ONCE
        high = max(low + 1, int(np.searchsorted(through, target, side="right")))
        counts = earlier_ones[low:high]
        later = np.repeat(np.arange(low, high), counts)
        within = np.arange(len(later)) - np.repeat(np.cumsum(counts) - counts, counts)
        yield _Pairs(order[later], order[start[later] + within])
        low = high


def _rouge_hits(items: Sequence[Consideration], pairs: Iterable[_Pairs], thresholds: DedupThresholds) -> Iterator[_Hit]:
    """Yield the pairs above a ROUGE threshold; as published, the later item is the target."""
    distinct = {item.text: row for row, item in enumerate(items)}
    stems = np.empty(len(items), dtype=object)
    stems[list(distinct.values())] = stem_strings([_stripped(text) for text in distinct])
    row = np.array([distinct[item.text] for item in items], dtype=np.intp)
    for later, earlier in pairs:
        f, p, r = rouge_lsum(stems[row[later]].tolist(), stems[row[earlier]].tolist())
        above = (f > thresholds.rouge_f) | (p > thresholds.rouge_p) | (r > thresholds.rouge_r)
        for k in np.flatnonzero(above):
            yield _Hit(int(later[k]), int(earlier[k]), f"ROUGE-Lsum F {f[k]:.3f} P {p[k]:.3f} R {r[k]:.3f}")


def _embedded(items: Sequence[Consideration], ranked: Sequence[int], encoder: Encoder) -> tuple[Indices, Vectors]:
    """Embed each distinct text once; return the row of each item (0 for the unranked, unread) and the vectors."""
    distinct = {text: row for row, text in enumerate(dict.fromkeys(items[index].text for index in ranked))}
    row = np.array([distinct.get(item.text, 0) for item in items], dtype=np.intp)
    return row, encoder.encode(list(distinct))


def _cosine_hits(
    items: Sequence[Consideration],
    pairs: Iterable[_Pairs],
    row: Indices,
    vectors: Vectors,
    thresholds: DedupThresholds,
) -> Iterator[_Hit]:
    """Yield the pairs above the cosine threshold of their type."""
    of_type = {
        Vrd.VALUE: thresholds.cosine_value,
        Vrd.RIGHT: thresholds.cosine_right,
        Vrd.DUTY: thresholds.cosine_duty,
    }
    least = np.array([of_type[item.vrd] for item in items])
    for later, earlier in pairs:
        left, right = vectors[row[later]].astype(np.float64), vectors[row[earlier]].astype(np.float64)
        # A float32 unit vector's square can exceed 1 by rounding; a threshold of 1.0 must still mean "off".
        cosine = np.minimum(np.einsum("ij,ij->i", left, right), 1.0)
        for k in np.flatnonzero(cosine > least[later]):
            yield _Hit(int(later[k]), int(earlier[k]), f"cosine {cosine[k]:.3f}")


def _stripped(text: str) -> str:
    """Return the text without one leading "Right to " or "Duty to "."""
    for prefix in _STRIPPED:
        if text[: len(prefix)].lower() == prefix:
            return text[len(prefix) :]
    return text
