from collections import Counter, defaultdict
from dataclasses import replace

import pyarrow as pa
import pytest

from tests.valueprism_build.tasks.full_rows import alone, canonicals, full_table, grouped, many
from valueprism_build import ids
from valueprism_build.records import Split
from valueprism_build.situations.families import Families, Family, Member
from valueprism_build.tasks.splits import assign, most_held_out, split_of

ADDED = ["family_id", "split", "unseen_considerations"]


def test_a_family_lies_in_the_split_of_its_id() -> None:
    full = full_table(
        {
            "Stealing bread": ["Value: Life", "Value: Law"],
            "Lying": ["Value: Truth"],
            "Stealing an apple": ["Value: Law"],
        }
    )
    bread, lying, apple = (ids.situation_id(text) for text in ("Stealing bread", "Lying", "Stealing an apple"))
    rows = assign(full, grouped(full, {bread: bread, lying: lying, apple: bread}), salt="1")
    assert rows["family_id"].to_pylist() == [bread, bread, lying, bread]
    assert rows["split"].to_pylist() == [split_of(family, "1") for family in (bread, bread, lying, bread)]


def test_merged_families_lie_in_the_most_held_out_of_their_splits() -> None:
    names = [f"family {i}" for i in range(100)]
    by_split = {split: next(name for name in names if split_of(name, "1") == split) for split in Split}
    train, val, test = (by_split[split] for split in Split)
    assert most_held_out([train, val], "1") == Split.VAL
    assert most_held_out([val, test, train], "1") == Split.TEST
    full = full_table({"Lying": ["Value: Truth"], "Telling a lie": ["Value: Truth"]})
    lying, telling = full["situation_id"].to_pylist()
    families = Families(
        (Family(train), Family(test, train, "a reason")),
        (Member(lying, "Lying", train), Member(telling, "Telling a lie", test)),
    )
    rows = assign(full, families, salt="1")
    assert rows["family_id"].to_pylist() == [train, train]
    assert rows["split"].to_pylist() == ["test", "test"]


def test_a_consideration_lies_in_one_split_of_its_own_whatever_the_situation() -> None:
    rows = assign(full_table(many(60)), alone(full_table(many(60))), salt="1").to_pylist()
    held = defaultdict(set)
    for row in rows:
        held[row["canonical_id"]].add(row["unseen_considerations"])
    assert held == {canonical: {split_of(canonical, "1")} for canonical in held}
    assert Counter(map(len, held.values())) == {1: len(held)}
    both = [row for row in rows if row["split"] == row["unseen_considerations"] == "test"]
    assert both  # of 480 rows about 1 in 100


def test_a_row_without_a_canonical_id_is_in_no_split_of_considerations() -> None:
    full = full_table({"Lying": ["Value: Truth", "Value: Trust"]})
    column = pa.array([None, full["canonical_id"][1].as_py()], pa.string())
    full = full.set_column(full.schema.get_field_index("canonical_id"), "canonical_id", column)
    held_out = assign(full, alone(full), salt="1")["unseen_considerations"].to_pylist()
    assert held_out == [None, split_of(column[1].as_py(), "1")]


def test_the_order_of_rows_changes_nothing_and_more_rows_move_nothing() -> None:
    full = full_table(many(50))
    everything = alone(full)
    rows = assign(full, everything, salt="1")
    shuffled = pa.array([row * 7 % full.num_rows for row in range(full.num_rows)])  # 7 and 400 share no factor
    assert assign(full.take(shuffled), everything, salt="1").equals(rows.take(shuffled))
    assert assign(full.slice(0, 80), everything, salt="1").equals(rows.slice(0, 80))


def test_shares_are_80_10_10() -> None:
    counts = Counter(split_of(f"family {i}", "1") for i in range(10_000))
    # Binomial: four standard deviations are 4 * sqrt(10000 * .8 * .2) = 160 and 4 * sqrt(10000 * .1 * .9) = 120.
    assert counts[Split.TRAIN] == pytest.approx(8000, abs=160)
    assert counts[Split.VAL] == pytest.approx(1000, abs=120)
    assert counts[Split.TEST] == pytest.approx(1000, abs=120)


def test_another_salt_deals_anew() -> None:
    families = [f"family {i}" for i in range(1000)]
    moved = sum(split_of(family, "1") != split_of(family, "2") for family in families)
    # Two independent draws differ with probability 1 - (.8² + .1² + .1²) = .34; four deviations of 1000 draws are 60.
    assert moved == pytest.approx(340, abs=60)


def test_an_empty_table_gets_the_columns() -> None:
    rows = assign(full_table({}), alone(full_table({})), salt="1")
    assert rows.column_names[-3:] == ADDED
    assert rows.num_rows == 0


def test_wordings_that_a_judgement_moved_lie_in_the_most_held_out_split_of_what_they_came_from() -> None:
    full = full_table({"Lying": ["Value: Honesty"]})
    [honesty] = full["canonical_id"].to_pylist()
    [own] = canonicals(full)
    by_split = {split: next(f"c{i}" for i in range(999) if split_of(f"c{i}", "1") == split) for split in Split}
    assert split_of(honesty, "1") == "train"  # else nothing would move
    for came_from, due in (((), "train"), ((by_split[Split.VAL],), "val"), (tuple(by_split.values()), "test")):
        rows = assign(full, alone(full), [replace(own, forerunners=came_from)], salt="1")
        assert rows["unseen_considerations"].to_pylist() == [due]
