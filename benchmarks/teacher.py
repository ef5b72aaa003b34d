"""How fast teachers are asked; prints JSON. One server process with 200 ms latency and replies of about 1.5 KB.

    python -m benchmarks.teacher [--runs 3]

The full path: each request built, hashed, looked up, claimed, sent, accounted, journalled durably, and its reply
parsed to considerations. Baseline, in the same run: the openai client as it comes, asked for the same, its replies kept
in a list and not parsed. It slows down with time at a high concurrency, so it gets several waves of requests, too.
Figures are medians over the runs; rates are to be compared within one run, since the machine is shared.
"""

import argparse
import asyncio
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final, cast

import openai

from valueprism_build import ids
from valueprism_build.considerations.parsing import parse
from valueprism_build.records import Purpose, Situation
from valueprism_build.teachers.asking import ask_all
from valueprism_build.teachers.openai_teacher import OpenAITeacher
from valueprism_build.teachers.prompts import build_ask, example_explanations, reply_schema
from valueprism_build.teachers.tally import AskReport
from valueprism_build.teachers.teacher import Ask, TeacherSettings
from warehouse.journal import AnswerJournal

if TYPE_CHECKING:
    from openai.types.chat import ChatCompletionMessageParam
    from openai.types.shared_params.response_format_json_schema import JSONSchema

LATENCY: Final = 0.2
REPLY_BYTES: Final = 1500
PARSED_AT_ONCE: Final = 1000


def main() -> None:
    """Run the benchmark and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--requests", type=int, default=8000, help="per run of the full path at 256 concurrent")
    parser.add_argument("--cached", type=int, default=100_000)
    parser.add_argument("--queued", type=int, default=200_000)
    options = parser.parse_args()
    with served() as base_url:
        settings = TeacherSettings("replay", base_url, "replay")
        rows = [rates(settings, options.requests) for _ in range(options.runs)]
        figures = {name: round(median(row[name] for row in rows), 3) for name in rows[0]}
        figures |= {name: round(value, 3) for name, value in cached(settings, options.cached).items()}
        figures |= {name: round(value, 1) for name, value in queued(settings, options.queued).items()}
    print(json.dumps(figures | {"runs": options.runs, "load_average": os.getloadavg()[0]}, indent=2))


def rates(settings: TeacherSettings, requests: int) -> dict[str, float]:
    """Return requests per second and processor time of one run of ours and of the baseline, at two concurrencies."""
    figures: dict[str, float] = {}
    for concurrency, ours, theirs in ((256, requests, 1280), (1000, 2 * requests, 3000)):
        rate, cpu_ms = full_path(settings, ours, concurrency)
        baseline, baseline_cpu_ms = plain_client(settings, theirs, concurrency)
        figures |= {
            f"ours_{concurrency}_per_s": rate,
            f"ours_{concurrency}_of_ceiling": rate * LATENCY / concurrency,
            f"ours_{concurrency}_cpu_ms": cpu_ms,
            f"openai_{concurrency}_per_s": baseline,
            f"openai_{concurrency}_cpu_ms": baseline_cpu_ms,
            f"ratio_{concurrency}": rate / baseline,
        }
    return figures


def full_path(settings: TeacherSettings, requests: int, concurrency: int) -> tuple[float, float]:
    """Return requests per second and milliseconds of processor time a request, parsing included."""
    echoes = example_explanations()
    with TemporaryDirectory() as folder, AnswerJournal(Path(folder) / "answers.sqlite") as journal:
        started, cpu = time.perf_counter(), time.process_time()
        report = run(settings, journal, requests, concurrency)
        parsed = 0
        hashes = [row.id for row in situations(requests)]
        for start in range(0, requests, PARSED_AT_ONCE):
            answers = journal.for_situations(hashes[start : start + PARSED_AT_ONCE], tuple(Purpose))
            parsed += sum(len(parse(answer, echoes=echoes).kept) for answer in answers)
        seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    if (report.answered, parsed) != (requests, 6 * requests):
        raise RuntimeError(f"{report.answered} of {requests} answered, {parsed} considerations")
    return requests / seconds, 1000 * cpu / requests


def run(settings: TeacherSettings, journal: AnswerJournal, requests: int, concurrency: int) -> AskReport:
    """Ask so many different questions."""

    async def asked() -> AskReport:
        async with OpenAITeacher(settings, connections=concurrency) as teacher:
            return await ask_all(teacher, asks(requests), journal, concurrency=concurrency)

    return asyncio.run(asked())


def plain_client(settings: TeacherSettings, requests: int, concurrency: int) -> tuple[float, float]:
    """Ask as somebody without this project would: the openai client, a semaphore, a list."""
    schema = reply_schema(settings.max_items)
    form: JSONSchema = {"name": "considerations", "strict": True, "schema": schema}

    async def asked() -> None:
        free = asyncio.Semaphore(concurrency)
        async with openai.AsyncOpenAI(base_url=settings.base_url, api_key="none") as client:

            async def one(question: Ask) -> str | None:
                messages = [{"role": message.role, "content": message.content} for message in question.messages]
                async with free:
                    reply = await client.chat.completions.create(
                        model=settings.model,
                        messages=cast("list[ChatCompletionMessageParam]", messages),
                        temperature=settings.temperature,
                        max_tokens=settings.max_tokens,
                        seed=settings.seed,
                        response_format={"type": "json_schema", "json_schema": form},
                    )
                return reply.choices[0].message.content

            await asyncio.gather(*(one(question) for question in asks(requests)))

    started, cpu = time.perf_counter(), time.process_time()
    asyncio.run(asked())
    return requests / (time.perf_counter() - started), 1000 * (time.process_time() - cpu) / requests


def cached(settings: TeacherSettings, rows: int) -> dict[str, float]:
    """Return what a stored row costs, and what one row more costs."""
    with TemporaryDirectory() as folder, AnswerJournal(Path(folder) / "answers.sqlite") as journal:
        run(settings, journal, rows, 1000)
        started = time.perf_counter()
        again = run(settings, journal, rows, 256)
        all_cached = time.perf_counter() - started
        started = time.perf_counter()
        more = run(settings, journal, rows + 1, 256)
        one_more = time.perf_counter() - started
    if (again.cached, more.cached, more.answered) != (rows, rows, 1):
        raise RuntimeError(f"{again.cached} cached, then {more.cached}; {more.answered} asked")
    return {"cached_row_ms": 1000 * all_cached / rows, f"one_more_than_{rows}_s": one_more}


def queued(settings: TeacherSettings, rows: int) -> dict[str, float]:
    """Return by how much so many queued questions, given as a generator, raise the peak of memory, in MB."""
    with TemporaryDirectory() as folder, AnswerJournal(Path(folder) / "answers.sqlite") as journal:
        run(settings, journal, 1000, 256)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        run(settings, journal, rows, 1000)
        after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {f"queue_of_{rows}_mb": (after - before) / 1024}


def situations(count: int) -> Iterator[Situation]:
    """Yield different situations."""
    for number in range(count):
        text = f"Lending book number {number} to a friend who has lost the last one"
        yield Situation(ids.situation_id(text), text, "benchmark", str(number), "CC0-1.0", "en")


def asks(count: int) -> Iterator[Ask]:
    """Yield different questions."""
    return (build_ask(row, structured=True) for row in situations(count))


@contextmanager
def served() -> Iterator[str]:
    """Serve from a process of its own; yield the base URL."""
    command = [sys.executable, "-m", "benchmarks.latency_server", "--latency", str(LATENCY)]
    command += ["--bytes", str(REPLY_BYTES)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            if server.stdout is None:
                raise RuntimeError("the server has no output")
            yield server.stdout.readline().strip()
        finally:
            server.terminate()


if __name__ == "__main__":
    main()
