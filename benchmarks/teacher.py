"""How fast teachers are asked; prints JSON. One server process with 200 ms latency and replies of about 1.5 KB.

    python -m benchmarks.teacher [--runs 3]

The full path: each request built, hashed, looked up, claimed, sent, accounted, journalled durably, and its reply read
back and parsed to considerations, one after the other as a build does it. Baseline, in the same run: the openai client
as it comes, asked for the same, its replies kept in a list and not parsed. At 1,000 concurrent it gets 8,000 requests,
for it slows down with time: of 3,000 it does a third more a second. The ceiling is concurrency / latency: nobody can be
faster.

Figures are medians over the runs, ratios those of each run. On a machine that others use, too, compare processor time.
"""

import argparse
import asyncio
import json
import os
import resource
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final, NamedTuple, cast

import openai

from benchmarks.measuring import served, timed
from valueprism_build import ids
from valueprism_build.considerations.parsing import parse
from valueprism_build.records import Purpose, Situation
from valueprism_build.teachers.asking import ask_all
from valueprism_build.teachers.openai_teacher import OpenAITeacher
from valueprism_build.teachers.prompts import build_ask, example_explanations, reply_schema
from valueprism_build.teachers.tally import AskReport
from valueprism_build.teachers.teacher import TeacherSettings
from warehouse.journal import AnswerJournal

if TYPE_CHECKING:
    from openai.types.chat import ChatCompletionMessageParam
    from openai.types.shared_params.response_format_json_schema import JSONSchema

LATENCY: Final = 0.2
REPLY_BYTES: Final = 1500
PARSED_AT_ONCE: Final = 1000


class Load(NamedTuple):
    """So many requests under way at once, and how many in all: five seconds' worth or more on two cores."""

    concurrency: int
    ours: int
    theirs: int


LOADS: Final = (Load(256, 8_000, 1_600), Load(1000, 24_000, 8_000))


def main() -> None:
    """Run the benchmark and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--queued", type=int, default=200_000)
    parser.add_argument("--cached", type=int, default=100_000)
    options = parser.parse_args()
    with served("benchmarks.latency_server", "--latency", str(LATENCY), "--bytes", str(REPLY_BYTES)) as base_url:
        settings = TeacherSettings("replay", base_url, "replay")
        figures = stored(settings, options.queued, options.cached)  # first: what raises the peak of memory hides it
        rows = [{load: rates(settings, load) for load in LOADS} for _ in range(options.runs)]
    for load in LOADS:
        middle = {name: median(row[load][name] for row in rows) for name in rows[0][load]}
        figures |= {f"{name}_{load.concurrency}": value for name, value in middle.items()}
    rounded = {name: round(value, 3) for name, value in figures.items()}
    print(json.dumps(rounded | {"runs": options.runs, "load_average": os.getloadavg()[0]}, indent=2))


def rates(settings: TeacherSettings, load: Load) -> dict[str, float]:
    """Return requests per second and milliseconds of processor time a request, ours and the baseline's."""
    rows = list(situations(load.ours))
    ours = timed(lambda: full_path(settings, rows, load.concurrency))
    theirs = timed(lambda: asyncio.run(plain_client(settings, rows[: load.theirs], load.concurrency)))
    answered = len(theirs.result)
    rate, baseline = load.ours / ours.seconds, answered / theirs.seconds
    cpu_ms, baseline_cpu_ms = 1000 * ours.cpu_seconds / load.ours, 1000 * theirs.cpu_seconds / answered
    return {
        "ceiling_per_s": load.concurrency / LATENCY,
        "ours_per_s": rate,
        "ours_of_ceiling": rate * LATENCY / load.concurrency,
        "ours_cpu_ms": cpu_ms,
        "openai_per_s": baseline,
        "openai_cpu_ms": baseline_cpu_ms,
        "openai_failed": load.theirs - answered,
        "ratio": rate / baseline,
        "cpu_ratio": baseline_cpu_ms / cpu_ms,
    }


def full_path(settings: TeacherSettings, rows: Sequence[Situation], concurrency: int) -> None:
    """Ask about each, then read the replies back and parse them."""
    echoes = example_explanations()
    with TemporaryDirectory() as folder, AnswerJournal(Path(folder) / "answers.sqlite") as journal:
        report = run(settings, journal, rows, concurrency)
        parsed = 0
        for start in range(0, len(rows), PARSED_AT_ONCE):
            chunk = [row.id for row in rows[start : start + PARSED_AT_ONCE]]
            parsed += sum(len(parse(one, echoes=echoes).kept) for one in journal.for_situations(chunk, tuple(Purpose)))
    if (report.answered, parsed) != (len(rows), 6 * len(rows)):
        raise RuntimeError(f"{report.answered} of {len(rows)} answered, {parsed} considerations")


def run(settings: TeacherSettings, journal: AnswerJournal, rows: Iterable[Situation], concurrency: int) -> AskReport:
    """Ask what the journal holds no reply for."""

    async def asked() -> AskReport:
        async with OpenAITeacher(settings, connections=concurrency) as teacher:
            asks = (build_ask(row, structured=True) for row in rows)
            return await ask_all(teacher, asks, journal, concurrency=concurrency)

    return asyncio.run(asked())


async def plain_client(settings: TeacherSettings, rows: Sequence[Situation], concurrency: int) -> list[str]:
    """Ask as somebody without this project would: the openai client, a semaphore, a list of what was answered.

    At 1,000 concurrent on a busy machine its connections time out, for all that it tries each request three times.
    """
    schema = reply_schema(settings.max_items)
    form: JSONSchema = {"name": "considerations", "strict": True, "schema": schema}
    free = asyncio.Semaphore(concurrency)
    async with openai.AsyncOpenAI(base_url=settings.base_url, api_key="none") as client:

        async def one(row: Situation) -> str | None:
            question = build_ask(row, structured=True)
            messages = [{"role": message.role, "content": message.content} for message in question.messages]
            async with free:
                try:
                    reply = await client.chat.completions.create(
                        model=settings.model,
                        messages=cast("list[ChatCompletionMessageParam]", messages),
                        temperature=settings.temperature,
                        max_tokens=settings.max_tokens,
                        seed=settings.seed,
                        response_format={"type": "json_schema", "json_schema": form},
                    )
                except openai.APIConnectionError:
                    return None
            return reply.choices[0].message.content

        replies = await asyncio.gather(*(one(row) for row in rows))
    return [reply for reply in replies if reply is not None]


def stored(settings: TeacherSettings, queued: int, cached: int) -> dict[str, float]:
    """Return what a long queue adds to the peak of memory, what a stored row costs, and what one row more costs."""
    with TemporaryDirectory() as folder, AnswerJournal(Path(folder) / "answers.sqlite") as journal:
        run(settings, journal, situations(2000), 1000)
        before = peak_mb()
        run(settings, journal, situations(queued), 1000)
        after = peak_mb()
        rows = list(situations(cached))
        again = timed(lambda: run(settings, journal, rows, 256))
        rows.append(next(situations(1, first=queued)))
        more = timed(lambda: run(settings, journal, rows, 256))
    counts = (again.result.cached, more.result.cached, more.result.answered)
    if counts != (cached, cached, 1):
        raise RuntimeError(f"{counts[0]} cached, then {counts[1]}; {counts[2]} asked")
    return {
        f"queue_of_{queued}_mb": after - before,
        "cached_row_ms": 1000 * again.seconds / cached,
        f"one_more_than_{cached}_s": more.seconds,
        f"one_more_than_{cached}_cpu_s": more.cpu_seconds,
    }


def peak_mb() -> float:
    """Return the most memory that this process has held so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def situations(count: int, first: int = 0) -> Iterator[Situation]:
    """Yield different situations."""
    for number in range(first, first + count):
        text = f"Lending book number {number} to a friend who has lost the last one"
        yield Situation(ids.situation_id(text), text, "benchmark", str(number), "CC0-1.0", "en")


if __name__ == "__main__":
    main()
