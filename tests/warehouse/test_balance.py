from dataclasses import replace

import pytest
from duckdb import DuckDBPyConnection

from tests.warehouse.rows import answer, consideration, derived, said, situation
from valueprism_build.records import Purpose, Valence
from warehouse import considerations, situations
from warehouse.balance import Balance, Contrived, Leaning, read_balance
from warehouse.considerations import Derived

PRO, CON, BOTH = Valence.SUPPORTS, Valence.OPPOSES, Valence.EITHER
TEXT = situation(1).text


def test_an_empty_warehouse_leans_nowhere(db: DuckDBPyConnection) -> None:
    assert read_balance(db) == Balance([], 0, 0, 0, 0, [])


def test_valences_are_counted_as_they_were_said_by_type_teacher_and_place(db: DuckDBPyConnection) -> None:
    situations.add(db, [situation(1)])
    one, other = answer(situation(1), "a"), answer(situation(1), "b")
    first = replace(consideration(one, 0, "Thrift"), relevance=0.875)
    second = replace(consideration(one, 12, "Trust", CON), relevance=0.5)
    repeated = said(consideration(other, 0, "thrift", BOTH), of=first)
    rows = (said(first), said(second), repeated)
    considerations.replace(db, "run", [Derived(situation(1).id, "1", (one, other), (first, second), (), rows)])
    assert read_balance(db).leanings == [
        Leaning("type", "Value", 1, 1, 1, 0.75),  # (.875 + .5 + .875) / 3: the repeated one counts twice
        Leaning("teacher", "a", 1, 1, 0, 0.6875),
        Leaning("teacher", "b", 0, 0, 1, 0.875),
        Leaning("place", "1", 1, 0, 1, 0.875),
        Leaning("place", "12 on", 0, 1, 0, 0.5),  # position 12 is place 13, in the last group
    ]


def test_valences_are_counted_by_the_point_of_view_that_was_asked_from(db: DuckDBPyConnection) -> None:
    situations.add(db, [situation(1)])
    first, later = answer(situation(1)), answer(situation(1), point_of_view="elder")
    kept = (consideration(first, 0, "Thrift"), consideration(later, 0, "Trust", CON))
    rows = (*map(said, kept), said(consideration(later, 1, "thrift", PRO), of=kept[0]))
    considerations.replace(db, "run", [Derived(situation(1).id, "1", (first, later), kept, (), rows)])
    leanings = read_balance(db).leanings
    assert [leaning for leaning in leanings if leaning.by == "point of view"] == [
        Leaning("point of view", "elder", 1, 1, 0, None)
    ]


def test_a_situation_points_one_way_when_nothing_speaks_the_other_way_or_depends(db: DuckDBPyConnection) -> None:
    situations.add(db, [situation(number) for number in range(4)])
    valences = [(PRO, PRO), (PRO, CON), (CON, BOTH), (PRO,)]  # a single consideration says nothing about a lean
    batch = []
    for number, listed in enumerate(valences):
        reply = answer(situation(number))
        kept = tuple(consideration(reply, place, valence=valence) for place, valence in enumerate(listed))
        batch.append(Derived(situation(number).id, "1", (reply,), kept, (), tuple(map(said, kept))))
    considerations.replace(db, "run", batch)
    found = read_balance(db)
    assert (found.situations, found.one_way, found.compared) == (3, 1, 0)


def contested(db: DuckDBPyConnection, *, also_by: str | None = None, relevance: float | None = None) -> None:
    """Two considerations for and one against; the one against is by teacher b, and by `also_by`."""
    situations.add(db, [situation(1)])
    one, other = answer(situation(1), "a"), answer(situation(1), "b")
    kept = (
        consideration(one, 0, "Thrift"),
        consideration(one, 1, "Trust"),
        replace(consideration(other, 0, "Order", CON), relevance=relevance),
    )
    rows = list(map(said, kept))
    if also_by == "a":
        rows.append(said(consideration(one, 2, "order", CON), of=kept[2]))
    considerations.replace(db, "run", [Derived(situation(1).id, "1", (one, other), kept, (), tuple(rows))])


@pytest.mark.parametrize("relevance", [None, 0.49])
def test_opposition_by_one_of_several_teachers_is_flagged(db: DuckDBPyConnection, relevance: float | None) -> None:
    contested(db, relevance=relevance)
    found = read_balance(db)
    assert (found.compared, found.contrived) == (1, 1)
    assert found.examples == [Contrived(TEXT, "Order", "Opposes", "b", relevance)]


def test_opposition_that_two_teachers_give_or_that_is_relevant_is_not_flagged(db: DuckDBPyConnection) -> None:
    contested(db, also_by="a")
    assert read_balance(db).contrived == 0
    contested(db, relevance=0.5)
    assert read_balance(db).contrived == 0


def test_a_teacher_that_only_measured_relevance_has_not_answered(db: DuckDBPyConnection) -> None:
    situations.add(db, [situation(1)])
    one, measuring = answer(situation(1), "a"), replace(answer(situation(1), "b"), purpose=Purpose.RELEVANCE)
    valences = (PRO, PRO, CON)
    kept = tuple(consideration(one, place, valence=valence) for place, valence in enumerate(valences))
    considerations.replace(
        db, "run", [Derived(situation(1).id, "1", (one, measuring), kept, (), tuple(map(said, kept)))]
    )
    assert (read_balance(db).compared, read_balance(db).contrived) == (0, 0)
    assert {leaning.relevance for leaning in read_balance(db).leanings} == {None}


def test_one_teacher_alone_is_never_flagged(db: DuckDBPyConnection) -> None:
    situations.add(db, [situation(1)])
    considerations.replace(db, "run", [derived(situation(1), items=3)])
    db.execute("UPDATE consideration SET valence = 'Opposes' WHERE position = 0")
    assert read_balance(db).contrived == 0
