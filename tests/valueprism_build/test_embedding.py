from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from tests.valueprism_build.hash_encoder import HashEncoder
from valueprism_build.embedding import RememberingEncoder, Vectors


class DictStore:
    """A `VectorStore` in memory."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str], NDArray[np.float32]] = {}

    def read_vectors(self, model: str, texts: Sequence[str]) -> Mapping[str, NDArray[np.float32]]:
        return {text: self.rows[model, text] for text in texts if (model, text) in self.rows}

    def add_vectors(self, model: str, texts: Sequence[str], vectors: Vectors) -> None:
        for text, vector in zip(texts, vectors, strict=True):
            self.rows.setdefault((model, text), vector)


def test_a_text_is_embedded_once_however_often_it_is_asked_for() -> None:
    inner, store = HashEncoder(), DictStore()
    RememberingEncoder(inner, store).encode(["a", "b", "a"])
    RememberingEncoder(inner, store).encode(["b", "c"])
    assert inner.asked == [["a", "b"], ["c"]]


def test_remembered_vectors_equal_fresh_ones_in_the_order_of_the_texts() -> None:
    encoder = RememberingEncoder(HashEncoder(), DictStore())
    encoder.encode(["b"])
    np.testing.assert_array_equal(encoder.encode(["a", "b", "a"]), HashEncoder().encode(["a", "b", "a"]))


def test_another_models_vectors_are_not_taken() -> None:
    store = DictStore()
    RememberingEncoder(HashEncoder(8), store).encode(["a"])
    other = RememberingEncoder(HashEncoder(16), store)
    assert other.model == "hash-16"
    assert other.encode(["a"]).shape == (1, 16)


def test_no_text_gives_no_vector_and_asks_nobody() -> None:
    inner = HashEncoder()
    assert len(RememberingEncoder(inner, DictStore()).encode([])) == 0
    assert inner.asked == []
