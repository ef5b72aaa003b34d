"""Contrasts whose build is killed in every one of its rounds end as if nobody had touched it."""

import json
import signal
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.flows.building import TEXTS
from tests.flows.command_line import ended, started, valueprism
from tests.flows.jobs import write_lines
from tests.flows.stored import data_digests, row_counts
from tests.flows.turning import turning
from warehouse import contrasts
from warehouse.connect import open_warehouse


@pytest.mark.slow
def test_a_kill_in_every_round_loses_nothing_and_asks_nothing_twice(prefect_api: str, tmp_path: Path) -> None:
    source = write_lines(tmp_path / "mine.jsonl", TEXTS)
    environment, err = {"PREFECT_API_URL": prefect_api}, tmp_path / "err.txt"
    killed, undisturbed = tmp_path / "killed", tmp_path / "undisturbed"
    with turning(latency=0.1) as server:
        # One question at a time: three lists, three contrasts, three lists about what they came to.
        command = ["build", "--situations", str(source), "--licence", "CC0-1.0", "--concurrency", "1", "--contrast"]
        command += ["--teacher", "openai", "--base-url", server.base_url, "--json", "--warehouse"]
        for more, delay in ((2, 0.0), (3, 0.15), (2, 0.0), (1, 0.25)):
            due = len(server.received) + more
            process = started([*command, str(killed)], environment, err)
            while len(server.received) < due:
                assert process.poll() is None, f"it ended before the moment to kill it: {err.read_text()}"
                time.sleep(0.001)
            time.sleep(delay)
            process.send_signal(signal.SIGKILL)
            process.communicate()
        assert ended(started([*command, str(killed)], environment, err), err).code == 0
        messages = [json.loads(json.dumps(one.body["messages"]))[-1]["content"] for one in server.received]
        # A kill costs the one question that was under way.
        assert len(set(messages)) == 9
        assert sum(Counter(messages).values()) <= 9 + 4
        assert valueprism(*command, undisturbed).code == 0
        assert row_counts(killed) == row_counts(undisturbed)
    made, digests = [], []
    for built in (killed, undisturbed):
        with open_warehouse(built, read_only=True) as db:
            made.append(contrasts.read(db))
        where = ("--warehouse", built, "--releases", built / "releases", "--waive", "task_counts")
        assert valueprism("release", "create", "--version", "0.1.0", *where).code == 0
        digests.append(data_digests(built / "releases" / "0.1.0"))
    assert made[0] == made[1]
    assert len(made[0]) == 3
    assert digests[0] == digests[1]
