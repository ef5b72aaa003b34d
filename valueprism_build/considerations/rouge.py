"""ROUGE-Lsum with Porter stemming, as the rouge-score package computes it, on many pairs of short texts at once.

Nearly all of its cost is tokenising and stemming, so each distinct word is stemmed once.

Source: Lin, "ROUGE: A Package for Automatic Evaluation of Summaries" (2004), section 3.2.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import LCSseq
from rapidfuzz.process import cpdist

from valueprism_build.stemming import porter_stem

Indices: TypeAlias = NDArray[np.intp]

_WORD = re.compile("[a-z0-9]+")
SHORTEST_STEMMED = 4  # letters; rouge-score leaves shorter words as they are


class RougeScores(NamedTuple):
    """Scores of n pairs, each of shape (n,) and from 0 to 1; 0 where a side has no word."""

    fmeasure: NDArray[np.float64]
    precision: NDArray[np.float64]
    recall: NDArray[np.float64]


class StemmedTexts:
    """Texts that can be scored against each other; each goes by its index."""

    def __init__(self, texts: Sequence[str]) -> None:
        """Split and stem the texts.

        Args:
            texts: each on one line. ROUGE-Lsum scores the lines of a text apart; on a single line it equals ROUGE-L.
        """
        strings = _stem_strings(texts)
        self._strings = np.array(strings, dtype=object)
        self._lengths = np.array([len(string) for string in strings], dtype=np.int64)
        self._kinds = _kinds(strings, self._lengths)

    def scores(self, targets: Indices, predictions: Indices) -> RougeScores:
        """Score text `predictions[k]` against text `targets[k]`, for each k.

        Precision is the share of the prediction, recall the share of the target, that their longest common
        subsequence of stems makes up.
        """
        pairs = self._strings[targets].tolist(), self._strings[predictions].tolist()
        return self._shares(cpdist(*pairs, scorer=LCSseq.similarity, dtype=np.int64), targets, predictions)

    def bounds(self, targets: Indices, predictions: Indices) -> RougeScores:
        """Return what the scores of the same pairs do not exceed, for a small part of the time.

        A kind of stem that only one of two texts has is one stem of it, at least, that they have not in common.
        """
        mine, theirs = self._kinds[targets], self._kinds[predictions]
        common = np.minimum(
            self._lengths[targets] - np.bitwise_count(mine & ~theirs),
            self._lengths[predictions] - np.bitwise_count(theirs & ~mine),
        )
        return self._shares(common, targets, predictions)

    def _shares(self, common: NDArray[np.int64], targets: Indices, predictions: Indices) -> RougeScores:
        precision = common / np.maximum(self._lengths[predictions], 1)
        recall = common / np.maximum(self._lengths[targets], 1)
        either = precision + recall
        fmeasure = np.divide(2 * precision * recall, either, out=np.zeros_like(either), where=either > 0)
        return RougeScores(fmeasure, precision, recall)


def _stem_strings(texts: Sequence[str]) -> list[str]:
    """Return each text as a string with one character for each stem: equal characters are equal stems.

    Characters are comparable within one call only. Words are runs of a-z and 0-9 after lower-casing, so a text in
    another script has none and scores 0 against everything.
    """
    letters: dict[str, str] = {}  # stem -> its character
    of_word: dict[str, str] = {}  # word -> the character of its stem
    strings = []
    for text in texts:
        words = _WORD.findall(text.lower())
        for word in words:
            if word not in of_word:
                stem = porter_stem(word) if len(word) >= SHORTEST_STEMMED else word
                of_word[word] = letters.setdefault(stem, chr(len(letters)))
        strings.append("".join([of_word[word] for word in words]))
    return strings


def _kinds(strings: Sequence[str], lengths: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Return shape (n,): bit k is set where a string has a character whose code leaves k when divided by 64."""
    ended = " ".join([*strings, ""])  # none is empty then
    codes = np.frombuffer(ended.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    bits = np.uint64(1) << (codes % 64).astype(np.uint64)
    ends = np.cumsum(lengths + 1)
    bits[ends - 1] = 0
    return np.bitwise_or.reduceat(bits, ends - 1 - lengths)
