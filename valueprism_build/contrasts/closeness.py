"""How far a changed situation is from the one that it was made of, in words."""

from typing import Final

from rapidfuzz.distance import Indel, Levenshtein

from valueprism_build.ids import fold
from valueprism_build.situations.minimal_pairs import same_deed

NEGATIONS: Final = frozenset(
    {"not", "never", "no", "dont", "doesnt", "didnt", "wont", "cannot", "cant", "isnt", "arent", "without"}
    | {"refuse", "refuses", "refusing", "avoid", "avoids", "avoiding", "decline", "declining", "fail", "failing"}
)


def word_edits(one: str, other: str) -> int:
    """Return how many words must be put in, taken out or replaced to make one text of the other."""
    return int(Levenshtein.distance(_words(one), _words(other)))


def kept_share(before: str, after: str) -> float:
    """Return the share in [0, 1] of the words of `before` that are in `after`, in their order."""
    old, new = _words(before), _words(after)
    insertions_and_deletions = Indel.distance(old, new)
    return (len(old) + len(new) - insertions_and_deletions) / 2 / len(old) if old else 0.0


def is_denial(before: str, after: str) -> bool:
    """Return whether the texts differ in nothing but whether the deed is denied ("not", "never", "refusing to")."""
    return same_deed(_affirmed(before), _affirmed(after)) and _denials(before) != _denials(after)


def _words(text: str) -> list[str]:
    return fold(text).split()


def _affirmed(text: str) -> str:
    return " ".join(word for word in _words(text) if word not in NEGATIONS)


def _denials(text: str) -> int:
    return sum(word in NEGATIONS for word in _words(text))
