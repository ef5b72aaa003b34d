"""An encoder of given directions in a plane: a word's angle in degrees; every other word has a direction of its own."""

from collections.abc import Mapping, Sequence

import numpy as np

from tests.valueprism_build.hash_encoder import HashEncoder
from valueprism_build.embedding import Vectors


class DirectionEncoder:
    """Embeds the words that it knows in the first two dimensions, others in 254 more; remembers what it was asked."""

    model = "directions"

    def __init__(self, degrees: Mapping[str, float]) -> None:
        self._degrees = degrees
        self._others = HashEncoder(254)
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.asked += texts
        rows = np.concatenate([np.zeros((len(texts), 2), np.float32), self._others.encode(texts)], axis=1)
        for row, text in zip(rows, texts, strict=True):
            if text in self._degrees:
                angle = np.radians(self._degrees[text])
                row[:] = 0
                row[:2] = np.cos(angle), np.sin(angle)
        return rows
