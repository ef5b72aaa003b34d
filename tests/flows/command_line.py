"""`valueprism` as tests run it: in this process, which is fast, or as a process where a process is the point."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any, Final

from flows.cli import main

ROOT: Final = Path(__file__).resolve().parents[2]
# What a build and a release say while they run; everything else on standard error is a complaint.
PROGRESS: Final = re.compile(
    r"valueprism build: teacher \S+(?:, \S+)*, warehouse .+|starting Prefect \.\.\."
    r"|simulating as campaign \S+: its projects and accounts are deleted in the end"
    r"|(collecting situations|(?:asking|sending to) \S+( for \S+)?|parsing again|deriving considerations"
    r"|canonicalising wordings|gathering wishes|grouping situations|making gold items|dealing pages|simulating people"
    r"|reading (?:votes|answers)|analysing|writing (tables|the page)"
    r"|pushing pages|pulling projects|looking through projects"
    r"|releasing \d+ considerations)( \.\.\.|: \d+.*)"
)


@dataclass(frozen=True, slots=True)
class Ran:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str

    @property
    def complaints(self) -> list[str]:
        """Everything on standard error that is no progress."""
        return [line for line in self.err.splitlines() if not PROGRESS.fullmatch(line)]

    @property
    def complaint(self) -> str:
        """The one line that says what went wrong, without its prefix; nothing but progress may stand beside it."""
        [line] = self.complaints
        assert line.startswith("valueprism: ")
        assert self.err.endswith(f"{line}\n")
        return line.removeprefix("valueprism: ")

    @property
    def summary(self) -> dict[str, Any]:
        """What `--json` printed, the last line."""
        assert self.code == 0, self.err
        read: dict[str, Any] = json.loads(self.out.splitlines()[-1])
        return read


def valueprism(*arguments: object) -> Ran:
    """Run a command in this process."""
    code: object = None
    with redirect_stdout(StringIO()) as out, redirect_stderr(StringIO()) as err:
        try:
            main([str(argument) for argument in arguments])
        except SystemExit as ended:
            code = ended.code
    assert isinstance(code, int)
    return Ran(code, out.getvalue(), err.getvalue())


def started(arguments: list[str], environment: Mapping[str, str], err: Path) -> subprocess.Popen[str]:
    """Start a command as a process of its own process group, its standard error in a file to look into meanwhile."""
    with err.open("w") as file:
        return subprocess.Popen(
            [sys.executable, "-m", "flows", *arguments],
            cwd=err.parent,
            env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
            stdout=subprocess.PIPE,
            stderr=file,
            text=True,
            start_new_session=True,
            # A test run that a shell started in the background ignores Ctrl-C, and so would its children.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )


def ended(process: subprocess.Popen[str], err: Path, seconds: float = 120.0) -> Ran:
    """Wait for a started process."""
    out, _ = process.communicate(timeout=seconds)
    return Ran(process.returncode, out, err.read_text())
