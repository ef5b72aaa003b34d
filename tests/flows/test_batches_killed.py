"""A build in batches that is killed at every step: no request is ever in two batches, and none is lost."""

import os
import signal
from pathlib import Path

import pytest

from tests.batch_api import BatchApi
from tests.flows.command_line import ended, started, valueprism
from tests.flows.jobs import make_job
from tests.flows.stored import answered, data_digests, row_counts
from tests.teacher_server import TeacherServer

# "told" is when the reply has left; without it, the process dies with the thing done and the reply never sent.
STEPS = ("upload", "upload told", "create", "create told", "retrieve told", "content", "content told")


@pytest.mark.slow
def test_a_kill_at_every_step_loses_nothing_and_asks_nothing_twice(prefect_api: str, tmp_path: Path) -> None:
    job, api = make_job("written here", tmp_path), BatchApi()
    environment = {
        "PREFECT_API_URL": prefect_api,
        "VALUEPRISM_BATCH__MAX_REQUESTS": "25",
        "VALUEPRISM_BATCH__POLL_SECONDS": "0.05",
    }
    with TeacherServer(job.answers, batch_api=api) as server:
        source = ["--situations", str(job.situations), "--licence", "CC0-1.0"]
        command = ["build", *source, "--teacher", "openai", "--base-url", server.base_url, "--json", "--warehouse"]
        killed, undisturbed = tmp_path / "killed", tmp_path / "undisturbed"
        batch = [*command, str(killed), "--batch"]
        for step in STEPS:
            process = started(batch, environment, tmp_path / "err.txt")

            def kill(reached: str, step: str = step, process_id: int = process.pid) -> None:
                if reached == step:
                    os.kill(process_id, signal.SIGKILL)

            api.replied = kill
            assert process.wait(120) == -signal.SIGKILL, (tmp_path / "err.txt").read_text()
            process.communicate()
        api.replied = lambda _step: None
        err = tmp_path / "err.txt"
        assert ended(started(batch, environment, err), err).code == 0

        assert len(api.asked) == len(set(api.asked)) == len(job.answers)
        assert len(api.batches) == 3  # 62 requests, 25 to a batch
        assert len(answered(killed)) == len(job.answers)
        assert valueprism(*command, undisturbed).code == 0
        assert row_counts(killed) == row_counts(undisturbed)
    digests = []
    for built in (killed, undisturbed):
        where = ("--warehouse", built, "--releases", built / "releases")
        assert valueprism("release", "create", "--version", "0.1.0", *where).code == 0
        digests.append(data_digests(built / "releases" / "0.1.0"))
    assert digests[0] == digests[1]
