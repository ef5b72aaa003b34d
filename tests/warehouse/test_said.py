from dataclasses import replace
from datetime import timedelta

from duckdb import DuckDBPyConnection

from tests.warehouse.rows import DAY, answer, consideration, said, situation
from valueprism_build.teachers.teacher import LOCAL
from warehouse import considerations, situations
from warehouse.considerations import Derived
from warehouse.said import brought


def test_who_said_it_first_has_brought_it_whoever_gives_it_its_words(db: DuckDBPyConnection) -> None:
    situations.add(db, [situation(1), situation(2)])
    first, other = answer(situation(1), "a"), answer(situation(1), "b")
    earlier, later = DAY - timedelta(hours=1), DAY + timedelta(hours=1)
    child = replace(answer(situation(1), "a", point_of_view="child"), created_at=earlier)
    elder = replace(answer(situation(1), "a", point_of_view="elder"), created_at=later)
    demo = replace(answer(situation(1), LOCAL), created_at=earlier)
    thrift, play, rest = (consideration(elder, place, text) for place, text in enumerate(("Thrift", "Play", "Rest")))
    rows = (
        *map(said, (thrift, play, rest)),  # the words of all three are those of the last answer
        said(consideration(child, 0, "thrifty"), of=thrift),  # before the first question's, but for coverage
        said(consideration(first, 0, "being thrifty"), of=thrift),
        said(consideration(child, 1, "playing"), of=play),
        said(consideration(demo, 0, "resting"), of=rest),  # the demonstration teacher goes behind all others
    )
    replies = (first, other, child, elder, demo)
    considerations.replace(db, "run", [Derived(situation(1).id, "1", replies, (thrift, play, rest), (), rows)])
    assert brought(db, [situation(1).id]) == {r.request_hash: 1 for r in (first, child, elder)}
    assert brought(db, [situation(2).id]) == brought(db, []) == {}
