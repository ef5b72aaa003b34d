"""ROUGE-Lsum with Porter stemming, as the rouge-score package computes it, on many pairs of short texts at once.

Nearly all of its cost is tokenising and stemming, so each distinct word is stemmed once.

Source: Lin, "ROUGE: A Package for Automatic Evaluation of Summaries" (2004), section 3.2.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from nltk.stem.porter import PorterStemmer
from numpy.typing import NDArray
from rapidfuzz.distance import LCSseq
from rapidfuzz.process import cpdist

_WORD = re.compile("[a-z0-9]+")
SHORTEST_STEMMED = 4  # letters; rouge-score leaves shorter words as they are


class RougeScores(NamedTuple):
    """Scores of n pairs, each of shape (n,) and from 0 to 1; 0 where a side has no word."""

    fmeasure: NDArray[np.float64]
    precision: NDArray[np.float64]
    recall: NDArray[np.float64]


def stem_strings(texts: Sequence[str]) -> list[str]:
    """Return each text as a string with one character for each stem: equal characters are equal stems.

    Characters are comparable within one call only. Words are runs of a-z and 0-9 after lower-casing, so a text in
    another script has none and scores 0 against everything.

    Args:
        texts: each on one line. ROUGE-Lsum scores the lines of a text apart; on a single line it equals ROUGE-L.
    """
    stemmer = PorterStemmer()
    letters: dict[str, str] = {}  # stem -> its character
    of_word: dict[str, str] = {}  # word -> the character of its stem
    strings = []
    for text in texts:
        words = _WORD.findall(text.lower())
        for word in words:
            if word not in of_word:
                stem = stemmer.stem(word) if len(word) >= SHORTEST_STEMMED else word
                of_word[word] = letters.setdefault(stem, chr(len(letters)))
        strings.append("".join([of_word[word] for word in words]))
    return strings


def rouge_lsum(targets: Sequence[str], predictions: Sequence[str]) -> RougeScores:
    """Score pair k of `targets[k]` and `predictions[k]`, both from one call of `stem_strings`.

    Precision is the share of the prediction, recall the share of the target, that their longest common subsequence
    of stems makes up.
    """
    common = cpdist(targets, predictions, scorer=LCSseq.similarity, dtype=np.int32).astype(np.float64)
    precision = common / np.maximum([len(prediction) for prediction in predictions], 1)
    recall = common / np.maximum([len(target) for target in targets], 1)
    either = precision + recall
    fmeasure = np.divide(2 * precision * recall, either, out=np.zeros_like(either), where=either > 0)
    return RougeScores(fmeasure, precision, recall)
