from dataclasses import replace

import pyarrow as pa
import pytest
from hypothesis import given, settings

from tests.valueprism_build.contrasts.making import inventory, sided
from tests.valueprism_build.contrasts.test_found import LISTS, WORDS
from tests.valueprism_build.tasks.word_encoder import WordEncoder
from valueprism_build.contrasts.asked import Contrast
from valueprism_build.contrasts.table import CELLS, CONTRAST_SCHEMA, Contrasts, build
from valueprism_build.ids import contrast_id, situation_id
from valueprism_build.records import Stage

A, B = "lend a ladder", "lend a ladder to a burglar"
TEXTS = ("Value", "Trust", "It is broken.", "Value", "Safety", "It is kept.")
ASKED = Contrast("r1", situation_id(A), situation_id(B), B, *TEXTS, teacher="t", model="m", prompt_version="v")
ONLY_A = {A: "+trust -Safety"}
BOTH = ONLY_A | {B: "-Trust +safety"}


def made(full: pa.Table, *asked: Contrast, most: int = 99) -> Contrasts:
    return build(full, asked, inventory("Trust", "Safety", *WORDS), WordEncoder(), most=most)


def rules(found: Contrasts) -> list[tuple[str, Stage, str]]:
    return [(reject.subject_id, reject.stage, reject.rule) for reject in found.rejected]


def test_an_asked_one_stands_under_the_wording_of_its_origin_with_what_its_teacher_said() -> None:
    [row] = made(sided(ONLY_A, {A: "test"}), ASKED).rows.to_pylist()
    assert row["contrast_id"] == contrast_id(situation_id(A), "trust", situation_id(B), "safety")
    assert (row["origin"], row["verified"], row["teacher"], row["split"]) == ("asked", None, "t", "test")
    assert (row["model"], row["prompt_version"], row["request_hash"]) == ("m", "v", "r1")
    assert (row["situation_a"], row["situation_b"], row["situation_b_id"]) == (A, B, situation_id(B))
    assert (row["vrd_x"], row["canonical_id_x"], row["canonical_id_y"]) == ("Value", "trust", "safety")
    assert [row[f"valence_{cell}"] for cell in CELLS] == ["Supports", "Opposes", "Opposes", "Supports"]
    assert [row[f"text_{cell}"] for cell in CELLS] == ["trust", "Safety", "Trust", "Safety"]
    assert (row["explanation_ax"], row["explanation_bx"]) == (f"{A}: +trust", "It is broken.")
    # Nobody was asked about b, so the full table has no rows of it.
    assert [row[f"consideration_id_{cell}"] for cell in CELLS] == [f"{A}|+trust", f"{A}|-Safety", None, None]


def test_what_is_asked_and_found_is_one_row_that_says_asked_and_points_to_the_list_that_bears_it_out() -> None:
    full = sided(BOTH)
    [row] = made(full, replace(ASKED, verified=True)).rows.to_pylist()
    assert (row["origin"], row["verified"]) == ("asked", True)
    assert (row["consideration_id_bx"], row["consideration_id_by"]) == (f"{B}|-Trust", f"{B}|+safety")
    assert row["explanation_bx"] == "It is broken."
    [alone] = made(full).rows.to_pylist()
    assert alone["origin"] == "found"
    assert {alone[name] for name in ("verified", "teacher", "model", "prompt_version", "request_hash")} == {None}
    assert (alone["contrast_id"], alone["explanation_bx"]) == (row["contrast_id"], f"{B}: -Trust")
    assert abs(alone["cosine"] - row["cosine"]) < 1e-6


def test_a_list_that_says_otherwise_lends_no_ids() -> None:
    [row] = made(sided(ONLY_A | {B: "+Trust ?safety"}), replace(ASKED, verified=False)).rows.to_pylist()
    assert (row["verified"], row["consideration_id_bx"], row["consideration_id_by"]) == (False, None, None)


def test_one_whose_origin_has_other_sides_by_now_is_rejected() -> None:
    for lists in ({A: "-trust -Safety"}, {A: "+trust"}, {A: "+trust -Safety +safety"}, {"else": "+trust -Safety"}):
        assert rules(made(sided(lists), ASKED)) == [("r1", Stage.CONTRAST, "origin_changed")]


def test_two_situations_in_two_splits_make_none() -> None:
    found = made(sided(BOTH, {A: "train", B: "test"}), ASKED)
    assert (found.rows.num_rows, found.found.across) == (0, 1)
    assert rules(found) == [("r1", Stage.CONTRAST, "two_splits")]


@pytest.mark.parametrize(
    ("trust", "safety", "both"), [("test", "test", "test"), ("train", "train", "train"), ("test", "train", None)]
)
def test_a_contrast_is_in_the_part_of_its_considerations_and_in_none_where_theirs_differ(
    trust: str, safety: str, both: str | None
) -> None:
    found = made(sided(BOTH, unseen={"trust": trust, "safety": safety}))
    assert found.rows["unseen_considerations"].to_pylist() == [both]


def test_what_two_teachers_made_alike_stands_once() -> None:
    found = made(sided(ONLY_A), ASKED, replace(ASKED, request_hash="r2", teacher="u"))
    assert [row["teacher"] for row in found.rows.to_pylist()] == ["t"]
    assert rules(found) == [("r2", Stage.CONTRAST, "repeated")]


def test_nothing_makes_an_empty_table_of_the_same_columns() -> None:
    found = made(sided({"a": "?joy"}))
    assert (found.rows.schema, found.rows.num_rows, found.found.candidates) == (CONTRAST_SCHEMA, 0, 0)


@settings(deadline=None, max_examples=50)
@given(LISTS)
def test_every_row_swaps_both_valences_and_its_id_is_its_own(lists: dict[str, list[tuple[str, str]]]) -> None:
    full = sided({name: " ".join(map("".join, words)) for name, words in lists.items()} or {"s": "?joy"})
    rows = made(full).rows.to_pylist()
    valences = dict(zip(full["consideration_id"].to_pylist(), full["valence"].to_pylist(), strict=True))
    for row in rows:
        said = [row[f"valence_{cell}"] for cell in CELLS]
        assert said == ["Supports", "Opposes", "Opposes", "Supports"]
        assert said == [valences[row[f"consideration_id_{cell}"]] for cell in CELLS]
        assert row["situation_a_id"] != row["situation_b_id"]
        assert row["canonical_id_x"] != row["canonical_id_y"]
    assert len({row["contrast_id"] for row in rows}) == len(rows)
