"""Near-identical considerations of one situation: the more relevant, else the earlier, survives.

Relevance decides between all that is near-identical, of one teacher or of several; what nobody has measured goes behind
what somebody has, and the demonstration teacher's items behind everybody else's, however relevant.

The order is KaleidoSYS's as released: ROUGE first, then cosine, within one type, against every survivor before, with
a strict ">". It departs from the release in three points, all of which keep what the release would drop: items of
contrary valence are kept and flagged, a negation or an antonym never merges with its opposite, and the prefix
"Right to"/"Duty to" is stripped whatever its case.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from valueprism_build.considerations.near_identical import (
    DedupThresholds,
    Hit,
    Ranked,
    cosine_hits,
    ranking,
    rouge_hits,
)
from valueprism_build.considerations.opposites import opposite_wording
from valueprism_build.considerations.rouge import Indices
from valueprism_build.embedding import Encoder
from valueprism_build.records import Consideration, Rejected, Said, Stage, Valence

# Raise it when the same considerations would have other survivors, or more is kept of them: what is stored is then
# derived anew. 2 keeps who said what.
DEDUP_VERSION: Final = "2"

_STRIPPED: Final = ("right to ", "duty to ")


class Deduplicated(NamedTuple):
    """Everything that came in, in two piles; the kept in their original order.

    Attributes:
        said: every item that came in, in its original order, with the kept one that stands for it.
    """

    kept: list[Consideration]
    rejected: list[Rejected]
    said: list[Said]


class _Sieve:
    """Which items are still alive, why the others are not, and which survivors contradict each other."""

    def __init__(self, items: Sequence[Consideration]) -> None:
        self._items = items
        self.rejected: dict[int, Rejected] = {}
        self._survivor: dict[int, int] = {}
        self._conflicts: list[Hit] = []

    def drop(self, later: int, earlier: int, rule: str, score: str) -> None:
        item, survivor = self._items[later], self._items[earlier]
        subject = f"{item.request_hash}:{item.position}"
        detail = f"{item.text!r} repeats {survivor.text!r}: {score}"
        self.rejected[later] = Rejected(subject, Stage.DEDUP, rule, detail)
        self._survivor[later] = earlier

    def sift(self, hits: Iterable[Hit], rule: str) -> None:
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

    def alive(self, items: Indices) -> NDArray[np.bool_]:
        """Return which of these item numbers are not rejected so far."""
        return np.isin(items, list(self.rejected), invert=True)

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
    sieve = _Sieve(items)
    texts, ranked = ranking(situations)
    ranked = _without_repeats(ranked, items, sieve)
    sieve.sift(rouge_hits(ranked, map(unprefixed, texts), thresholds), "rouge_duplicate")
    ranked = ranked.only(sieve.alive(ranked.item))
    sieve.sift(cosine_hits(ranked, texts, encoder, thresholds), "cosine_duplicate")
    return Deduplicated(sieve.kept(), [sieve.rejected[index] for index in sorted(sieve.rejected)], sieve.said())


def _without_repeats(ranked: Ranked, items: Sequence[Consideration], sieve: _Sieve) -> Ranked:
    """Drop what has the id of one before it in its block, and return the rest."""
    first_with: dict[tuple[int, str], int] = {}
    for index, block in zip(ranked.item.tolist(), ranked.block.tolist(), strict=True):
        survivor = first_with.setdefault((block, items[index].id), index)
        if survivor != index:
            sieve.drop(index, survivor, "exact_duplicate", "same text, type and valence")
    return ranked.only(sieve.alive(ranked.item))


def _said(item: Consideration, survivor: str) -> Said:
    return Said(survivor, item.situation_id, item.teacher, item.request_hash, item.position, item.valence, item.text)


def unprefixed(text: str) -> str:
    """Return the text without one leading "Right to " or "Duty to "."""
    for prefix in _STRIPPED:
        if text[: len(prefix)].lower() == prefix:
            return text[len(prefix) :]
    return text
