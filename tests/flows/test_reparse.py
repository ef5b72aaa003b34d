"""Parsing the journal again: nothing is asked, and what changed is said."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.flows.building import TEXTS, WAREHOUSE, build
from tests.flows.command_line import valueprism
from tests.flows.jobs import mixed_reply
from tests.flows.stored import outcomes, row_counts
from tests.teacher_server import TeacherServer
from warehouse.connect import open_warehouse
from warehouse.journal import JOURNAL_FILE

pytestmark = pytest.mark.usefixtures("prefect_api")
WHERE = ("--warehouse", WAREHOUSE, "--json")


@pytest.fixture(autouse=True)
def server() -> Iterator[TeacherServer]:
    """A warehouse of three situations; each reply lists four sound items, one said twice, one of unknown valence."""
    with TeacherServer({text: mixed_reply(text, number) for number, text in enumerate(TEXTS)}) as started:
        assert build(started).code == 0
        yield started


def damage(sql: str) -> None:
    """Put the warehouse into a state that another parser might have left."""
    with open_warehouse(WAREHOUSE) as db:
        db.execute(sql)


def test_the_same_parser_changes_nothing_and_asks_nothing(server: TeacherServer) -> None:
    before, requests = row_counts(WAREHOUSE), len(server.received)
    found = valueprism("reparse", *WHERE).summary
    assert (found["replies"], found["added"], found["removed"], found["changed"]) == (3, 0, 0, 0)
    assert {rule["rule"]: (rule["before"], rule["after"]) for rule in found["rules"]} == {
        "exact_duplicate": (3, 3),
        "unknown_valence": (3, 3),
    }
    assert (row_counts(WAREHOUSE), len(server.received)) == (before, requests)
    assert outcomes(WAREHOUSE) == ["done", "done"]
    assert build(server).summary["asked"] == 0


def test_what_another_parser_left_is_replaced_and_each_kind_of_change_is_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("VALUEPRISM_CHUNK_SIZE", "2")
    first = "(SELECT id FROM consideration ORDER BY id LIMIT 1)"
    damage(f"DELETE FROM consideration WHERE id = {first}")  # the present parser finds it: added
    damage(f"UPDATE consideration SET id = 'gone' WHERE id = {first}")  # one removed, and one more added
    damage("UPDATE consideration SET explanation = 'Short.' WHERE position = 2")  # the right of each reply
    damage("UPDATE rejected SET rule = 'some_old_rule' WHERE rule = 'unknown_valence'")
    with open_warehouse(WAREHOUSE, read_only=True) as db:
        [(shortened,)] = db.execute("SELECT count(*) FROM consideration WHERE explanation = 'Short.'").fetchall()
        [(gone,)] = db.execute("SELECT count(*) FROM consideration WHERE id = 'gone' AND position = 2").fetchall()

    looked = valueprism("reparse", "--dry-run", *WHERE).summary
    done = valueprism("reparse", *WHERE).summary

    assert (done["added"], done["removed"], done["changed"]) == (2, 1, shortened - gone)
    assert {**looked, "stored": True} == done
    rules = {rule["rule"]: (rule["before"], rule["after"]) for rule in done["rules"]}
    assert rules["some_old_rule"] == (3, 0)
    assert rules["unknown_valence"] == (0, 3)
    again = valueprism("reparse", *WHERE).summary
    assert (again["added"], again["removed"], again["changed"]) == (0, 0, 0)


def test_a_reply_about_a_situation_that_is_not_here_is_said() -> None:
    damage(f"DELETE FROM situation WHERE text = '{TEXTS[0]}'")
    assert valueprism("reparse", "--dry-run", *WHERE).summary["unclaimed"] == 1


def test_what_the_journal_has_lost_is_said_and_neither_removed_nor_counted_as_removed() -> None:
    before = row_counts(WAREHOUSE)
    (WAREHOUSE / JOURNAL_FILE).unlink()
    ran = valueprism("reparse", *WHERE)
    found = ran.summary
    assert (found["lost"], found["replies"], found["removed"], found["rules"]) == (3, 0, 0, [])
    assert "3 situations stay as they are" in ran.out
    assert row_counts(WAREHOUSE) == {**before, "journal": 0}


def test_without_a_warehouse_it_is_one_line() -> None:
    ran = valueprism("reparse", "--warehouse", "nowhere")
    assert (ran.code, Path("nowhere").exists()) == (1, False)
    assert "holds no warehouse" in ran.complaint
