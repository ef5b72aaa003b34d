import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.valueprism_build.teachers.situations import ask
from valueprism_build.ids import fold
from valueprism_build.records import Purpose, Valence
from valueprism_build.teachers.asking import ask_all
from valueprism_build.teachers.local_server import local_teacher
from valueprism_build.teachers.openai_teacher import OpenAITeacher
from valueprism_build.teachers.prompts import example_explanations
from warehouse.journal import AnswerJournal

SITUATIONS = ["Sharing your umbrella with a stranger", "Lying to a friend about a failed exam"]


@pytest.mark.slow
async def test_a_real_model_answers_two_situations_over_http(tmp_path: Path) -> None:
    asks = [ask(text) for text in SITUATIONS]
    with local_teacher() as settings, AnswerJournal(tmp_path / "answers.sqlite") as journal:
        async with OpenAITeacher(settings) as teacher:
            report = await ask_all(teacher, asks, journal)
        answers = journal.for_situations([a.situation_id for a in asks], tuple(Purpose))
    assert (report.answered, report.rejected) == (2, [])
    for answer in answers:
        assert (answer.teacher, answer.finish_reason) == ("local", "stop")
        items = json.loads(answer.text)["considerations"]
        assert [item["vrd"] for item in items] == ["Value", "Value", "Right", "Duty", "Duty"]  # the slots
        assert len({item["text"] for item in items}) == 5
        for item in items:
            assert item["valence"] in set(Valence)
            assert item["explanation"].endswith(".")
            assert fold(item["explanation"]) not in example_explanations()


@pytest.mark.slow
def test_the_server_is_quiet_and_the_process_ends_at_once() -> None:
    code = (
        "from valueprism_build.teachers.local_server import local_teacher\nwith local_teacher() as s: print(s.base_url)"
    )
    root = Path(__file__).resolve().parents[3]
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("http://127.0.0.1:")
