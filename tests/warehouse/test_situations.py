from dataclasses import replace

import pytest
from duckdb import DuckDBPyConnection

from tests.warehouse.rows import situation
from warehouse import situations


def arrivals(db: DuckDBPyConnection) -> list[int]:
    return [number for (number,) in db.execute("SELECT arrival FROM situation ORDER BY arrival").fetchall()]


def test_adding_twice_adds_none(db: DuckDBPyConnection) -> None:
    rows = [situation(number) for number in range(3)]
    assert situations.add(db, rows) == 3
    assert situations.add(db, rows) == 0
    assert list(situations.held(db)) == rows


def test_the_first_of_equal_ids_is_the_one_that_counts(db: DuckDBPyConnection) -> None:
    first = situation(1, source="first")
    again = replace(first, source="second")
    assert situations.add(db, [first, again]) == 1
    assert situations.add(db, [again]) == 0
    assert list(situations.held(db)) == [first]


def test_nothing_adds_nothing(db: DuckDBPyConnection) -> None:
    assert situations.add(db, []) == 0
    assert list(situations.held(db)) == []


def test_arrivals_have_no_gaps_whatever_was_here_already(db: DuckDBPyConnection) -> None:
    situations.add(db, [situation(5), situation(3)])
    situations.add(db, [situation(3), situation(9), situation(5), situation(1)])
    assert [row.source_id for row in situations.held(db)] == ["5", "3", "9", "1"]
    assert arrivals(db) == [1, 2, 3, 4]


@pytest.mark.parametrize("chunk", [1, 7, 3000])
def test_the_order_does_not_depend_on_the_chunks(db: DuckDBPyConnection, chunk: int) -> None:
    rows = [situation(number * 7919 % 3000) for number in range(3000)]  # 7919 is prime, so all are different
    for start in range(0, 3000, chunk) if chunk > 1 else range(200):
        situations.add(db, rows[start : start + chunk])
    held = list(situations.held(db, batch_rows=100))
    assert held == rows[: len(held)]
    assert len(held) == (200 if chunk == 1 else 3000)


def test_the_connection_may_be_used_while_situations_are_read(db: DuckDBPyConnection) -> None:
    situations.add(db, [situation(number) for number in range(5)])
    seen = []
    for row in situations.held(db, batch_rows=1):
        seen.append(row)
        situations.add(db, [situation(100 + len(seen))])
    # The reader sees the warehouse as it was when it began: 5, not the 5 that were added meanwhile.
    assert len(seen) == 5
    assert len(list(situations.held(db))) == 10


def test_reading_by_id_keeps_the_order_of_arrival_and_leaves_strangers_out(db: DuckDBPyConnection) -> None:
    situations.add(db, [situation(2), situation(1), situation(3)])
    assert situations.read(db, [situation(1).id, "unknown", situation(2).id]) == [situation(2), situation(1)]
    assert situations.read(db, []) == []


def test_every_field_comes_back_as_it_went_in(db: DuckDBPyConnection) -> None:
    strange = replace(situation(1), text='Tell\'s "it"; DROP TABLE situation -- \N{SNOWMAN}\n\0', flags=("a", "b,c"))
    plain = replace(situation(2), flags=())
    situations.add(db, [strange, plain])
    assert list(situations.held(db)) == [strange, plain]


def test_a_situation_takes_another_licence_and_language_and_nothing_else(db: DuckDBPyConnection) -> None:
    situations.add(db, [situation(1), situation(2)])
    mended = replace(situation(1), licence="MIT", language="de", text="not this")
    assert situations.relabel(db, [mended, situation(2), situation(3)]) == 1
    assert list(situations.held(db)) == [replace(situation(1), licence="MIT", language="de"), situation(2)]
