from dataclasses import replace

from duckdb import DuckDBPyConnection

from tests.warehouse.rows import answer, consideration, said, situation
from valueprism_build.records import Valence
from warehouse import considerations, situations
from warehouse.candidates import candidates
from warehouse.considerations import Derived


def test_topic_and_disagreement_stand_beside_every_consideration(db: DuckDBPyConnection) -> None:
    place = situation(1)
    everyday = replace(situation(2), flags=())
    situations.add(db, [place, everyday])
    one, other = answer(place, "one"), answer(place, "other")
    alone, agreed, disputed = (consideration(one, number, f"Value {number}") for number in range(3))
    against = replace(consideration(one, 3, "Peace"), conflict_id=alone.id)
    sayings = (
        said(alone),
        said(agreed),
        said(consideration(other, 0), agreed),
        said(disputed),
        said(consideration(other, 1, valence=Valence.EITHER), disputed),
        said(against),
    )
    elsewhere = answer(everyday, "one")
    rows = [
        Derived(place.id, "1", (one, other), (alone, agreed, disputed, against), (), sayings),
        Derived(everyday.id, "1", (elsewhere,), (consideration(elsewhere, 0, "Far"),), ()),
    ]
    considerations.replace(db, "run", rows)
    found = candidates(db)
    beside = {row["text"]: (row["topic"], row["disagreement"]) for row in found.to_pylist()}
    assert beside == {
        "Value 0": ("property", "alone"),
        "Value 1": ("property", "agreed"),
        "Value 2": ("property", "disputed"),
        "Peace": ("property", "disputed"),
        "Far": ("everyday", "alone"),  # no saying is stored of it, so nobody else has said it
    }


def test_an_empty_warehouse_has_no_candidates_and_all_the_columns(db: DuckDBPyConnection) -> None:
    found = candidates(db)
    assert found.num_rows == 0
    assert {"topic", "disagreement", "vrd", "valence"} <= set(found.column_names)
