"""Seconds per stage of a build and a release, against a server that answers at once; prints JSON.

    python -m benchmarks.build --situations FILE.jsonl --answers FILE.jsonl [--runs 3]

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
from dataclasses import replace
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final, cast

import openai

from benchmarks.measuring import served, timed
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
    with served("tests.teacher_server", "--answers", str(options.answers)) as base_url:
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
        collected = timed(lambda: collect(settings, "benchmark"))
        plain = timed(lambda: asyncio.run(plain_client(settings)))
        asked = timed(lambda: ask(settings, settings.chosen[0], collected.result.ids, "benchmark"))
        derived = timed(lambda: derive(settings, collected.result.ids, "benchmark"))
        # Another threshold makes the same derivation due again.
        again = settings.model_copy(update={"dedup": replace(settings.dedup, rouge_f=settings.dedup.rouge_f - 1e-9)})
        derived_again = timed(lambda: derive(again, collected.result.ids, "benchmark"))
        released = timed(lambda: release(settings, "0.1.0"))
        released_again = timed(lambda: release(settings, "0.2.0"))
        model = [derived.seconds - derived_again.seconds, released.seconds - released_again.seconds]
        return {
            "situations": asked.result.answered,
            "considerations": derived.result.kept,
            "collect_s": collected.seconds,
            "ask_s": asked.seconds,
            "openai_client_s": plain.seconds,
            "derive_s": derived_again.seconds,
            "release_s": released_again.seconds,
            "embedding_s": sum(max(0.0, seconds) for seconds in model),
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


if __name__ == "__main__":
    main()
