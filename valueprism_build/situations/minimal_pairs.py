"""Telling two spellings of one situation from two situations that look alike.

"Driving 20 mph over the limit" and "Driving 50 mph over the limit", or "... so you keep it" and "... so you donate
it", share most of their letters and differ in what matters. No similarity threshold tells them from a typo.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from valueprism_build.ids import fold
from valueprism_build.stemming import porter_stem

TYPO_LETTERS: Final = 5
FEW_WORDS: Final = 2
"""Words of substance in which a minimal pair may differ, and at most half of them all: "Hugging a friend" and "Hitting
a friend" are one, "Hugging" and "Hitting" are not."""
# Words whose change leaves the deed as it is: articles, first against second person, forms of "to be", fillers.
# Negations, "he" against "she", and prepositions of direction (from, with, without) are not among them.
_LIGHT: Final = frozenset(
    {
        "a",
        "an",
        "the",
        "this",
        "that",
        "some",
        "my",
        "your",
        "our",
        "i",
        "im",
        "you",
        "we",
        "me",
        "us",
        "to",
        "of",
        "in",
    }
    | {"on", "at", "and", "just", "really", "very", "so", "please", "am", "is", "are", "was", "were", "be"}
)


def same_deed(one: str, other: str) -> bool:
    """Return whether the texts differ at most in light words, inflection and single-letter typos.

    The remaining words must agree one by one, in order. A typo is one edit in a word of five letters or more that
    keeps its first letter; numbers must be equal.
    """
    left, right = _substance(one), _substance(other)
    return len(left) == len(right) and all(_alike(a, b) for a, b in zip(left, right, strict=True))


def minimal_pairs(texts: Sequence[str], *, most: int) -> list[list[int]]:
    """Return for each text the positions of those that differ from it in few words, and in what matters.

    Those that differ in fewest come first, then those that stand first.

    Args:
        texts: of one family; the time grows with the square of its size, 5,000 take some seconds.
        most: how many are named at most for one text.
    """
    words = [[_stem(word) for word in _substance(text)] for text in texts]
    found = []
    for position, own in enumerate(words):
        differing = process.cdist([own], words, scorer=Levenshtein.distance, score_cutoff=FEW_WORDS, dtype=np.uint8)[0]
        few = np.flatnonzero(differing <= FEW_WORDS)
        nearest = few[np.argsort(differing[few], kind="stable")]
        pairs = [
            int(other)
            for other in nearest
            if 2 * differing[other] <= max(len(own), len(words[other])) and not same_deed(texts[position], texts[other])
        ]
        found.append(pairs[:most])
    return found


def _substance(text: str) -> list[str]:
    return [word for word in fold(text).split() if word not in _LIGHT]


def _alike(one: str, other: str) -> bool:
    if one == other:
        return True
    if not (one.isalpha() and other.isalpha()):
        return False
    if _stem(one) == _stem(other):
        return True
    shorter = min(len(one), len(other))
    return shorter >= TYPO_LETTERS and one[0] == other[0] and Levenshtein.distance(one, other, score_cutoff=1) <= 1


@lru_cache(maxsize=1 << 16)
def _stem(word: str) -> str:
    return porter_stem(word) if word.isalpha() else word
