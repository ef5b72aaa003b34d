"""An encoder without a model: every text gets its own direction, the same on every machine."""

import hashlib
from collections.abc import Sequence

import numpy as np

from valueprism_build.embedding import Vectors


class HashEncoder:
    """Embeds a text as the direction of a Gaussian draw seeded by the text's hash, and remembers what it was asked.

    Two different texts come out nearly orthogonal: in d dimensions their cosine is about 0 with deviation 1/sqrt(d).
    """

    def __init__(self, dimensions: int = 64) -> None:
        self._dimensions = dimensions
        self.asked: list[list[str]] = []

    @property
    def model(self) -> str:
        return f"hash-{self._dimensions}"

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.asked.append(list(texts))
        rows = [self._direction(text) for text in texts]
        return np.array(rows, dtype=np.float32).reshape(len(rows), self._dimensions)

    def _direction(self, text: str) -> Vectors:
        seed = int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest())
        draw = np.random.default_rng(seed).standard_normal(self._dimensions)
        return (draw / np.linalg.norm(draw)).astype(np.float32)
