import numpy as np
import pytest

from tests.valueprism_build.canonical.direction_encoder import DirectionEncoder
from valueprism_build.canonical.synonyms import synonyms


def test_synonyms_are_words_at_the_threshold_or_nearer_the_nearest_first() -> None:
    words = {"zeal": "zeal", "ardour": "ardour", "fervour": "fervour", "tea": "tea"}
    encoder = DirectionEncoder({"zeal": 0, "ardour": 20, "fervour": -10, "tea": 90})
    # cos 10 = 0.985, cos 20 = 0.940, cos 30 = 0.866
    assert synonyms(words, encoder, 0.93) == {
        "zeal": ("fervour", "ardour"),
        "ardour": ("zeal",),
        "fervour": ("zeal",),
    }
    assert encoder.asked == sorted(words)


def test_words_that_the_table_names_are_left_to_the_table() -> None:
    # "harm" and "help" are in the table; "aura" is not.
    encoder = DirectionEncoder({"harm": 0, "help": 0, "aura": 0})
    found = synonyms({"harm": "harm", "help": "help", "aura": "aura"}, encoder, 0.9)
    assert found == {"harm": ("aura",), "help": ("aura",), "aura": ("harm", "help")}


@pytest.mark.parametrize(("one", "other"), [("lawful", "unlawful"), ("moral", "nonmoral")])
def test_a_word_and_its_contrary_are_no_synonyms(one: str, other: str) -> None:
    encoder = DirectionEncoder({"x" + one: 0, other: 0, one: 0})
    assert synonyms({"a": one, "b": other}, encoder, 0.5) == {}


def test_without_words_nobody_is_asked() -> None:
    encoder = DirectionEncoder({})
    assert synonyms({}, encoder, 0.5) == {}
    assert encoder.asked == []


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(1)
    degrees = {f"w{number}": float(rng.uniform(0, 360)) for number in range(40)}
    whole = synonyms({word: word for word in degrees}, DirectionEncoder(degrees), 0.9)
    monkeypatch.setattr("valueprism_build.canonical.synonyms._ROWS_AT_ONCE", 7)
    assert synonyms({word: word for word in degrees}, DirectionEncoder(degrees), 0.9) == whole
    assert whole
