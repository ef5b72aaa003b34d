import pytest
from hypothesis import given
from hypothesis import strategies as st

from valueprism_build.ids import consideration_id, fold, request_hash, situation_id
from valueprism_build.records import Valence, Vrd

WRITABLE = st.text(st.characters(exclude_categories=["Cs"]))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Lying, to a friend.", "lying to a friend"),
        ("  Lying\tto\na friend ", "Lying to a friend"),
        ("I don\u2019t vote", "I don't vote"),
        ("\uff2cying to a friend", "Lying to a friend"),  # full-width L
    ],
)
def test_case_spacing_punctuation_and_compatibility_forms_do_not_make_another_situation(one: str, other: str) -> None:
    assert situation_id(one) == situation_id(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("bus/train", "bustrain"),
        ("lying", "flying"),
        ("?", "!"),
        ("\u0915\u0941", "\u0915"),
        ("\u0915\u093f", "\u0915"),
        ("resume", "r\u00e9sum\u00e9"),
    ],
)
def test_different_texts_have_different_ids(one: str, other: str) -> None:
    assert situation_id(one) != situation_id(other)


def test_an_apostrophe_joins_and_every_other_mark_separates() -> None:
    assert fold("Don't take the bus/train!") == "dont take the bus train"


@given(WRITABLE)
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_the_id_of_a_consideration_holds_situation_type_text_and_valence() -> None:
    base = consideration_id("s1", Vrd.VALUE, "Honesty", Valence.SUPPORTS)
    assert base == consideration_id("s1", Vrd.VALUE, "honesty.", Valence.SUPPORTS)
    others = {
        consideration_id("s2", Vrd.VALUE, "Honesty", Valence.SUPPORTS),
        consideration_id("s1", Vrd.DUTY, "Honesty", Valence.SUPPORTS),
        consideration_id("s1", Vrd.VALUE, "Trust", Valence.SUPPORTS),
        consideration_id("s1", Vrd.VALUE, "Honesty", Valence.OPPOSES),
    }
    assert len(others | {base}) == 5


def test_ids_are_lower_case_hex_of_a_fixed_length() -> None:
    # 8 bytes are 16 hex digits, 16 bytes are 32
    assert len(situation_id("x")) == 16
    assert len(request_hash({})) == 32
    assert set(situation_id("x") + request_hash({})) <= set("0123456789abcdef")


def test_the_order_of_a_requests_keys_does_not_change_its_hash_and_a_value_does() -> None:
    assert request_hash({"a": 1, "b": [1, 2]}) == request_hash({"b": [1, 2], "a": 1})
    assert request_hash({"a": 1, "b": [1, 2]}) != request_hash({"a": 1, "b": [2, 1]})


@given(st.text(st.characters(max_codepoint=127)))
def test_the_quick_way_through_ascii_folds_as_the_long_way_does(text: str) -> None:
    # One letter beyond ASCII sends the same text the long way.
    assert f"{fold(text)} \u00e9".strip() == fold(f"{text} \u00e9")
