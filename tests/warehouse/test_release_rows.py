import json
import random
from dataclasses import replace
from pathlib import Path

import pytest
from duckdb import DuckDBPyConnection

from tests.warehouse.rows import answer, consideration, derived, said, situation
from valueprism_build import ids
from valueprism_build.records import Valence
from valueprism_build.tasks.full_table import FULL_SCHEMA
from valueprism_build.teachers.teacher import TeacherSettings
from warehouse import considerations, situations, teachers
from warehouse.checks import run_checks
from warehouse.connect import open_in_memory
from warehouse.considerations import Derived
from warehouse.release_rows import releasable

TEACHER_ANSWERS = Path(__file__).resolve().parents[2] / "../shared/data/teacher_answers.jsonl"


def by_two_teachers(number: int) -> Derived:
    replies = (answer(situation(number), "openai"), answer(situation(number), "local"))
    kept = tuple(consideration(reply, place) for reply in replies for place in (1, 0))
    return Derived(situation(number).id, "1", replies, kept, ())


def test_a_row_carries_its_situation_and_its_provenance(db: DuckDBPyConnection) -> None:
    situations.add(db, [situation(1)])
    kept = replace(
        consideration(answer(situation(1)), 3, "Thrift", Valence.EITHER),
        relevance=0.5,
        conflict_id="other",
        canonical_id="canonical",
    )
    considerations.replace(db, "run", [Derived(situation(1).id, "1", (answer(situation(1)),), (kept,), ())])
    assert releasable(db).to_pylist() == [
        {
            "situation": "Lending neighbour 1 a ladder",
            "vrd": "Value",
            "text": "Thrift",
            "explanation": "It helps.",
            "valence": "Either",
            "situation_id": situation(1).id,
            "consideration_id": kept.id,
            "teacher": "openai",
            "teachers": ["openai"],
            "model": "model-1",
            "prompt_version": "1",
            "point_of_view": None,
            "request_hash": kept.request_hash,
            "consideration_source": "teachers",
            "people": 0,
            "campaigns": [],
            "position": 3,
            "relevance": 0.5,
            "conflict_id": "other",
            "canonical_id": "canonical",
            "output_licence": "unknown",
            "may_train": None,
            "flags": ["property"],
            "source": "mine",
            "source_id": "1",
            "situation_teachers": [],
            "licence": "CC0-1.0",
            "language": "en",
        }
    ]


def test_a_row_names_all_who_said_it_and_the_terms_of_the_one_whose_words_it_has(db: DuckDBPyConnection) -> None:
    situations.add(db, [situation(1)])
    replies = [answer(situation(1), teacher) for teacher in ("vllm", "local", "openai")]
    kept = consideration(replies[0], 0, "Thrift")
    by_all = tuple(said(consideration(reply, 0, "thrift"), of=kept) for reply in replies)
    considerations.replace(db, "run", [Derived(situation(1).id, "1", tuple(replies), (kept,), (), by_all)])
    teachers.register(
        db, TeacherSettings("vllm", "http://a/v1", output_licence="MIT", may_train=False), has_replied=lambda _: False
    )
    [row] = releasable(db).to_pylist()
    assert row["teachers"] == ["local", "openai", "vllm"]
    assert (row["output_licence"], row["may_train"]) == ("MIT", False)
    assert run_checks(db) == []
    models = db.execute("SELECT teacher, model, text FROM said ORDER BY teacher").fetchall()
    assert models == [(name, "model-1", "thrift") for name in ("local", "openai", "vllm")]


def test_a_row_names_the_point_of_view_that_it_was_missing_from_and_comes_after_those_of_the_first_question(
    db: DuckDBPyConnection,
) -> None:
    situations.add(db, [situation(1)])
    replies = [answer(situation(1), point_of_view=name) for name in ("elder", "", "carer")]
    kept = tuple(consideration(reply, 0, f"Text {number}") for number, reply in enumerate(replies))
    considerations.replace(db, "run", [Derived(situation(1).id, "1", tuple(replies), kept, ())])
    rows = [(row["point_of_view"], row["text"]) for row in releasable(db).to_pylist()]
    assert rows == [(None, "Text 1"), ("carer", "Text 2"), ("elder", "Text 0")]


def test_what_was_said_goes_with_what_is_replaced(db: DuckDBPyConnection) -> None:
    situations.add(db, [situation(1)])
    reply = answer(situation(1))
    kept = consideration(reply, 0)
    for rows in ((said(kept),), (said(kept),), ()):
        considerations.replace(db, "run", [Derived(situation(1).id, "1", (reply,), (kept,), (), rows)])
        assert db.execute("SELECT count(*) FROM said").fetchall() == [(len(rows),)]


def test_the_schema_is_the_same_with_and_without_rows(db: DuckDBPyConnection) -> None:
    assert releasable(db).schema == FULL_SCHEMA
    situations.add(db, [situation(1)])
    considerations.replace(db, "run", [derived(situation(1))])
    assert releasable(db).schema == FULL_SCHEMA


def test_rows_are_ordered_by_arrival_then_teacher_then_place(db: DuckDBPyConnection) -> None:
    situations.add(db, [situation(2), situation(1)])
    considerations.replace(db, "run", [by_two_teachers(1), by_two_teachers(2)])
    order = [(row["source_id"], row["teacher"], row["position"]) for row in releasable(db).to_pylist()]
    assert order == [(source_id, who, place) for source_id in "21" for who in ("local", "openai") for place in (0, 1)]


def test_what_one_teacher_said_can_be_released_whoever_has_worded_it(db: DuckDBPyConnection) -> None:
    situations.add(db, [situation(1)])
    one, other = answer(situation(1), "openai"), answer(situation(1), "local")
    both, alone = consideration(one, 0, "Thrift"), consideration(other, 0, "Trust")
    repeat = said(consideration(other, 1, "thrift"), of=both)
    rows = (said(both), said(alone), repeat)
    considerations.replace(db, "run", [Derived(situation(1).id, "1", (one, other), (both, alone), (), rows)])

    def released(teacher: str | None) -> set[tuple[str, str]]:
        found = releasable(db, teacher=teacher)
        return set(zip(found["text"].to_pylist(), found["teacher"].to_pylist(), strict=True))

    assert released("local") == {("Thrift", "openai"), ("Trust", "local")}
    assert released("openai") == {("Thrift", "openai")}
    assert released("nobody") == set()
    assert released(None) == released("local")


@pytest.mark.parametrize("seed", range(3))
def test_the_table_does_not_tell_how_the_content_came(db: DuckDBPyConnection, seed: int) -> None:
    rows = [situation(number) for number in range(60)]
    situations.add(db, rows)
    considerations.replace(db, "run", [by_two_teachers(number) for number in range(60)])
    rng = random.Random(seed)
    with open_in_memory() as other:
        cut = rng.randrange(60)
        situations.add(other, rows[:cut])
        situations.add(other, rows)
        # Derived in another order, in pieces, some of them twice and once with something else.
        considerations.replace(other, "run", [derived(situation(number), items=5) for number in range(0, 60, 3)])
        numbers = [*range(60), *rng.sample(range(60), 20)]
        rng.shuffle(numbers)
        for number in numbers:
            considerations.replace(other, f"run {number}", [by_two_teachers(number)])
        assert releasable(other).equals(releasable(db))


def test_real_answers_come_out_as_they_went_in(db: DuckDBPyConnection) -> None:
    if not TEACHER_ANSWERS.exists():
        pytest.skip(f"{TEACHER_ANSWERS.name} is not beside the project")
    lines = [json.loads(line) for line in TEACHER_ANSWERS.read_text(encoding="utf-8").splitlines()]
    texts = dict.fromkeys(line["situation"] for line in lines)
    rows = [
        replace(situation(row), id=ids.situation_id(text), text=text, source_id=str(row))
        for row, text in enumerate(texts)
    ]
    situations.add(db, rows)
    batch, expected = [], []
    for row, line in zip(rows, lines, strict=True):
        reply = answer(row)
        items = [
            replace(consideration(reply, place, item["text"]), explanation=item["explanation"])
            for place, item in enumerate(line["considerations"])
        ]
        distinct = {item.id: item for item in reversed(items)}
        batch.append(Derived(row.id, "1", (reply,), tuple(distinct.values()), ()))
        expected += [(row.text, item.text, item.explanation) for item in items if distinct[item.id] is item]
    considerations.replace(db, "run", batch)
    columns = [releasable(db).column(name).to_pylist() for name in ("situation", "text", "explanation")]
    assert list(zip(*columns, strict=True)) == expected
    assert run_checks(db) == []


def test_a_consideration_that_lost_its_situation_shows(db: DuckDBPyConnection) -> None:
    considerations.replace(db, "run", [derived(situation(1), items=1)])
    assert releasable(db).column("situation").to_pylist() == [None]
