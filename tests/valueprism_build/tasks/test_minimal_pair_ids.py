from tests.valueprism_build.tasks.full_rows import alone, full_table, grouped
from valueprism_build.tasks.minimal_pair_ids import mark
from valueprism_build.tasks.splits import assign

FULL = full_table(
    {
        "The owner is dead so you keep the purse": ["Value: Life", "Value: Law"],
        "The owner is dead so you donate the purse": ["Value: Law"],
        "The owner is dead so you keep a purse": ["Value: Law"],
        "The owner is dead so you burn the purse": ["Value: Law"],
    }
)


def test_situations_of_a_family_that_differ_in_what_matters_are_marked_in_every_row() -> None:
    keep, _, donate, again, burn = FULL["situation_id"].to_pylist()
    family = assign(FULL, grouped(FULL, dict.fromkeys([keep, donate, again, burn], keep)), salt="1")
    expected = [[donate, burn], [donate, burn], [keep, again, burn], [donate, burn], [keep, donate, again]]
    assert mark(family)["minimal_pair_ids"].to_pylist() == expected
    assert mark(family, most=1)["minimal_pair_ids"].to_pylist() == [ids[:1] for ids in expected]


def test_of_two_families_or_no_rows_nothing_is_marked() -> None:
    assert mark(assign(FULL, alone(FULL), salt="1"))["minimal_pair_ids"].to_pylist() == [[]] * 5
    empty = full_table({})
    assert mark(assign(empty, alone(empty), salt="1"))["minimal_pair_ids"].to_pylist() == []
