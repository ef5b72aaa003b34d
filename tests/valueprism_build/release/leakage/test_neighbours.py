import numpy as np
import pyarrow as pa

from tests.valueprism_build.tasks.word_encoder import WordEncoder
from valueprism_build.release.leakage.neighbours import NEIGHBOURS, nearest, neighbours

COLUMNS = ["situation", "vrd", "text", "canonical_id", "split"]
ROWS = [
    ("Lying to a friend", "Value", "Honesty", "h", "train"),
    ("Stealing bread", "Right", "Right to food", "f", "train"),
    ("Lying to a brother", "Value", "honesty", "h2", "test"),
    ("Lying to a brother", "Right", "Right to food", "f", "test"),
    ("Lying to a brother", "Duty", "Duty to tell", "t", "test"),
    ("Baking bread", "Value", "Joy", "j", "val"),
]


def table(rows: list[tuple[str, str, str, str, str]]) -> pa.Table:
    full = pa.table([list(column) for column in zip(*rows, strict=True)], names=COLUMNS)
    ids = [f"c{number}" for number in range(len(rows))]
    return full.append_column("consideration_id", [ids]).append_column("situation_id", full["situation"])


def test_each_test_row_has_its_nearest_train_situation_and_what_train_has_seen_of_it() -> None:
    found = neighbours(table(ROWS), WordEncoder())
    assert found.schema == NEIGHBOURS
    assert found["consideration_id"].to_pylist() == ["c2", "c3", "c4"]
    assert set(found["nearest_situation_id"].to_pylist()) == {"Lying to a friend"}
    assert found["text_in_train"].to_pylist() == [True, True, False]
    assert found["canonical_in_train"].to_pylist() == [False, True, False]


def test_a_situation_of_the_same_words_is_at_cosine_one() -> None:
    rows = [ROWS[0], ("a friend Lying to", "Value", "Joy", "j", "test")]
    assert np.isclose(neighbours(table(rows), WordEncoder())["cosine"].to_pylist(), [1.0]).all()


def test_without_train_or_test_there_are_no_neighbours() -> None:
    assert neighbours(table(ROWS[:2]), WordEncoder()).num_rows == 0
    assert neighbours(table(ROWS[2:]), WordEncoder()).num_rows == 0


def test_of_equally_near_ones_the_first_is_named() -> None:
    held = np.array([[0, 1], [1, 0], [1, 0]], np.float32)
    best, cosines = nearest(np.array([[1, 0]], np.float32), held)
    assert (best.tolist(), cosines.tolist()) == ([1], [1.0])
