"""Telling two spellings of one situation from two situations that look alike.

"Driving 20 mph over the limit" and "Driving 50 mph over the limit", or "... so you keep it" and "... so you donate
it", share most of their letters and differ in what matters. No similarity threshold tells them from a typo.
"""

from typing import Final

from nltk.stem.porter import PorterStemmer
from rapidfuzz.distance import Levenshtein

from valueprism_build.ids import fold

TYPO_LETTERS: Final = 5
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


def _substance(text: str) -> list[str]:
    return [word for word in fold(text).split() if word not in _LIGHT]


def _alike(one: str, other: str) -> bool:
    if one == other:
        return True
    if not (one.isalpha() and other.isalpha()):
        return False
    stemmer = PorterStemmer()
    if stemmer.stem(one) == stemmer.stem(other):
        return True
    shorter = min(len(one), len(other))
    return shorter >= TYPO_LETTERS and one[0] == other[0] and Levenshtein.distance(one, other, score_cutoff=1) <= 1
