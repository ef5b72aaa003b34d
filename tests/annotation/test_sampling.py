from collections import Counter

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotation.sampling import Taken, draw
from annotation.settings import Allocation
from valueprism_build.errors import BuildError


def candidates(*counts: tuple[str, int], situation_of: int = 1) -> pa.Table:
    """So many items of each type; `situation_of` items in a row share a situation."""
    rows = [(f"{vrd}{n}", f"{vrd}-s{n // situation_of}", vrd) for vrd, count in counts for n in range(count)]
    return pa.Table.from_pylist(
        [{"consideration_id": i, "situation_id": s, "vrd": v} for i, s, v in rows],
        schema=pa.schema([(name, pa.string()) for name in ("consideration_id", "situation_id", "vrd")]),
    )


def drawn_ids(table: pa.Table, size: int, seed: int = 0, **more: object) -> list[str]:
    sample = draw(table, size, whole_situations=False, by=["vrd"], seed=seed, **more)  # type: ignore[arg-type]
    return [unit.id for unit in sample.units]


def test_strata_are_in_proportion_by_largest_remainders() -> None:
    # 10 of 60 + 30 + 11: quotas 5.94, 2.97, 1.09: 5 + 2 + 1, and the two largest remainders get one more.
    sample = draw(
        candidates(("Value", 60), ("Right", 30), ("Duty", 11)), 10, whole_situations=False, by=["vrd"], seed=0
    )
    assert sample.strata == (Taken(("Duty",), 11, 1, 1), Taken(("Right",), 30, 3, 3), Taken(("Value",), 60, 6, 6))
    assert Counter(unit.id[:5].rstrip("0123456789") for unit in sample.units) == {"Value": 6, "Right": 3, "Duty": 1}


def test_a_stratum_that_has_too_few_is_reported() -> None:
    sample = draw(
        candidates(("Value", 60), ("Duty", 2)),
        10,
        whole_situations=False,
        by=["vrd"],
        allocation=Allocation.EQUAL,
        seed=0,
    )
    assert sample.strata == (Taken(("Duty",), 2, 5, 2), Taken(("Value",), 60, 5, 5))
    assert len(sample.units) == 7


@given(st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 40), min_size=1), st.integers(1, 60))
def test_no_stratum_is_off_its_share_by_one_and_all_add_up(counts: dict[str, int], size: int) -> None:
    sample = draw(candidates(*counts.items()), size, whole_situations=False, by=["vrd"], seed=3)
    assert sum(one.wanted for one in sample.strata) == size
    for one in sample.strata:
        assert abs(one.wanted - size * one.there / sum(counts.values())) < 1
        assert one.taken == min(one.wanted, one.there)


def test_the_order_of_the_table_does_not_matter_and_the_seed_does() -> None:
    table = candidates(("Value", 50), ("Duty", 50))
    backwards = table.take(list(reversed(range(table.num_rows))))
    assert drawn_ids(table, 20) == drawn_ids(backwards, 20)
    assert drawn_ids(table, 20) != drawn_ids(table, 20, seed=1)


def test_a_dataset_that_grows_keeps_most_of_its_sample() -> None:
    before = drawn_ids(candidates(("Value", 200)), 50)
    after = drawn_ids(candidates(("Value", 220)), 50)
    # 20 newcomers of 220 take 50 / 11 = 4.5 places on average; nobody else can.
    assert all(id_ in before or int(id_.removeprefix("Value")) >= 200 for id_ in after)
    assert len(set(before) & set(after)) >= 35


def test_a_larger_sample_holds_the_smaller_one() -> None:
    table = candidates(("Value", 100))
    assert set(drawn_ids(table, 10)) < set(drawn_ids(table, 30))


def test_what_was_asked_is_left_out_and_with_it_its_whole_situation() -> None:
    table = candidates(("Value", 12), situation_of=3)
    sample = draw(table, 9, whole_situations=False, by=["vrd"], asked={"Value0"}, seed=0)
    assert "Value0" not in {unit.id for unit in sample.units}
    assert sample.asked == 1
    whole = draw(table, 4, whole_situations=True, by=["vrd"], asked={"Value0"}, seed=0)
    assert {unit.id for unit in whole.units} == {"Value-s1", "Value-s2", "Value-s3"}
    assert whole.asked == 3


def test_whole_situations_come_with_all_their_items() -> None:
    sample = draw(candidates(("Value", 12), situation_of=3), 2, whole_situations=True, by=["vrd"], seed=0)
    for unit in sample.units:
        start = 3 * int(unit.id.removeprefix("Value-s"))
        assert unit.items == tuple(sorted(f"Value{n}" for n in range(start, start + 3)))
        assert unit.situation_id == unit.id


def test_a_situation_is_what_most_of_its_items_are() -> None:
    table = pa.table(
        {
            "consideration_id": ["1", "2", "3", "4", "5"],
            "situation_id": ["s", "s", "s", "t", "t"],
            "valence": ["Supports", "Opposes", "Supports", "Supports", "Either"],
        }
    )
    sample = draw(table, 2, whole_situations=True, by=["valence"], seed=0)
    assert [one.stratum for one in sample.strata] == [("Either",), ("Supports",)]  # of t, the first of the alphabet


def test_without_columns_there_is_one_stratum() -> None:
    sample = draw(candidates(("Value", 5), ("Duty", 5)), 4, whole_situations=False, by=[], seed=0)
    assert sample.strata == (Taken((), 10, 4, 4),)


def test_what_cannot_be_drawn_is_said() -> None:
    table = candidates(("Value", 2))
    with pytest.raises(BuildError, match="stratified by topic; there are the columns consideration_id, situation_id"):
        draw(table, 1, whole_situations=False, by=["topic"], seed=0)
    with pytest.raises(BuildError, match="a sample of 0 asks nothing"):
        drawn_ids(table, 0)
    with pytest.raises(BuildError, match=r"campaigns have asked about all 2 items.*`valueprism build --situations`"):
        drawn_ids(table, 1, asked={"Value0", "Value1"})
