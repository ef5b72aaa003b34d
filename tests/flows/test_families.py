"""Families from builds to releases: what was once in test stays there, whatever comes and goes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.flows.building import WAREHOUSE, build, obliging
from tests.flows.command_line import valueprism
from tests.flows.jobs import write_lines
from tests.flows.stored import task_set
from tests.teacher_server import TeacherServer
from valueprism_build import ids
from valueprism_build.records import Split
from valueprism_build.tasks.splits import split_of
from warehouse.connect import open_warehouse

pytestmark = pytest.mark.usefixtures("prefect_api")
SALT = "1"
PLACES = ("kitchen", "harbour", "library", "stable", "garden", "station", "cinema", "forest", "market", "chapel")


def found(text: str, split: Split) -> str:
    """Return the text with the first place that its hash brings to the split."""
    texts = (f"{text} {place}{more}" for more in ("", " today", " again", " at night") for place in PLACES)
    return next(text for text in texts if split_of(ids.situation_id(text), SALT) == split)


# The elder one is in train: by its id alone the merged family would be, too.
ELDER = found("Whispering a secret to a stranger in the", Split.TRAIN)
YOUNGER = found("Feeding wild pigeons behind the", Split.TEST)
BRIDGE = f"{ELDER} and {YOUNGER[0].lower()}{YOUNGER[1:]}"


@pytest.fixture
def server() -> Iterator[TeacherServer]:
    # The bridge is half the one and half the other.
    Path("valueprism.toml").write_text("[release]\nfamily_similarity = 0.4\n")
    with obliging() as started:
        yield started


def built(server: TeacherServer, *texts: str) -> dict[str, int]:
    ran = build(server, "--licence", "CC0-1.0", situations=write_lines(Path("mine.jsonl"), list(texts)))
    assert ran.code == 0
    families: dict[str, int] = ran.summary["families"]
    return families


def released(version: str) -> dict[str, Split]:
    """Release, and return the split of each situation."""
    waived = ("--waive", "task_counts", "--waive", "teacher_grade")
    ran = valueprism("release", "create", "--version", version, *waived, "--warehouse", WAREHOUSE, "--json")
    assert ran.code == 0, ran.complaint
    rows = task_set(Path("releases", version), "full").to_pylist()
    return {row["situation"]: Split(row["split"]) for row in rows}


def test_what_was_in_test_stays_there_when_a_bridge_comes_and_goes(server: TeacherServer) -> None:
    assert built(server, ELDER, YOUNGER) == {"situations": 2, "families": 2, "added": 2, "merged": 0}
    assert released("0.1.0") == {ELDER: Split.TRAIN, YOUNGER: Split.TEST}
    assert built(server, BRIDGE) == {"situations": 3, "families": 1, "added": 1, "merged": 1}
    assert released("0.2.0") == dict.fromkeys([ELDER, YOUNGER, BRIDGE], Split.TEST)
    with open_warehouse(WAREHOUSE) as db:
        for table, column in (("situation", "id"), ("consideration", "situation_id"), ("answer", "situation_id")):
            db.execute(f"DELETE FROM {table} WHERE {column} = ?", [ids.situation_id(BRIDGE)])
        db.execute("DELETE FROM derived WHERE situation_id = ?", [ids.situation_id(BRIDGE)])
        db.execute("DELETE FROM said WHERE situation_id = ?", [ids.situation_id(BRIDGE)])
    assert released("0.3.0") == dict.fromkeys([ELDER, YOUNGER], Split.TEST)


def test_a_release_of_what_an_earlier_version_built_makes_the_families_first(server: TeacherServer) -> None:
    built(server, ELDER, YOUNGER)
    with open_warehouse(WAREHOUSE) as db:
        db.execute("DELETE FROM family_member")
        db.execute("DELETE FROM family")
    assert released("0.1.0") == {ELDER: Split.TRAIN, YOUNGER: Split.TEST}


def test_paraphrases_are_one_family_and_minimal_pairs_are_marked(server: TeacherServer) -> None:
    paraphrases = ("Putting a killer in jail", "Jailing a killer")  # cosine 0.89, and few letters in common
    pair = ("The owner of the purse is dead so you keep it", "The owner of the purse is dead so you donate it")
    built(server, *paraphrases, *pair)
    assert released("0.1.0").keys() == {*paraphrases, *pair}
    rows = task_set(Path("releases", "0.1.0"), "full").to_pylist()
    family = {row["situation"]: row["family_id"] for row in rows}
    assert family[paraphrases[0]] == family[paraphrases[1]] != family[pair[0]] == family[pair[1]]
    marked = {row["situation"]: row["minimal_pair_ids"] for row in rows}
    assert [marked[text] for text in pair] == [[ids.situation_id(text)] for text in reversed(pair)]
