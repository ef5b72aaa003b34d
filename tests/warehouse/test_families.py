from dataclasses import replace

import pytest
from duckdb import DuckDBPyConnection

from tests.valueprism_build.hash_encoder import HashEncoder
from tests.warehouse.rows import situation
from valueprism_build import ids
from valueprism_build.records import Situation
from valueprism_build.situations.families import Families, Family, FamilyThresholds, Member, Newcomer, update
from warehouse import families, situations
from warehouse.checks import run_checks

LEAST = FamilyThresholds(similarity=0.5, cosine=0.9)
BREAD, SOUP = "Stealing some bread now", "Cooking a soup of nettles"
BRIDGE = "Stealing some bread now Cooking a soup of nettles"  # shares a little less than half of its letters with each


def told(text: str) -> Situation:
    return replace(situation(1), id=ids.situation_id(text), text=text)


def stored(db: DuckDBPyConnection, least: FamilyThresholds = LEAST, run: str = "run") -> Families:
    before = families.read(db)
    after = update(before.families, families.newcomers(db), HashEncoder(), least)
    assert families.store(db, run, before, after)
    return after


@pytest.fixture
def two(db: DuckDBPyConnection) -> DuckDBPyConnection:
    situations.add(db, [told(BREAD), told(SOUP)])
    stored(db)
    return db


def test_newcomers_are_the_situations_without_a_family_in_order_of_arrival(two: DuckDBPyConnection) -> None:
    assert families.newcomers(two) == []
    situations.add(two, [situation(2), situation(1)])
    assert families.newcomers(two) == [Newcomer(each.id, each.text) for each in (situation(2), situation(1))]


def test_what_is_stored_is_read_back(two: DuckDBPyConnection) -> None:
    situations.add(two, [situation(2), situation(1), situation(3)])
    after = stored(two)
    assert families.read(two).families == after
    names = [ids.situation_id(BREAD), ids.situation_id(SOUP), situation(2).id]
    assert after.families == tuple(map(Family, names))  # "Lending neighbour 1 a ladder" is like that of 2
    assert after.members[-1] == Member(situation(3).id, situation(3).text, situation(2).id)
    assert run_checks(two) == []


def test_a_merger_is_stored_with_its_reason_and_the_run(two: DuckDBPyConnection) -> None:
    situations.add(two, [told(BRIDGE)])
    after = stored(two, FamilyThresholds(similarity=0.4, cosine=0.9), run="bridging")
    assert families.read(two).families == after
    bread, soup, bridge = (ids.situation_id(text) for text in (BREAD, SOUP, BRIDGE))
    [merged] = two.execute("SELECT id, into_id, reason, run_id FROM family WHERE into_id IS NOT NULL").fetchall()
    assert (merged[0], merged[1], merged[3]) == (soup, bread, "bridging")
    assert merged[2].startswith(f"{soup} and {bridge} are alike by letters, 0.4")
    assert run_checks(two) == []


def test_a_situation_that_goes_stays_in_its_family(two: DuckDBPyConnection) -> None:
    before = families.read(two)
    two.execute("DELETE FROM situation")
    situations.add(two, [told(f"{BREAD}!!!"), told("Stealing some bread then")])
    assert families.newcomers(two) == [Newcomer(told("Stealing some bread then").id, "Stealing some bread then")]
    after = stored(two)
    assert after.families == before.families.families
    assert after.homes()[ids.situation_id("Stealing some bread then")] == ids.situation_id(BREAD)


def test_nothing_is_stored_when_somebody_else_was_first(two: DuckDBPyConnection) -> None:
    situations.add(two, [situation(2)])
    before = families.read(two)
    after = update(before.families, families.newcomers(two), HashEncoder(), LEAST)
    stored(two)
    theirs = families.read(two)
    assert not families.store(two, "late", before, after)
    assert families.read(two) == theirs
