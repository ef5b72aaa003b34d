"""Deduplication as it is defined, pair by pair: what `benchmarks.within` compares ours to."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from rouge_score.rouge_scorer import RougeScorer

from valueprism_build.considerations.dedup import unprefixed
from valueprism_build.considerations.near_identical import DedupThresholds
from valueprism_build.considerations.opposites import opposite_wording
from valueprism_build.records import Consideration, Valence

SCORER: Final = RougeScorer(["rougeLsum"], use_stemmer=True)
CONTRARY: Final = {Valence.SUPPORTS, Valence.OPPOSES}


class Rows(Protocol):
    """The considerations of one situation, by their places."""

    def same_type(self, later: int, earlier: int) -> bool:
        """Say whether they are both values, rights or duties."""

    def rouge(self, later: int, earlier: int) -> float:
        """Return the F-measure of ROUGE-Lsum."""

    def cosine(self, later: int, earlier: int) -> float:
        """Return the cosine of the two texts' vectors."""


class FrameRows:
    """Rows of a pandas frame, as KaleidoSYS has them: every look at one makes a series of it."""

    def __init__(self, items: Sequence[Consideration], vectors: Mapping[str, NDArray[np.float64]]) -> None:
        self._frame = pd.DataFrame(
            {
                "vrd": [item.vrd.value for item in items],
                "value": [item.text for item in items],
                "embedding": [vectors[item.text].tolist() for item in items],
            }
        )

    def same_type(self, later: int, earlier: int) -> bool:
        """Say whether they are both values, rights or duties."""
        return bool(self._frame.iloc[later]["vrd"] == self._frame.iloc[earlier]["vrd"])

    def rouge(self, later: int, earlier: int) -> float:
        """Return the F-measure of ROUGE-Lsum."""
        return rouge_f(self._frame.iloc[later]["value"], self._frame.iloc[earlier]["value"])

    def cosine(self, later: int, earlier: int) -> float:
        """Return the cosine of the two texts' vectors, which are lists of numbers here."""
        one, other = self._frame.iloc[later]["embedding"], self._frame.iloc[earlier]["embedding"]
        return float(np.dot(one, other) / (np.linalg.norm(one) * np.linalg.norm(other)))


class ListRows:
    """Records in a list, and vectors that are ready to be multiplied."""

    def __init__(self, items: Sequence[Consideration], vectors: Mapping[str, NDArray[np.float64]]) -> None:
        self._items = items
        self._vectors = [vectors[item.text] for item in items]

    def same_type(self, later: int, earlier: int) -> bool:
        """Say whether they are both values, rights or duties."""
        return self._items[later].vrd is self._items[earlier].vrd

    def rouge(self, later: int, earlier: int) -> float:
        """Return the F-measure of ROUGE-Lsum."""
        return rouge_f(self._items[later].text, self._items[earlier].text)

    def cosine(self, later: int, earlier: int) -> float:
        """Return the cosine of the two texts' vectors."""
        return float(self._vectors[later] @ self._vectors[earlier])


def rouge_f(later: str, earlier: str) -> float:
    """Return the F-measure of ROUGE-Lsum, prefixes apart."""
    return float(SCORER.score(unprefixed(later), unprefixed(earlier))["rougeLsum"].fmeasure)


def dropped_by_rouge(thresholds: DedupThresholds, items: Sequence[Consideration], rows: Rows) -> list[int]:
    """Return the places of what repeats a survivor before it, by the F-measure."""
    return _dropped(items, rows, lambda later, earlier: rows.rouge(later, earlier) > thresholds.rouge_f)


def dropped_by_cosine(thresholds: DedupThresholds, items: Sequence[Consideration], rows: Rows) -> list[int]:
    """Return the places of what repeats a survivor before it, by the cosine."""
    least = [thresholds.cosine(item.vrd) for item in items]
    return _dropped(items, rows, lambda later, earlier: rows.cosine(later, earlier) > least[later])


def _dropped(items: Sequence[Consideration], rows: Rows, above: Callable[[int, int], bool]) -> list[int]:
    dropped: list[int] = []
    for later in range(1, len(items)):
        for earlier in range(later):
            if (
                earlier not in dropped
                and rows.same_type(later, earlier)
                and above(later, earlier)
                and _mergeable(items[later], items[earlier])
            ):
                dropped.append(later)
                break
    return dropped


def _mergeable(one: Consideration, other: Consideration) -> bool:
    return {one.valence, other.valence} != CONTRARY and not opposite_wording(one.text, other.text)
