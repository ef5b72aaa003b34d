import json
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from tests.teacher_server import TeacherServer, replies

ROWS = [
    {
        "situation": "Walking the dog",
        "considerations": [
            {"text": "Care", "explanation": "It is care.", "valence": "Supports"},
            {"text": "Right to fresh air", "explanation": "Dogs need it.", "valence": None},
            {"text": "Duty to clean up", "explanation": "Others walk there.", "valence": "Either"},
        ],
    },
    {"situation": "Walking the dog at night", "considerations": []},
]


@pytest.fixture
def answers(tmp_path: Path) -> Path:
    path = tmp_path / "answers.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    return path


def asked(base_url: str, text: str) -> str:
    body = json.dumps({"model": "m", "messages": [{"role": "user", "content": text}]}).encode()
    request = urllib.request.Request(f"{base_url}/chat/completions", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as reply:
        return str(json.load(reply)["choices"][0]["message"]["content"])


def test_types_are_told_from_the_text_and_missing_valences_are_drawn_once_and_for_all(answers: Path) -> None:
    items = json.loads(replies(answers)["Walking the dog"])["considerations"]
    assert [item["vrd"] for item in items] == ["Value", "Right", "Duty"]
    assert [items[0]["valence"], items[2]["valence"]] == ["Supports", "Either"]
    assert items[1]["valence"] in {"Supports", "Opposes", "Either"}
    assert replies(answers) == replies(answers)


def test_the_longest_situation_in_the_question_is_the_one_that_is_meant(answers: Path) -> None:
    with TeacherServer(replies(answers)) as server:
        asked(server.base_url, "Situation: walking the DOG!")
        asked(server.base_url, "What of this one: Walking the dog at night, in the rain?")
    assert server.delivered == ["Walking the dog", "Walking the dog at night"]


def test_the_script_replays_a_file_to_other_processes_and_logs_what_it_delivered(answers: Path, tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    command = [sys.executable, "-m", "tests.teacher_server", "--answers", str(answers), "--log", str(log)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1]) as server:
        assert server.stdout is not None
        assert asked(server.stdout.readline().strip(), "Walking the dog") == replies(answers)["Walking the dog"]
        while not log.exists() or not log.read_text():  # it is written just after the reply has gone
            time.sleep(0.01)
        server.terminate()
    assert [json.loads(line) for line in log.read_text().splitlines()] == [{"situation": "Walking the dog"}]
