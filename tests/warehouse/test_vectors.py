from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from duckdb import DuckDBPyConnection

from valueprism_build.embedding import RememberingEncoder, Vectors
from warehouse.connect import open_warehouse
from warehouse.vectors import WarehouseVectors


class LengthEncoder:
    """Embeds a text as the point (1, 0) or (0, 1) by the parity of its length, and remembers what it was asked."""

    model = "length-1"

    def __init__(self) -> None:
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.asked.extend(texts)
        return np.array([[1 - len(text) % 2, len(text) % 2] for text in texts], dtype=np.float32).reshape(-1, 2)


def test_vectors_come_back_bit_for_bit(db: DuckDBPyConnection) -> None:
    vectors = np.random.default_rng(0).normal(size=(50, 384)).astype(np.float32)
    texts = [f"Right to {number}" for number in range(50)]
    store = WarehouseVectors(db)
    store.add_vectors("model", texts, vectors)
    read = store.read_vectors("model", list(reversed(texts)))
    assert np.array_equal(np.stack([read[text] for text in texts]), vectors)
    assert read[texts[0]].dtype == np.float32


def test_only_stored_texts_of_that_model_come_back(db: DuckDBPyConnection) -> None:
    store = WarehouseVectors(db)
    store.add_vectors("model", ["a"], np.ones((1, 3), np.float32))
    assert set(store.read_vectors("model", ["a", "b"])) == {"a"}
    assert store.read_vectors("other model", ["a"]) == {}
    assert store.read_vectors("model", []) == {}


def test_storing_a_text_again_changes_nothing(db: DuckDBPyConnection) -> None:
    store = WarehouseVectors(db)
    store.add_vectors("model", ["a", "a"], np.array([[1, 0], [0, 1]], np.float32))
    store.add_vectors("model", ["a"], np.array([[0, 1]], np.float32))
    assert store.read_vectors("model", ["a"])["a"].tolist() == [1, 0]


def test_models_may_differ_in_width(db: DuckDBPyConnection) -> None:
    store = WarehouseVectors(db)
    store.add_vectors("wide", ["a"], np.ones((1, 4), np.float32))
    store.add_vectors("slim", ["a"], np.ones((1, 2), np.float32))
    assert store.read_vectors("wide", ["a"])["a"].shape == (4,)
    assert store.read_vectors("slim", ["a"])["a"].shape == (2,)


def test_a_slice_of_a_larger_array_is_stored_right(db: DuckDBPyConnection) -> None:
    store = WarehouseVectors(db)
    store.add_vectors("model", ["a", "b"], np.arange(8, dtype=np.float32).reshape(2, 4)[:, ::2])
    assert store.read_vectors("model", ["b"])["b"].tolist() == [4, 6]


def test_texts_without_a_vector_each_are_refused(db: DuckDBPyConnection) -> None:
    with pytest.raises(ValueError, match="2 texts came with 1 vectors"):
        WarehouseVectors(db).add_vectors("model", ["a", "b"], np.ones((1, 3), np.float32))
    WarehouseVectors(db).add_vectors("model", [], np.empty((0, 0), np.float32))


def test_an_encoder_with_this_memory_embeds_each_text_once_ever(tmp_path: Path) -> None:
    first, second = LengthEncoder(), LengthEncoder()
    with open_warehouse(tmp_path) as db:
        before = RememberingEncoder(first, WarehouseVectors(db)).encode(["a", "bb", "a"])
    with open_warehouse(tmp_path) as db:
        after = RememberingEncoder(second, WarehouseVectors(db)).encode(["a", "bb", "a"])
    assert np.array_equal(before, after)
    assert (first.asked, second.asked) == (["a", "bb"], [])
