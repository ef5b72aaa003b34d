from dataclasses import fields, replace
from decimal import Decimal

import pytest
from duckdb import DuckDBPyConnection

from tests.warehouse.rows import answer, situation
from valueprism_build.records import Answer
from warehouse import answers


def test_adding_twice_adds_none(db: DuckDBPyConnection) -> None:
    rows = [answer(situation(1)), answer(situation(2), cost=None)]
    assert answers.add(db, rows) == 2
    assert answers.add(db, rows) == 0
    assert answers.add(db, []) == 0


def test_every_field_but_the_text_and_the_error_is_kept(db: DuckDBPyConnection) -> None:
    row = answer(situation(1))
    answers.add(db, [row])
    names = [field.name for field in fields(Answer) if field.name not in ("text", "error")]
    [stored] = db.execute(f"SELECT {', '.join(names)} FROM answer").fetchall()
    assert list(stored) == [getattr(row, name) for name in names]


def test_a_request_given_twice_at_once_is_stored_once(db: DuckDBPyConnection) -> None:
    assert answers.add(db, [answer(situation(1)), answer(situation(1))]) == 1


@pytest.mark.parametrize(
    ("cost", "stored"),
    [
        (Decimal("1.5E-7"), Decimal("0.000000150000")),  # one token at 0.15 dollars per million
        (Decimal("0.0000000000004"), Decimal(0)),  # less than half a step of 1e-12
        (Decimal("0.0000000000016"), Decimal("0.000000000002")),
        (Decimal(123456), Decimal(123456)),
    ],
)
def test_costs_are_exact_to_a_millionth_of_a_millionth(db: DuckDBPyConnection, cost: Decimal, stored: Decimal) -> None:
    answers.add(db, [answer(situation(1), cost=cost)])
    assert db.execute("SELECT cost FROM answer").fetchall() == [(stored,)]


def test_a_failed_request_is_no_answer(db: DuckDBPyConnection) -> None:
    failed = replace(answer(situation(1)), error="HTTP 500")
    with pytest.raises(ValueError, match=r"holds an error \(HTTP 500\); give it to rejected.add"):
        answers.add(db, [answer(situation(2)), failed])
    assert db.execute("SELECT count(*) FROM answer").fetchall() == [(0,)]
