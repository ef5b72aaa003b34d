"""Many requests, some of which go wrong, and several processes at once: every row is answered or set aside, once."""

import os
import random
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.teacher_faults import Fault
from tests.teacher_server import TeacherServer, replies
from tests.valueprism_build.teachers.situations import ask, numbered, reply
from valueprism_build.teachers.asking import ask_all
from valueprism_build.teachers.openai_teacher import OpenAITeacher
from valueprism_build.teachers.teacher import TeacherSettings
from warehouse.journal import AnswerJournal

ROOT = Path(__file__).resolve().parents[3]
WEIGHTS = {
    Fault.BUSY: 6,
    Fault.BUSY_RETRY_AFTER: 6,
    Fault.FAILING: 6,
    Fault.RESET: 6,
    Fault.HALF_BODY: 6,
    Fault.HANG: 1,  # each takes the whole time-out
    Fault.HTML: 6,
    Fault.WRONG_TYPES: 6,
}
FINAL = {Fault.HTML, Fault.WRONG_TYPES}  # the endpoint answered: asking again would be paid for again


@pytest.mark.slow
async def test_twenty_thousand_requests_of_which_five_in_a_hundred_go_wrong_lose_nothing(tmp_path: Path) -> None:
    rng = random.Random(7)
    texts = numbered(20_000)
    drawn = rng.choices(list(WEIGHTS), list(WEIGHTS.values()), k=len(texts))
    faults = {text: [fault] for text, fault in zip(texts, drawn, strict=True) if rng.random() < 0.05}
    # Served by the exact text; what the reply says is not the point here.
    server = TeacherServer(dict.fromkeys(texts, "{}"), faults=faults, retry_after="0.1")
    with server, AnswerJournal(tmp_path / "answers.sqlite") as journal:
        settings = TeacherSettings("replay", server.base_url, "m", attempts=4, timeout=5, wait_initial=0.05)
        async with OpenAITeacher(settings, connections=64) as teacher:
            asks = {teacher.request_hash(question): text for text in texts for question in [ask(text)]}
            report = await ask_all(teacher, map(ask, texts), journal, concurrency=64)
        answered, tries = journal.answered(list(asks)), journal.failed_tries()
    lost = {text for text, (fault,) in faults.items() if fault in FINAL}
    assert {asks[rejected.subject_id] for rejected in report.rejected} == lost
    assert {asks[request_hash] for request_hash in answered} == set(texts) - lost
    assert (report.answered, len(report.rejected)) == (20_000 - len(lost), len(lost))
    # Each fault is one failed try; where the request is tried again it is one request more.
    assert (len(tries), report.failed_tries) == (len(faults), len(faults))
    assert Counter(server.delivered) == Counter(set(texts) - lost)


ASKER = """
import asyncio, sys
from pathlib import Path
from tests.valueprism_build.teachers.situations import ask
from tests.valueprism_build.teachers.test_soak import questions
from valueprism_build.teachers.asking import ask_all
from valueprism_build.teachers.openai_teacher import OpenAITeacher
from valueprism_build.teachers.teacher import TeacherSettings
from warehouse.journal import AnswerJournal

async def main(base_url, folder, lookup):
    settings = TeacherSettings("replay", base_url, "m", timeout=10)
    with AnswerJournal(Path(folder) / "answers.sqlite") as journal:
        async with OpenAITeacher(settings) as teacher:
            report = await ask_all(teacher, map(ask, questions()), journal, concurrency=8, lookup=int(lookup))
            print(report.answered, report.cached, len(report.rejected))

asyncio.run(main(*sys.argv[1:]))
"""


def questions() -> dict[str, str]:
    """Return situation -> reply: the real ones where they lie beside the project, else as many of our own."""
    real = ROOT.parent / "shared" / "data" / "teacher_answers.jsonl"
    return replies(real) if real.exists() else {text: reply(text) for text in numbered(316)}


def asker(server: TeacherServer, folder: Path, lookup: int) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", ASKER, server.base_url, str(folder), str(lookup)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


@pytest.mark.parametrize("lookup", [500, 40], ids=["all claimed by one", "claims in turn"])
def test_two_processes_on_one_journal_pay_for_no_reply_twice(tmp_path: Path, lookup: int) -> None:
    asked = questions()
    with TeacherServer(asked, latency=0.02) as server:
        pair = [asker(server, tmp_path, lookup) for _ in range(2)]
        ended = [list(map(int, process.communicate(timeout=60)[0].split())) for process in pair]
    assert [sum(counts) for counts in ended] == [len(asked)] * 2  # each of them has all replies in the end,
    assert sum(answered for answered, _, _ in ended) == len(asked)  # and each was asked for by one
    assert Counter(server.delivered) == Counter(asked.keys())
    assert len(server.received) == len(asked)


def test_when_one_of_two_is_killed_the_other_finishes_its_share(tmp_path: Path) -> None:
    asked = questions()
    with TeacherServer(asked, latency=0.02) as server:
        killed = asker(server, tmp_path, 40)
        while len(server.received) < 10:
            assert killed.poll() is None
        other = asker(server, tmp_path, 40)
        while len(server.received) < 100:
            assert other.poll() is None
        os.kill(killed.pid, signal.SIGKILL)
        killed.communicate()
        answered, cached, rejected = map(int, other.communicate(timeout=60)[0].split())
    assert (answered + cached, rejected) == (len(asked), 0)
    assert set(server.delivered) == asked.keys()
    assert len(server.received) <= len(asked) + 8 + 8  # what the killed one had under way, and was committing
