"""How fast wordings are brought to canonical considerations, and how that grows; prints JSON.

    python -m benchmarks.canonical [--data ANSWERS.jsonl] [--sizes 5000 20000 22000 100000]

Wordings are recombined: the beginning of one and the end of another of the same type, from `--data` (one object per
line with `considerations`, each with `text`) or from words given here. Two in five are a variant of another one (case,
holder, article, aside), as in ValuePrism, whose 21,553 strings are some 10,000 considerations. In three of ten a word
is one of the 30,000 most frequent English ones, so that the vocabulary grows with the wordings. All are distinct.

Each size runs in a process of its own, from nothing: seconds of the whole update, wall and processor, the part that the
embedding model takes (words only; loading it apart), and the greatest memory, model and libraries included. Growth is
the exponent b of seconds ~ n^b between the smallest and the greatest size, without the model. The baseline, at the
smallest size and in the same run: every wording embedded, each joined to the first label of cosine 0.9 or more.
"""

import argparse
import json
import random
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from math import log
from pathlib import Path
from typing import Final

import numpy as np
from wordfreq import top_n_list

from valueprism_build.canonical.inventory import Inventory, Surface, update
from valueprism_build.embedding import PACKAGED_MODEL, Vectors
from valueprism_build.encoders import encoder_named
from valueprism_build.records import Vrd

SIZES: Final = (5_000, 20_000, 22_000, 100_000)
COSINE: Final = 0.9
VARIANTS: Final = (
    str.upper,
    "Ann's {}".format,
    "the {}".format,
    "{} (here)".format,
    str.title,
    "{}s".format,
)
DEEDS: Final = ("protect", "respect", "promote", "prevent", "help", "support", "provide", "avoid", "honour", "seek")
KINDS: Final = (
    "personal",
    "social",
    "public",
    "mutual",
    "economic",
    "cultural",
    "religious",
    "equal",
    "basic",
    "human",
)
GOODS: Final = (
    *("health", "privacy", "property", "safety", "life", "dignity", "education", "peace", "truth", "trust", "family"),
    *("animals", "nature", "work", "children", "justice", "freedom", "equality", "culture", "the law", "the poor"),
)


class TimedEncoder:
    """The project's encoder, with a watch."""

    def __init__(self) -> None:
        self._encoder = encoder_named(PACKAGED_MODEL)
        self._encoder.encode(["loaded"])
        self.model = self._encoder.model
        self.seconds = 0.0
        self.texts = 0

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return shape (len(texts), d)."""
        started = time.perf_counter()
        vectors = self._encoder.encode(texts)
        self.seconds += time.perf_counter() - started
        self.texts += len(texts)
        return vectors


def main() -> None:
    """Run the benchmark and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="real considerations to recombine")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one is not None:
        print(json.dumps(measured(options.data, options.one, baseline=options.one == min(options.sizes))))
        return
    rows = [in_a_process(options.data, size, options.sizes) for size in options.sizes]
    first, last = rows[0], rows[-1]
    growth = log(last["own_s"] / first["own_s"]) / log(last["wordings"] / first["wordings"]) if len(rows) > 1 else None
    print(json.dumps({"sizes": rows, "growth": growth and round(growth, 2), "made_from": str(options.data)}, indent=2))


def in_a_process(data: Path | None, size: int, sizes: Sequence[int]) -> dict[str, float]:
    """Return the figures of one size."""
    source = ["--data", str(data)] if data else []
    command = [sys.executable, "-m", "benchmarks.canonical", "--one", str(size), *source, "--sizes", *map(str, sizes)]
    ran = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    figures: dict[str, float] = json.loads(ran.stdout)
    return figures


def measured(data: Path | None, size: int, *, baseline: bool) -> dict[str, float]:
    """Cluster so many wordings and return what it took."""
    wordings = made(data, size)
    encoder = TimedEncoder()
    started, cpu = time.perf_counter(), time.process_time()
    inventory = update(Inventory(), [Surface(*wording) for wording in wordings], [], encoder).inventory
    seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    figures = {
        "wordings": len(wordings),
        "considerations": len(inventory.canonicals()),
        "seconds": round(seconds, 2),
        "cpu_s": round(cpu, 2),
        "model_s": round(encoder.seconds, 2),
        "own_s": round(seconds - encoder.seconds, 2),
        "words_embedded": encoder.texts,
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }
    if baseline:
        embedding = encoder.seconds
        started = time.perf_counter()
        labels = leaders([text for _, text in wordings], encoder)
        embedding = encoder.seconds - embedding
        figures |= {
            "baseline_considerations": labels,
            "baseline_s": round(time.perf_counter() - started, 2),
            "baseline_model_s": round(embedding, 2),
        }
        figures["baseline_to_ours"] = round(figures["baseline_s"] / figures["seconds"], 2)
    return figures


def leaders(texts: Sequence[str], encoder: TimedEncoder) -> int:
    """Join each text to the first label that is near enough, and return how many labels there are then."""
    vectors = encoder.encode(texts)
    labels = np.empty_like(vectors)
    count = 0
    for vector in vectors:
        if not count or (labels[:count] @ vector).max() < COSINE:
            labels[count] = vector
            count += 1
    return count


def made(data: Path | None, size: int) -> list[tuple[Vrd, str]]:
    """Return so many distinct wordings, always the same."""
    rng = random.Random(size)
    stock = read(data) if data else written()
    frequent = top_n_list("en", 30_000)
    found: dict[tuple[Vrd, str], None] = {}
    while len(found) < size:
        vrd = rng.choice(list(Vrd))
        words = rng.choice(stock[vrd]).split()
        other = rng.choice(stock[vrd]).split()
        words = words[: rng.randint(1, len(words))] + other[rng.randint(0, len(other) - 1) :]
        if rng.random() < 0.3:
            words[-1] = rng.choice(frequent)
        text = " ".join(words[:9])
        found[vrd, text] = None
        if rng.random() < 0.67:  # of 1.67 wordings 0.67 are variants
            found[vrd, rng.choice(VARIANTS)(text)] = None
    return list(found)[:size]


def read(data: Path) -> dict[Vrd, list[str]]:
    """Return the distinct texts of each type; the type is told from the text."""
    lists = [json.loads(line)["considerations"] for line in data.read_text(encoding="utf-8").splitlines()]
    stock: dict[Vrd, list[str]] = {vrd: [] for vrd in Vrd}
    for text in sorted({item["text"] for items in lists for item in items}):
        lowered = text.lower()
        stock[Vrd.DUTY if "duty" in lowered else Vrd.RIGHT if "right" in lowered else Vrd.VALUE].append(text)
    return stock


def written() -> dict[Vrd, list[str]]:
    """Return wordings of each type, made of the words above."""
    goods = [good.replace("_", " ") for good in GOODS]
    values = [
        *(good.capitalize() for good in goods),
        *(f"{kind} {good}".capitalize() for kind in KINDS for good in goods),
    ]
    return {
        Vrd.VALUE: values,
        Vrd.RIGHT: [f"Right to {value.lower()}" for value in values],
        Vrd.DUTY: [f"Duty to {deed} {value.lower()}" for deed in DEEDS for value in values],
    }


if __name__ == "__main__":
    main()
