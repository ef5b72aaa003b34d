"""Jobs to run whole: situations and the replies of their teacher. One is written here, one is real."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

import pytest

from tests.flows.command_line import ROOT
from tests.teacher_server import replies

SHARED: Final = ROOT.parent / "shared" / "data"
SAMPLE: Final = ROOT / "valueprism_build" / "situations" / "sample.jsonl"

VALUES = ("Honesty", "Family loyalty", "Thrift", "Public safety", "Friendship", "Tradition", "Beauty", "Courage")
RIGHTS = ("Right to privacy", "Right to education", "Right to property", "Right to medical care", "Right to worship")
DUTIES = ("Duty to feed animals", "Duty to pay taxes", "Duty to keep promises", "Duty to vote", "Duty to recycle")


class Step(NamedTuple):
    """One stage of the funnel as `--json` shows it."""

    stage: str
    came_in: int
    kept: int
    held: int
    rejected: int


@dataclass(frozen=True, slots=True)
class Job:
    """Situations in a file, what the teacher replies, and what must come of it where that is known."""

    situations: Path
    answers: Mapping[str, str]
    funnel: tuple[Step, ...] = ()


def good_reply(situation: str, number: int = 0) -> str:
    """Return a reply of four sound considerations; which ones depends on the number."""
    return _json(_items(situation, number))


def mixed_reply(situation: str, number: int) -> str:
    """Return a reply of four sound considerations, one said twice, and one of a valence that nobody knows."""
    items = _items(situation, number)
    return _json([*items, items[0] | {"text": items[0]["text"].upper()}, items[1] | {"valence": "Perhaps"}])


def write_lines(path: Path, texts: list[str]) -> Path:
    path.write_text("".join(json.dumps({"situation": text}) + "\n" for text in texts), encoding="utf-8")
    return path


def make_job(name: str, folder: Path) -> Job:
    """Return a job whose file of situations may be changed."""
    return _written_job(folder) if name == "written here" else _real_job(folder)


def _written_job(folder: Path) -> Job:
    """60 situations of the packaged sample, a minimal pair, and six rows that are none, in the middle."""
    sample = SAMPLE.read_text(encoding="utf-8").splitlines()[:60]
    pair = ["Driving at 20 mph past a school", "Driving at 50 mph past a school"]
    bad = [
        '{"situation": "Broken',
        json.dumps({"situation": ""}),
        json.dumps({"situation": "Should I tell my sister the truth?"}),
        json.dumps({"situation": "Writing to ann@example.org about the rent"}),
        json.dumps({"situation": "Driving at 20 MPH, past a school!"}),
        json.dumps({"situation": "Driving at 20 mph past the school"}),
    ]
    lines = [*(json.dumps({"situation": text}) for text in pair), *sample[:30], *bad, *sample[30:]]
    path = folder / "written.jsonl"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    texts = [*pair, *(json.loads(line)["situation"] for line in sample)]
    # 2 + 60 + 6 rows; the broken one is not read; five rules take one each. Each of the 62 replies lists six items:
    # the one of unknown valence does not parse, the one that is said twice is taken out.
    funnel = (
        Step("read", 68, 67, 0, 1),
        Step("filter", 67, 62, 0, 5),
        Step("ask", 62, 62, 0, 0),
        Step("parse", 6 * 62, 5 * 62, 0, 62),
        Step("dedup", 5 * 62, 4 * 62, 0, 62),
    )
    return Job(path, {text: mixed_reply(text, number) for number, text in enumerate(texts)}, funnel)


def _real_job(folder: Path) -> Job:
    for needed in (SHARED / "situations.jsonl", SHARED / "teacher_answers.jsonl"):
        if not needed.exists():
            pytest.skip(f"{needed.name} is not beside the project, in shared/data")
    path = folder / "situations.jsonl"
    path.write_bytes((SHARED / "situations.jsonl").read_bytes())
    return Job(path, replies(SHARED / "teacher_answers.jsonl"))


def _items(situation: str, number: int) -> list[dict[str, str]]:
    chosen = [
        ("Value", VALUES[number % 8], "Supports"),
        ("Value", VALUES[(number + 3) % 8], "Opposes"),
        ("Right", RIGHTS[number % 5], "Either"),
        ("Duty", DUTIES[number // 2 % 5], "Opposes"),
    ]
    return [
        {"vrd": vrd, "text": text, "explanation": f"{situation}: that concerns {text.lower()}.", "valence": valence}
        for vrd, text, valence in chosen
    ]


def _json(items: list[dict[str, str]]) -> str:
    return json.dumps({"considerations": items})
