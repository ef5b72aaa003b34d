"""Whether a teacher repeats a person word by word: what people write is theirs, and a release holds none of it.

Runs of words are kept as digests, so that the check outlives the words themselves.
"""

import hashlib
from collections.abc import Collection
from typing import Final

from valueprism_build.ids import fold

RUN: Final = 8
"""Words in a row that nobody writes twice by chance: "the right to a clean and healthy environment" has eight."""


def run_digests(text: str) -> frozenset[str]:
    """Return 16 hex digits for each run of `RUN` words of the text; of a shorter text there is none."""
    words = fold(text).split()
    return frozenset(_digest(words[start : start + RUN]) for start in range(len(words) - RUN + 1))


def quotes(text: str, known: Collection[str]) -> bool:
    """Return whether the text repeats `RUN` words in a row of a text whose `run_digests` are known."""
    return bool(known) and not run_digests(text).isdisjoint(known)


def _digest(words: list[str]) -> str:
    return hashlib.blake2b(" ".join(words).encode(), digest_size=8).hexdigest()
