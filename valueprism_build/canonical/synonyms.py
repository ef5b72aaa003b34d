"""Words that an embedding model takes for one another, where the table of words names at least one of them not.

Only near-certain ones: all-MiniLM-L6-v2 puts bravery and courage at 0.78, punish and punishment at 0.88, but also
protect and prevent at 0.69, apologise and forgive at 0.72, trust and trustworthiness at 0.76.
"""

from collections.abc import Mapping
from typing import Final, TypeAlias

import numpy as np

from valueprism_build.canonical.word_table import word_table
from valueprism_build.considerations.opposites import opposite_wording
from valueprism_build.embedding import Encoder

Synonyms: TypeAlias = Mapping[str, tuple[str, ...]]
"""For a notion those that may stand for it, the nearest first."""

_ROWS_AT_ONCE: Final = 2048


def synonyms(words: Mapping[str, str], encoder: Encoder, least: float) -> Synonyms:
    """Return the synonyms among these notions.

    Memory is `_ROWS_AT_ONCE` times the notions, four bytes each.

    Args:
        words: the notions, and for each a word that names it.
        encoder: embeds each word once.
        least: cosine in [-1, 1]; two words exactly at it are synonyms.
    """
    notions = sorted(words)
    if not notions:
        return {}
    named = np.isin(notions, sorted(word_table().named))
    vectors = encoder.encode([words[notion] for notion in notions])
    found: dict[str, tuple[str, ...]] = {}
    for start in range(0, len(notions), _ROWS_AT_ONCE):
        block = slice(start, start + _ROWS_AT_ONCE)
        cosines = vectors[block] @ vectors.T
        cosines[named[block, None] & named] = -1
        for row, own in enumerate(notions[block]):
            near = np.flatnonzero(cosines[row] >= least)
            nearest = near[np.argsort(-cosines[row, near], kind="stable")]
            close = tuple(notions[i] for i in nearest if _may_stand(words[own], words[notions[i]]))
            if close:
                found[own] = close
    return found


def _may_stand(one: str, other: str) -> bool:
    return one != other and not opposite_wording(one, other)
