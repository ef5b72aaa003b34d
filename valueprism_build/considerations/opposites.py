"""Wordings that look alike and mean the contrary. Neither stems nor embeddings tell them apart.

all-MiniLM-L6-v2 puts "Duty to intervene" and "Duty not to intervene" at cosine 0.947, the duties to obey and to
disobey the law at 0.911.
"""

from typing import Final

from valueprism_build.ids import fold

_NEGATIONS: Final = frozenset({"not", "no", "never", "non", "nor", "without", "cannot", "cant", "dont"})
# Freedom of religion, freedom from religion: their cosine is 0.968.
_AVERSIONS: Final = frozenset({"from"})
_ANTONYM_PREFIXES: Final = ("un", "dis", "in", "im", "il", "ir", "non", "mis", "anti")


def opposite_wording(one: str, other: str) -> bool:
    """Say whether only one of two near-identical texts holds a negation, or one holds an antonym of the other's."""
    mine, yours = set(fold(one).split()), set(fold(other).split())
    if any(mine.isdisjoint(words) != yours.isdisjoint(words) for words in (_NEGATIONS, _AVERSIONS)):
        return True
    return any(
        prefix + word in others
        for words, others in ((mine - yours, yours - mine), (yours - mine, mine - yours))
        for word in words
        for prefix in _ANTONYM_PREFIXES
    )
