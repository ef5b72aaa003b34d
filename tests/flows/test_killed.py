"""A run that is killed again and again ends as if nobody had touched it, and pays for no answer twice."""

import random
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import TypeAlias

import pytest

from tests.flows import questions
from tests.flows.building import TEXTS
from tests.flows.command_line import Ran, ended, started, valueprism
from tests.flows.jobs import make_job, write_lines
from tests.flows.missing import two_things_missing, write_views
from tests.flows.questions import Question, question
from tests.flows.stored import answered, data_digests, outcomes, row_counts
from tests.teacher_server import TeacherServer
from valueprism_build.ids import situation_id

Moment: TypeAlias = Callable[[], bool]
CONCURRENCY = 8


@dataclass
class Runs:
    """The same command, started again and again in one warehouse."""

    arguments: list[str]
    environment: dict[str, str]
    folder: Path
    warehouse: Path
    server: TeacherServer
    count: int = 0
    asked_twice: list[Question] = field(default_factory=list)

    @contextmanager
    def running(self) -> Iterator[subprocess.Popen[str]]:
        """Start it, and afterwards note what it asked although the journal had the reply before it started."""
        self.count += 1
        held, requests = set(questions.answered(self.warehouse)), len(self.server.received)
        process = started(self.arguments, self.environment, self.err)
        try:
            yield process
        finally:
            process.kill()
            process.communicate()
        asked = [question(request) for request in self.server.received[requests:]]
        self.asked_twice += [one for one in asked if one in held]

    @property
    def err(self) -> Path:
        return self.folder / f"run-{self.count}.txt"

    def kill_at(self, moment: Moment, delay: float) -> None:
        """Start it, and kill it a while after the moment."""
        with self.running() as process:
            while not moment():
                assert process.poll() is None, f"it ended before the moment to kill it: {self.err.read_text()}"
                time.sleep(0.001)
            time.sleep(delay)
            process.send_signal(signal.SIGKILL)
            assert process.wait(10) == -signal.SIGKILL

    def complete(self) -> Ran:
        with self.running() as process:
            return ended(process, self.err)

    def said(self, words: str) -> Moment:
        """Return the moment at which it has said these words."""
        return lambda: self.err.exists() and words in self.err.read_text()

    def requests(self, more: int) -> Moment:
        """Return the moment at which the server has had so many requests more than now."""
        due = len(self.server.received) + more
        return lambda: len(self.server.received) >= due


@pytest.mark.slow
@pytest.mark.parametrize("name", ["written here", "shared/data"])
def test_five_kills_at_random_moments_lose_nothing_and_change_nothing(
    prefect_api: str, tmp_path: Path, name: str
) -> None:
    rng = random.Random(5)
    job = make_job(name, tmp_path)
    with TeacherServer(job.answers, latency=0.05) as server:
        source = ["--situations", str(job.situations), "--licence", "CC0-1.0", "--concurrency", str(CONCURRENCY)]
        command = ["build", *source, "--teacher", "openai", "--base-url", server.base_url, "--json", "--warehouse"]
        # In five chunks, so that a kill can fall on a run that has derived some and not yet asked the rest.
        chunks = {"VALUEPRISM_CHUNK_SIZE": str(len(job.answers) // 5 + 1)}
        prices = {f"VALUEPRISM_TEACHERS__OPENAI__{name}_PRICE": "1000" for name in ("PROMPT", "COMPLETION")}
        environment = {"PREFECT_API_URL": prefect_api, **chunks, **prices}
        warehouse = tmp_path / "killed"
        runs = Runs([*command, str(warehouse)], environment, tmp_path, warehouse, server)

        share = len(job.answers) // 8
        runs.kill_at(runs.said("collecting situations ..."), rng.uniform(0, 0.8))
        runs.kill_at(runs.requests(rng.randint(1, share)), rng.uniform(0, 0.1))
        runs.kill_at(runs.requests(rng.randint(1, share)), rng.uniform(0, 0.1))
        runs.kill_at(runs.said("deriving considerations ..."), rng.uniform(0, 1))
        runs.kill_at(runs.requests(rng.randint(1, share)), rng.uniform(0, 0.1))
        summary = runs.complete().summary

        assert runs.asked_twice == []
        assert set(map(situation_id, server.delivered)) == set(answered(warehouse))
        # A kill costs at most what was under way.
        assert len(server.received) <= len(job.answers) + 5 * CONCURRENCY
        assert outcomes(warehouse) == [None] * 5 + ["done"]  # one that was killed never says how it ended
        assert summary["situations"] == len(job.answers)

        # Every reply is in the account once, those of the killed runs as well, at 0.001 dollars a token.
        spent = valueprism("status", "--warehouse", warehouse, "--json").summary["spent"]["in_all"]
        [row] = spent["rows"]
        assert (row["answered"], row["failed_tries"]) == (len(job.answers), 0)
        assert Decimal(spent["cost"]) == (row["prompt_tokens"] + row["completion_tokens"]) * Decimal("0.001") > 0

        undisturbed = tmp_path / "undisturbed"
        assert valueprism(*command, undisturbed).code == 0
        assert row_counts(warehouse) == row_counts(undisturbed)
    digests = []
    for built in (warehouse, undisturbed):
        releases = built / "releases"
        where = ("--warehouse", built, "--releases", releases)
        assert valueprism("release", "create", "--version", "0.1.0", *where).code == 0
        digests.append(data_digests(releases / "0.1.0"))
    assert digests[0] == digests[1]


@pytest.mark.slow
def test_questions_for_coverage_that_are_killed_between_and_within_their_rounds_are_asked_once(
    prefect_api: str, tmp_path: Path
) -> None:
    write_views()
    source = write_lines(tmp_path / "mine.jsonl", TEXTS)
    with two_things_missing(latency=0.1) as server:
        # One question at a time, in two chunks: each kill falls into another round.
        command = ["build", "--situations", str(source), "--licence", "CC0-1.0", "--concurrency", "1", "--coverage"]
        command += ["--teacher", "openai", "--base-url", server.base_url, "--json", "--warehouse"]
        environment = {"PREFECT_API_URL": prefect_api, "VALUEPRISM_CHUNK_SIZE": "2"}
        warehouse = tmp_path / "killed"
        runs = Runs([*command, str(warehouse)], environment, tmp_path, warehouse, server)
        for more, delay in ((5, 0.15), (3, 0.0), (1, 0.25)):
            runs.kill_at(runs.requests(more), delay)
        summary = runs.complete().summary
        assert runs.asked_twice == []
        # Three first questions, four more about each situation; a kill costs the one that was under way.
        assert len(set(map(question, server.received))) == len(questions.answered(warehouse)) == 3 + 3 * 4
        assert len(server.received) <= 15 + 3
        found = summary["coverage"]["openai"]
        assert found["cached"] + found["answered"] == 12

        undisturbed = tmp_path / "undisturbed"
        assert valueprism(*command, undisturbed).code == 0
        assert row_counts(warehouse) == row_counts(undisturbed)
