"""Seconds per stage of a build and a release, against a server that answers at once; prints JSON.

    python benchmarks/build.py --situations FILE.jsonl --answers FILE.jsonl [--runs 3]

`--answers` has one object per line: situation, considerations (text, explanation, valence or null). The server runs in
a process of its own. Each figure is the median over the runs.

Ours is what is left when the embedding model is taken out: each stage that embeds is run a second time with all
vectors in the warehouse, and the difference is the model's (import and loading included). The asking stage counts as
ours whole, HTTP and all; its baseline is the openai client as it comes, in the same run, at the same concurrency,
with the replies kept in a list.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final, TypeVar, cast

import openai

from flows.asking import ask
from flows.collecting import collect
from flows.deriving import derive
from flows.release import create
from flows.settings import Settings, load
from valueprism_build.situations.reading import read
from valueprism_build.situations.sources import Source
from valueprism_build.teachers.prompts import build_ask
from valueprism_build.teachers.teacher import Ask

if TYPE_CHECKING:
    from openai.types.chat import ChatCompletionMessageParam

T = TypeVar("T")
MODEL: Final = "replay"
WAIVED: Final = frozenset({"licences_known"})


def main() -> None:
    """Run the benchmark and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--situations", type=Path, required=True)
    parser.add_argument("--answers", type=Path, required=True)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--concurrency", type=int, default=32)
    options = parser.parse_args()
    with served(options.answers) as base_url:
        runs = [run(options.situations, base_url, options.concurrency) for _ in range(options.runs)]
    figures = {name: round(median(one[name] for one in runs), 3) for name in runs[0]}
    ours = sum(figures[name] for name in ("collect_s", "ask_s", "derive_s", "release_s"))
    print(
        json.dumps(
            figures
            | {
                "ours_s": round(ours, 3),
                "ours_share": round(ours / (ours + figures["embedding_s"]), 3),
                "ask_to_baseline": round(figures["ask_s"] / figures["openai_client_s"], 2),
                "runs": options.runs,
            },
            indent=2,
        )
    )


def run(situations: Path, base_url: str, concurrency: int) -> dict[str, float]:
    """Return the seconds of each stage of one build in an empty warehouse."""
    with TemporaryDirectory() as folder:
        settings = load(
            {
                "situations": [str(situations)],
                "warehouse": f"{folder}/warehouse",
                "releases": f"{folder}/releases",
                "concurrency": concurrency,
                "teacher": ["replay"],
                "teachers": {"replay": {"base_url": base_url, "model": MODEL}},
            }
        )
        collect_s, collected = timed(lambda: collect(settings, "benchmark"))
        openai_client_s, _ = timed(lambda: asyncio.run(plain_client(settings)))
        ask_s, asked = timed(lambda: ask(settings, settings.chosen[0], collected.ids, "benchmark"))
        cold_derive_s, derived = timed(lambda: derive(settings, collected.ids, "benchmark"))
        # Another threshold makes the same derivation due again.
        again = settings.model_copy(update={"dedup": replace(settings.dedup, rouge_f=settings.dedup.rouge_f - 1e-9)})
        derive_s, _ = timed(lambda: derive(again, collected.ids, "benchmark"))
        cold_release_s, _ = timed(lambda: release(settings, "0.1.0"))
        release_s, _ = timed(lambda: release(settings, "0.2.0"))
        return {
            "situations": asked.answered,
            "considerations": derived.kept,
            "collect_s": collect_s,
            "ask_s": ask_s,
            "openai_client_s": openai_client_s,
            "derive_s": derive_s,
            "release_s": release_s,
            "embedding_s": max(0.0, cold_derive_s - derive_s) + max(0.0, cold_release_s - release_s),
        }


def release(settings: Settings, version: str) -> None:
    """Write one release of all rows."""
    create(settings, version=version, waived=WAIVED, teacher=None, rows=0)


async def plain_client(settings: Settings) -> list[str | None]:
    """Ask the same questions as somebody without this project would: the openai client, a semaphore, a list."""
    source = Source(settings.situations[0])
    asks = [build_ask(row, structured=True) for batch in read(source) for row in batch.kept]
    free = asyncio.Semaphore(settings.concurrency)
    async with openai.AsyncOpenAI(base_url=settings.chosen[0].base_url, api_key="none") as client:

        async def one(question: Ask) -> str | None:
            messages = [{"role": message.role, "content": message.content} for message in question.messages]
            async with free:
                reply = await client.chat.completions.create(
                    model=MODEL, messages=cast("list[ChatCompletionMessageParam]", messages)
                )
            return reply.choices[0].message.content

        return await asyncio.gather(*(one(question) for question in asks))


def timed(work: Callable[[], T]) -> tuple[float, T]:
    """Return the wall seconds of a call, and what it returned."""
    started = time.perf_counter()
    result = work()
    return time.perf_counter() - started, result


@contextmanager
def served(answers: Path) -> Iterator[str]:
    """Replay the answers from a process of its own; yield the base URL."""
    command = [sys.executable, "-m", "tests.teacher_server", "--answers", str(answers)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            if server.stdout is None:
                raise RuntimeError("the server has no output")
            yield server.stdout.readline().strip()
        finally:
            server.terminate()


if __name__ == "__main__":
    main()
