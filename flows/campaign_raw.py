"""Answers as the server gave them, kept only where somebody asks for it: a file a seat, a line a state of a task."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from annotation.exchange.server import TaskState


def keep(directory: Path, campaign: str, seat: str, states: Sequence[TaskState]) -> None:
    """Add those states that are not in the seat's file yet; killed at any moment, the file is as before or as after.

    Raises:
        OSError: the file cannot be written.
    """
    path = file_of(directory, campaign, seat)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    before = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    lines = dict.fromkeys([*before, *(_line(state) for state in states)])
    new = path.with_suffix(".new")
    new.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    new.replace(path)


def file_of(directory: Path, campaign: str, seat: str) -> Path:
    """Return where a seat's states are kept."""
    return directory / campaign / f"{seat}.jsonl"


def naming(directory: Path, campaign: str, persons: set[int]) -> list[Path]:
    """Return the files in which one of these people has answered, by the server's numbers; sorted."""
    return [path for path in sorted((directory / campaign).glob("*.jsonl")) if persons & _persons(path)]


def _persons(path: Path) -> set[int]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return {each["person"] for line in lines for each in json.loads(line)["annotations"]}


def _line(state: TaskState) -> str:
    return json.dumps(asdict(state), ensure_ascii=False, default=str)
