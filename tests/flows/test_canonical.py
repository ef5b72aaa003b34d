"""Canonical ids from a build to a release, and a person's judgements on the way."""

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.flows.building import TEXTS, WAREHOUSE, build
from tests.flows.command_line import valueprism
from tests.flows.jobs import good_reply
from tests.flows.stored import row_counts, task_set
from tests.teacher_server import TeacherServer
from warehouse.connect import open_warehouse

pytestmark = pytest.mark.usefixtures("prefect_api")
WHERE = ("--warehouse", WAREHOUSE, "--json")
RELEASE = ("release", "create", "--version", "0.1.0", "--waive", "licences_known", "--waive", "task_counts", *WHERE)


@pytest.fixture(autouse=True)
def server() -> Iterator[TeacherServer]:
    """A warehouse of three situations with four considerations each, of 12 wordings that are 12 considerations."""
    with TeacherServer({text: good_reply(text, number) for number, text in enumerate(TEXTS)}) as started:
        assert build(started).summary["canonical"]["added"] == len(ids())
        yield started


def ids() -> dict[str, str | None]:
    """Return the canonical id of each wording."""
    with open_warehouse(WAREHOUSE, read_only=True) as db:
        return dict(db.execute("SELECT vrd || ': ' || text, canonical_id FROM consideration").fetchall())


def judged(*rows: tuple[str, str, str]) -> Path:
    """Write judged pairs: "Value: Thrift", "Value: Beauty", "yes"."""
    path = Path("judged.csv")
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["vrd_one", "one", "vrd_other", "other", "same"])
        writer.writerows([*one.split(": "), *other.split(": "), same] for one, other, same in rows)
    return path


def test_a_build_gives_every_row_its_id_and_another_build_changes_none(server: TeacherServer) -> None:
    before = ids()
    assert None not in before.values()
    assert valueprism("canonical", "update", *WHERE).summary["added"] == 0
    assert build(server).summary["canonical"]["added"] == 0
    assert ids() == before


def test_a_release_holds_the_inventory_and_the_ids_wherever_it_holds_keys() -> None:
    assert valueprism(*RELEASE).code == 0
    full = task_set(Path("releases", "0.1.0"), "full")
    inventory = {row["canonical_id"]: row for row in task_set(Path("releases", "0.1.0"), "canonical").to_pylist()}
    for row in full.to_pylist():
        canonical = inventory[row["canonical_id"]]
        assert (canonical["vrd"], row["text"] in canonical["wordings"]) == (row["vrd"], True)
    assert sum(row["considerations"] for row in inventory.values()) == full.num_rows
    given = {row["consideration_id"]: row["canonical_id"] for row in full.to_pylist()}
    for row in task_set(Path("releases", "0.1.0"), "mixture").to_pylist():
        assert row["canonical_id"] == given[row["consideration_id"]]  # in a negative, that of the foreign one


def test_a_release_of_what_an_earlier_version_built_gives_the_ids_first() -> None:
    before = ids()
    with open_warehouse(WAREHOUSE) as db:
        for sql in (
            "UPDATE consideration SET canonical_id = NULL",
            "DELETE FROM canonical_member",
            "DELETE FROM canonical",
        ):
            db.execute(sql)
    assert valueprism(*RELEASE).code == 0
    assert ids() == before


def test_borderline_pairs_go_to_a_person_and_come_back() -> None:
    drawn = valueprism("canonical", "audit", "--out", "pairs.csv", "--pairs", 12, *WHERE).summary
    with Path("pairs.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert drawn == {"path": "pairs.csv", "pairs": len(rows)}
    assert valueprism("canonical", "audit", "--out", "again.csv", "--pairs", 12, *WHERE).code == 0
    assert Path("again.csv").read_bytes() == Path("pairs.csv").read_bytes()  # the same seed

    first, second = sorted(wording for wording in ids() if wording.startswith("Value"))[:2]
    path = judged((first, second, "yes"), (first, "Value: Nobody says this", "no"), (second, first, ""))
    looked = valueprism("canonical", "audit", "--judgements", path, "--dry-run", *WHERE).summary
    assert (looked["inventory"], ids()[first] == ids()[second]) == (None, False)
    found = valueprism("canonical", "audit", "--judgements", path, *WHERE).summary
    # The inventory held them for two, so it missed the only pair that is the same.
    assert (found["precision"], found["recall"]["share"]) == (None, 0.0)
    assert (found["pairs"], found["unknown"], found["blank"]) == (1, 1, 1)
    assert [change["kind"] for change in found["inventory"]["changes"]] == ["merge"]
    assert ids()[first] == ids()[second]
    again = valueprism("canonical", "audit", "--judgements", path, *WHERE).summary
    assert (again["recall"]["share"], again["inventory"]["changes"]) == (1.0, [])


def test_reparsing_keeps_the_ids_and_counts_no_change() -> None:
    before = ids()
    found = valueprism("reparse", *WHERE).summary
    assert (found["added"], found["removed"], found["changed"]) == (0, 0, 0)
    assert ids() == before


def test_judgements_that_contradict_each_other_store_nothing() -> None:
    first, second = sorted(wording for wording in ids() if wording.startswith("Value"))[:2]
    before = row_counts(WAREHOUSE)
    path = judged((first, second, "yes"), (first.upper().replace("VALUE", "Value"), "Value: Else", "yes"))
    assert valueprism("canonical", "audit", "--judgements", path, *WHERE).code == 0
    ran = valueprism("canonical", "audit", "--judgements", judged((second, "Value: Else", "no")), *WHERE)
    assert (ran.code, "contradict one another" in ran.complaint) == (1, True)
    assert row_counts(WAREHOUSE) == before


def test_wrong_usage_and_what_is_not_there_are_said() -> None:
    assert valueprism("canonical", "audit", *WHERE).code == 2
    assert valueprism("canonical", "audit", "--out", "a.csv", "--judgements", "b.csv", *WHERE).code == 2
    missing = valueprism("canonical", "audit", "--judgements", "b.csv", *WHERE)
    assert (missing.code, "cannot read b.csv" in missing.complaint) == (1, True)
    nowhere = valueprism("canonical", "update", "--warehouse", "nowhere")
    assert (nowhere.code, Path("nowhere").exists()) == (1, False)
    with open_warehouse(WAREHOUSE) as db:
        db.execute("DELETE FROM canonical_member")
    empty = valueprism("canonical", "audit", "--out", "a.csv", *WHERE)
    assert "holds no canonical inventory" in empty.complaint
