"""Whether two considerations say the same thing, closely enough that one cannot stand as the other's opposite.

Type and prefix are set aside first ("Right to privacy", "Duty to privacy" and "Privacy" are one concern): two thirds
of the near misses between types are such twins, and with the prefix left on, every two rights look alike to the
encoder (median cosine .54 against .30 without), so that one threshold could not serve all types.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from valueprism_build.embedding import Vectors
from valueprism_build.ids import fold

PREFIXES: Final = (["right", "to"], ["duty", "to"])
MASK_BITS: Final = 64


def core(text: str) -> str:
    """Return the folded text without a leading "right to" or "duty to"; never blank for a text that is not."""
    words = fold(text).split()
    if len(words) > len(PREFIXES[0]) and words[:2] in PREFIXES:
        words = words[2:]
    return " ".join(words) or text


class Likeness:
    """Compares distinct cores, named by their index, in pairs."""

    def __init__(self, cores: Sequence[str], vectors: Vectors, least: float) -> None:
        """Prepare the comparison.

        Args:
            cores: distinct texts as `core` gives them.
            vectors: shape (len(cores), d), each row of L2 norm 1.
            least: cosine in [-1, 1]; a pair exactly at it is alike.
        """
        words: dict[str, int] = {}
        self._tokens = [frozenset(text.split() or [text]) for text in cores]
        self._masks = np.zeros(len(cores), np.uint64)
        for i, tokens in enumerate(self._tokens):
            bits = (1 << words.setdefault(token, len(words)) % MASK_BITS for token in sorted(tokens))
            mask = 0
            for bit in bits:
                mask |= bit
            self._masks[i] = mask
        self._vectors = vectors
        self._least = least

    def alike(self, left: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return for each pair whether one's words are all in the other (equal ones are) or the cosine is high.

        Gathers two vectors per pair: pass blocks.
        """
        found = self._contained(left, right)
        rest = np.flatnonzero(~found)
        cosines = np.einsum("ij,ij->i", self._vectors[left[rest]], self._vectors[right[rest]])
        found[rest] = cosines >= self._least
        return found

    def _contained(self, left: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.bool_]:
        a, b = self._masks[left], self._masks[right]
        common = a & b
        # A subset's bits lie within its superset's; only the few pairs that pass are compared word by word.
        found: NDArray[np.bool_] = (common == a) | (common == b)
        for k in np.flatnonzero(found):
            one, other = self._tokens[left[k]], self._tokens[right[k]]
            found[k] = one <= other or other <= one
        return found
