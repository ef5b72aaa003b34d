"""An encoder without a model: a text is the mean of its words, a word a random direction of its own."""

import hashlib
from collections.abc import Sequence

import numpy as np

from valueprism_build.embedding import Vectors

DIMENSIONS = 256


class WordEncoder:
    """Texts that share words are near, others nearly at right angles; counts its calls."""

    model = "words"

    def __init__(self) -> None:
        self.calls: list[list[str]] = []

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.calls.append(list(texts))
        sums = np.stack([sum((_direction(word) for word in text.split()), np.zeros(DIMENSIONS)) for text in texts])
        units: Vectors = (sums / np.linalg.norm(sums, axis=1, keepdims=True)).astype(np.float32)
        return units


def _direction(word: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    seed = int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "big")
    direction: np.ndarray[tuple[int], np.dtype[np.float64]] = np.random.default_rng(seed).standard_normal(DIMENSIONS)
    return direction
