"""Contrasts in the data, against a search through all pairs of pairs."""

from itertools import permutations

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.valueprism_build.contrasts.making import sided
from tests.valueprism_build.tasks.word_encoder import WordEncoder
from valueprism_build.contrasts.found import Boards, Found, choose
from valueprism_build.contrasts.sides import sides_of

NAMES = ("s0", "s1", "s2", "s3", "s4", "s5")
WORDS = ("honesty", "safety", "joy", "order")
LISTS = st.dictionaries(
    st.sampled_from(NAMES),
    st.lists(st.tuples(st.sampled_from("+-?"), st.sampled_from(WORDS)), min_size=1, max_size=6, unique=True),
    max_size=len(NAMES),
)


def found(full: pa.Table, most: int = 99) -> Found:
    sides = sides_of(full)
    boards = Boards(sides)
    rows = full.take(pa.array(sides.first[boards.situations]))
    texts = rows["situation"].to_pylist()
    vectors = WordEncoder().encode(texts) if texts else np.empty((0, 0), np.float32)
    return choose(boards, vectors, np.array(rows["split"].to_pylist(), object), most=most)


def boards(full: pa.Table, most: int = 99) -> list[tuple[str, str, str, str]]:
    """Return situations a and b and the words x and y of each contrast, after looking at all four judgements."""
    texts, words = full["situation"].to_pylist(), full["canonical_id"].to_pylist()
    valences = full["valence"].to_pylist()
    rows = []
    for row in found(full, most).rows.itertuples():
        cells = (row.row_ax, row.row_ay, row.row_bx, row.row_by)
        assert [valences[cell] for cell in cells] == ["Supports", "Opposes", "Opposes", "Supports"]
        assert texts[row.row_ax] == texts[row.row_ay] != texts[row.row_bx] == texts[row.row_by]
        assert words[row.row_ax] == words[row.row_bx] != words[row.row_ay] == words[row.row_by]
        rows.append((texts[row.row_ax], texts[row.row_bx], words[row.row_ax], words[row.row_ay]))
    return rows


LADDERS = {
    "lend a ladder": "+Honesty -Safety +Joy",
    "lend a ladder tonight": "-honesty +safety ?Joy",
    "paint a wall": "-Honesty +Safety -Joy",
    "sing": "+Honesty +Safety",
}


def test_two_situations_that_share_two_considerations_on_swapped_sides_are_found() -> None:
    # honesty and safety: the first against the second and the third. Joy against safety: the first has neither
    # against the other; "paint" has +safety -joy, the first +joy -safety. "sing" has nothing against it.
    assert boards(sided(LADDERS)) == [
        ("lend a ladder", "lend a ladder tonight", "honesty", "safety"),
        ("lend a ladder", "paint a wall", "honesty", "safety"),
        ("lend a ladder", "paint a wall", "joy", "safety"),
    ]


def test_of_two_considerations_the_nearest_situations_are_kept_and_the_others_counted() -> None:
    full = sided(LADDERS)
    # "lend a ladder tonight" is nearer than "paint a wall".
    assert boards(full, most=1) == [
        ("lend a ladder", "lend a ladder tonight", "honesty", "safety"),
        ("lend a ladder", "paint a wall", "joy", "safety"),
    ]
    kept = found(full, most=1)
    assert (kept.candidates, kept.across, kept.beyond) == (3, 0, 1)
    assert np.isclose(kept.rows["cosine"][0], np.sqrt(3) / 2, atol=0.15)  # three of four words, nearly at right angles
    assert found(full, most=0).beyond == 3


def test_no_contrast_is_across_splits() -> None:
    full = sided(LADDERS, {"lend a ladder tonight": "test"})
    assert [b for _, b, _, _ in boards(full)] == ["paint a wall", "paint a wall"]
    assert (found(full).candidates, found(full).across) == (3, 1)


def test_a_consideration_that_is_on_both_sides_or_hedged_in_one_wording_is_on_none() -> None:
    for second in ("-honesty +Honesty +safety", "-honesty ?Honesty +safety"):
        assert boards(sided({"a": "+honesty -safety", "b": second})) == []


@settings(deadline=None, max_examples=50)
@given(LISTS)
def test_a_search_through_all_situations_and_words_finds_the_same(lists: dict[str, list[tuple[str, str]]]) -> None:
    full = (
        sided({name: " ".join(map("".join, words)) for name, words in lists.items()}) if lists else sided({"s": "?joy"})
    )
    side = {}
    for name, words in lists.items():
        for word in WORDS:
            signs = {sign for sign, other in words if other == word}
            side[name, word] = signs.pop() if len(signs) == 1 else "?"
    names = list(lists)
    expected = {
        (a, b, x, y)
        for a in names
        for b in names[names.index(a) + 1 :]
        for x, y in permutations(WORDS, 2)
        if (side[a, x], side[a, y], side[b, x], side[b, y]) == ("+", "-", "-", "+")
    }
    assert set(boards(full)) == expected
    assert len(boards(full)) == len(expected) == found(full).candidates


@settings(deadline=None, max_examples=50)
@given(LISTS, st.integers(0, 3))
def test_the_bound_holds_and_every_contrast_is_kept_or_counted(
    lists: dict[str, list[tuple[str, str]]], most: int
) -> None:
    full = sided({name: " ".join(map("".join, words)) for name, words in lists.items()} or {"s": "?joy"})
    kept = found(full, most)
    assert len(kept.rows) + kept.across + kept.beyond == kept.candidates
    pairs = [frozenset(board[2:]) for board in boards(full, most)]
    assert all(pairs.count(pair) <= most for pair in pairs)
