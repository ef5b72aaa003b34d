import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from flows.deriving import derive
from flows.settings import load
from flows.storage import Storage
from valueprism_build.ids import request_hash, situation_id
from valueprism_build.records import Answer, Purpose, Situation
from warehouse import situations
from warehouse.release_rows import releasable

TEXT = "Lending a ladder"
ID = situation_id(TEXT)


def _reply(teacher: str, hour: int, purpose: Purpose = Purpose.CONSIDERATIONS) -> Answer:
    item = {"vrd": "Value", "text": "Trust", "explanation": f"As {teacher} sees it.", "valence": "Supports"}
    return Answer(
        request_hash=request_hash({"teacher": teacher}),
        situation_id=ID,
        teacher=teacher,
        model="m",
        prompt_version="1",
        params="{}",
        text=json.dumps({"considerations": [item]}),
        finish_reason="stop",
        prompt_tokens=1,
        completion_tokens=1,
        cost=None,
        latency=0.1,
        created_at=datetime(2026, 1, 1, hour, tzinfo=UTC),
        purpose=purpose,
    )


def test_what_a_first_question_brings_later_is_not_what_a_question_for_coverage_brought(tmp_path: Path) -> None:
    settings = load({"warehouse": str(tmp_path)})
    storage = Storage(settings)
    with storage.open() as db:
        situations.add(db, [Situation(ID, TEXT, "s", "1", "CC0-1.0", "en")])
    for reply, points_of_view in (
        (_reply("openai", 1, Purpose.COVERAGE), ["elder"]),
        (_reply("aaa", 2), [None]),
    ):
        with storage.journal() as journal:
            journal.add([replace(reply, subject="elder" if reply.purpose is Purpose.COVERAGE else "")])
        derive(settings, [ID], "run")
        with storage.open(read_only=True) as db:
            assert releasable(db)["point_of_view"].to_pylist() == points_of_view


@pytest.mark.parametrize(
    ("hours", "first"),
    [
        ({"openai": 1, "aaa": 2}, "openai"),
        ({"openai": 2, "aaa": 1}, "aaa"),
        ({"local": 1, "openai": 2}, "openai"),  # the demonstration teacher never stands in for a real one
    ],
)
def test_of_what_several_teachers_say_the_row_is_the_first_ones(
    tmp_path: Path, hours: dict[str, int], first: str
) -> None:
    settings = load({"warehouse": str(tmp_path)})
    storage = Storage(settings)
    with storage.open() as db:
        situations.add(db, [Situation(ID, TEXT, "s", "1", "CC0-1.0", "en")])
    for run, (teacher, hour) in enumerate(hours.items()):
        with storage.journal() as journal:
            journal.add([_reply(teacher, hour)])
        derive(settings, [ID], f"run {run}")
    with storage.open(read_only=True) as db:
        assert releasable(db)["teacher"].to_pylist() == [first]
