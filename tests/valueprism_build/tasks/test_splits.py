from collections import Counter, defaultdict
from collections.abc import Sequence

import pytest

from tests.valueprism_build.tasks.full_rows import alone, full_table, many
from valueprism_build import ids
from valueprism_build.records import Split
from valueprism_build.tasks.splits import assign, split_of


def by_first_word(texts: Sequence[str], similarity: float) -> list[int]:
    first: dict[str, int] = {}
    return [first.setdefault(text.split()[0], i) for i, text in enumerate(texts)]


def test_a_family_is_named_after_its_first_member_and_lies_in_one_split() -> None:
    full = full_table(
        {
            "Stealing bread": ["Value: Life", "Value: Law"],
            "Lying": ["Value: Truth"],
            "Stealing an apple": ["Value: Law"],
        }
    )
    rows = assign(full, by_first_word, similarity=0.5, salt="1")
    bread, lying = ids.situation_id("Stealing bread"), ids.situation_id("Lying")
    assert rows["family_id"].to_pylist() == [bread, bread, lying, bread]
    assert rows["split"].to_pylist() == [split_of(family, "1") for family in (bread, bread, lying, bread)]


def test_no_situation_lies_in_two_splits_whatever_the_order_of_its_rows() -> None:
    full = full_table(many(50))
    shuffled = full.take([row * 7 % full.num_rows for row in range(full.num_rows)])  # 7 and 400 share no factor
    splits = defaultdict(set)
    for rows in (assign(full, alone, similarity=0.5, salt="1"), assign(shuffled, alone, similarity=0.5, salt="1")):
        for situation, split in zip(rows["situation_id"].to_pylist(), rows["split"].to_pylist(), strict=True):
            splits[situation].add(split)
    assert {len(found) for found in splits.values()} == {1}


def test_more_rows_move_nothing() -> None:
    listed = many(30)
    before = assign(full_table(dict(list(listed.items())[:20])), alone, similarity=0.5, salt="1")
    after = assign(full_table(listed), alone, similarity=0.5, salt="1")
    assert after.slice(0, before.num_rows).equals(before)


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
    rows = assign(full_table({}), alone, similarity=0.5, salt="1")
    assert rows.column_names[-2:] == ["family_id", "split"]
    assert rows.num_rows == 0
