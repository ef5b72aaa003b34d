from dataclasses import replace

import pytest
from duckdb import DuckDBPyConnection

from tests.valueprism_build.hash_encoder import HashEncoder
from tests.warehouse.rows import answer, consideration, situation
from valueprism_build.canonical.inventory import Surface, Updated, update
from valueprism_build.records import SamePair, Vrd
from warehouse import canonical, considerations, situations
from warehouse.checks import run_checks
from warehouse.considerations import Derived
from warehouse.release_rows import releasable

TEXTS = ("Thrift", "thrift", "Frugality", "Courage")
APART = SamePair(Vrd.VALUE, "Thrift", Vrd.VALUE, "Frugality", same=False)


@pytest.fixture
def full(db: DuckDBPyConnection) -> DuckDBPyConnection:
    """Two situations; the first has the first two wordings, the second the other two and, once more, the first."""
    situations.add(db, [situation(1), situation(2)])
    considerations.replace(db, "run", [derived(1, TEXTS[0]), derived(2, *TEXTS[1:])])
    return db


def derived(number: int, *texts: str) -> Derived:
    reply = answer(situation(number))
    kept = tuple(consideration(reply, place, text) for place, text in enumerate(texts))
    return Derived(situation(number).id, "1", (reply,), kept, ())


def stored(db: DuckDBPyConnection, *judgements: SamePair) -> Updated:
    before = canonical.read(db)
    after = update(before.inventory, canonical.new_surfaces(db), judgements, HashEncoder())
    assert canonical.store(db, "run", before, after, judgements)
    return after


def ids(db: DuckDBPyConnection) -> dict[str, str | None]:
    return dict(db.execute("SELECT text, canonical_id FROM consideration").fetchall())


def test_new_wordings_are_those_that_the_inventory_lacks_with_how_often_each_is_there(full: DuckDBPyConnection) -> None:
    situations.add(full, [situation(3)])
    considerations.replace(full, "run", [derived(3, "Courage")])
    once = [Surface(Vrd.VALUE, text, 1) for text in ("Frugality", "Thrift", "thrift")]
    assert canonical.new_surfaces(full) == [Surface(Vrd.VALUE, "Courage", 2), *once]
    stored(full)
    assert canonical.new_surfaces(full) == []


def test_what_is_stored_is_read_back_and_every_row_knows_its_id(full: DuckDBPyConnection) -> None:
    after = stored(full)
    found = canonical.read(full)
    assert found.inventory.labels == after.inventory.labels
    assert set(found.inventory.members) == set(after.inventory.members)
    assert found.inventory.concerns == after.inventory.concerns
    given = ids(full)
    assert given["Thrift"] == given["thrift"] == given["Frugality"] != given["Courage"]
    assert None not in given.values()
    assert releasable(full)["canonical_id"].null_count == 0
    assert run_checks(full) == []


def test_rows_that_are_derived_anew_keep_the_ids_of_their_wordings(full: DuckDBPyConnection) -> None:
    stored(full)
    before = ids(full)
    again = derived(2, *TEXTS[1:], "Beauty")
    considerations.replace(full, "run", [replace(again, fingerprint="2")])
    assert ids(full) == {**before, "Beauty": None}


def test_a_judgement_moves_rows_and_is_stored_with_what_it_moved(full: DuckDBPyConnection) -> None:
    stored(full)
    stored(full, APART)
    given = ids(full)
    assert given["Thrift"] == given["thrift"] != given["Frugality"]
    assert canonical.read(full).judgements == [APART]
    moved = full.execute("SELECT kind, text, from_id, to_id, reason, run_id FROM canonical_change").fetchall()
    # All came once, so the first of the alphabet is the label.
    reason = "'thrift' and 'frugality' are judged two"
    from_to = (given["Frugality"], given["Thrift"])
    assert moved == [("split", text, *from_to, reason, "run") for text in ("Thrift", "thrift")]
    stored(full, replace(APART, same=True))  # another judgement takes its place
    assert canonical.read(full).judgements == [replace(APART, same=True)]
    kinds = full.execute("SELECT arrival, kind FROM canonical_change ORDER BY arrival").fetchall()
    assert kinds == [(1, "split"), (2, "split"), (3, "merge"), (4, "merge")]
    assert canonical.read(full).inventory.forerunners == {
        given["Frugality"]: {given["Thrift"]},
        given["Thrift"]: {given["Frugality"]},
    }
    assert run_checks(full) == []


def test_nothing_is_stored_when_somebody_else_was_first(full: DuckDBPyConnection) -> None:
    before = canonical.read(full)
    after = update(before.inventory, canonical.new_surfaces(full), [], HashEncoder())
    stored(full)
    theirs = canonical.read(full)
    assert not canonical.store(full, "run", before, after, [APART])
    assert canonical.read(full) == theirs
