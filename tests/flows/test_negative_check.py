"""Candidates for negatives before a teacher: what it finds relevant is not used, and nothing is asked twice."""

import csv
import json
from collections.abc import Iterator, Mapping
from math import log
from pathlib import Path

import pyarrow.compute as pc
import pytest

from tests.flows.building import WAREHOUSE, build
from tests.flows.command_line import Ran, valueprism
from tests.flows.jobs import write_lines
from tests.flows.stored import task_set
from tests.teacher_server import TeacherServer

pytestmark = pytest.mark.usefixtures("prefect_api")

SINGLE = {
    "Watering a neighbour's roses": "Beauty",
    "Skipping the queue at a bakery": "Courage",
    "Teaching chess in a prison": "Friendship",
    "Rowing across a flooded road": "Thrift",
    "Painting a bus shelter at night": "Tradition",
    "Selling honey without a label": "Frugality",
}
ALWAYS_RELEVANT = "Tradition"


def reply(text: str) -> str:
    item = {"vrd": "Value", "text": text, "explanation": "It is at stake.", "valence": "Supports"}
    return json.dumps({"considerations": [item]})


def likely(question: str) -> Mapping[str, float]:
    """Tradition matters everywhere, and nothing else does."""
    yes = 0.9 if f"Value: {ALWAYS_RELEVANT}" in question else 0.02
    return {"Yes": log(yes), "No": log(1 - yes)}


@pytest.fixture(autouse=True)
def server() -> Iterator[TeacherServer]:
    """A warehouse of six situations that name one value each, and a release that takes any as a negative."""
    with TeacherServer({text: reply(value) for text, value in SINGLE.items()}, likely=likely) as started:
        assert build(started, situations=write_lines(Path("six.jsonl"), list(SINGLE))).code == 0
        lines = f'[teachers.judge]\nbase_url = "{started.base_url}"\nmodel = "m"\n'
        lines += "[release]\nnegative_least_related = 1.0\nnegative_least_named = 1\nnegative_cosine = 1.0\n"
        # Rows are exchanged within a split: with this salt all six situations lie in train.
        Path("valueprism.toml").write_text(lines + f'split_salt = "{SALT}"\n')
        yield started


SALT = "0"


def release(version: str, *arguments: object) -> Ran:
    waived = ("--waive", "licences_known")
    where = ("--warehouse", WAREHOUSE, "--json", "--version", version)
    return valueprism("release", "create", *where, *waived, *arguments)


def negatives(version: str) -> list[tuple[str, str]]:
    rows = task_set(Path("releases", version), "relevance")
    no = rows.filter(pc.equal(rows["output"], "No"))
    return list(zip(no["situation"].to_pylist(), no["text"].to_pylist(), strict=True))


def test_what_the_teacher_finds_relevant_is_no_negative_and_is_counted_by_its_rule(server: TeacherServer) -> None:
    assert ALWAYS_RELEVANT in {text for _, text in _made("0.1.0")}
    made = release("0.2.0", "--check-negatives", "judge")
    assert made.code == 0
    assert ALWAYS_RELEVANT not in {text for _, text in negatives("0.2.0")}
    assert negatives("0.2.0")
    told = made.summary["negative_check"]
    assert told["checker"] == "judge (m)"
    assert told["asked"] == len(server.measuring)
    # Whatever was drawn with Tradition was refused, and others of the six were drawn in its place.
    assert 0 < told["relevant"] < told["asked"]
    manifest = json.loads(Path("releases", "0.2.0", "manifest.json").read_text())
    assert manifest["negative_check"] == told
    counts = {reject["rule"]: reject["count"] for reject in manifest["rejects"]}
    assert counts["negative_is_relevant"] == told["relevant"]
    card = Path("releases", "0.2.0", "README.md").read_text()
    assert f"judge (m) was asked about {told['asked']} candidates and found {told['relevant']} relevant" in card


def _made(version: str) -> list[tuple[str, str]]:
    assert release(version).code == 0
    return negatives(version)


def test_the_same_release_again_asks_nothing_and_is_the_same(server: TeacherServer) -> None:
    first = release("0.1.0", "--check-negatives", "judge")
    asked = len(server.measuring)
    again = release("0.1.0", "--check-negatives", "judge")
    assert again.code == 0
    assert (len(server.measuring), again.summary["negative_check"]) == (asked, first.summary["negative_check"])


def test_what_was_asked_about_the_foreign_says_nothing_about_ones_own(server: TeacherServer) -> None:
    assert release("0.1.0", "--check-negatives", "judge").code == 0
    assert build(server, situations=Path("six.jsonl")).summary["relevance"]["asked"] == 0
    assert task_set(Path("releases", "0.1.0"), "full")["relevance"].null_count == len(SINGLE)
    assert release("0.1.0", "--check-negatives", "judge").code == 0


def test_a_teacher_that_answers_nobody_makes_no_release(server: TeacherServer) -> None:
    server.likely = lambda _question: None
    failed = release("0.1.0", "--check-negatives", "judge")
    assert failed.code == 1
    assert "judge" in failed.complaint
    assert not Path("releases", "0.1.0").exists()


def test_the_audit_writes_what_the_check_has_left_and_asks_nothing_again(server: TeacherServer) -> None:
    assert release("0.1.0", "--check-negatives", "judge").code == 0
    asked = len(server.measuring)
    where = ("--warehouse", WAREHOUSE, "--out", "pairs.csv")
    assert valueprism("negatives", "audit", *where, "--check-negatives", "judge").code == 0
    with Path("pairs.csv").open(newline="") as file:
        written = [(row["situation"], row["text"]) for row in csv.DictReader(file)]
    assert sorted(written) == sorted(negatives("0.1.0"))
    assert len(server.measuring) == asked


def test_a_teacher_that_finds_everything_relevant_makes_no_release_without_negatives(server: TeacherServer) -> None:
    settings = Path("valueprism.toml")
    settings.write_text(settings.read_text() + "negative_check_most = 0.0\n")
    made = release("0.1.0", "--check-negatives", "judge")
    assert made.code == 1
    assert "candidates for negatives relevant (above 0), so nothing would be left" in made.err
    assert not Path("releases", "0.1.0").exists()


def test_a_teacher_that_is_not_described_is_refused() -> None:
    assert "'nobody' has no base URL" in release("0.1.0", "--check-negatives", "nobody").complaint
