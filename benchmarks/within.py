"""Deduplication within 31,000 situations, embedding apart, against double loops in the same run; prints JSON.

    python -m benchmarks.within [--data ANSWERS.jsonl] [--situations 31000] [--sample 500] [--runs 5]

Each situation has as many considerations of each type as a real answer has (without `--data`: three values, two rights
and two duties). Half of the texts are its own (without `--data`: drawn), half are drawn from 22,000 wordings made as in
`benchmarks.canonical`, and one in twenty is a variant of the one before it, so that there is something to find.

Ours: `ranking` puts the items in order and numbers their texts, once for both; `rouge` splits, stems, pairs and scores;
`cosine` pairs and scores; `whole` is `deduplicate` with both and with every record that it makes. The vectors are made
beforehand. Baselines, over the first `--sample` situations and taken for all by the number of considerations:

- `released`: as KaleidoSYS does it, two loops over the rows of a pandas frame, each pair of one type scored anew;
- `plain`: the same loops over lists, and a cosine that is numpy's product of two float64 vectors.

Both must drop what ours drops there. All run on one thread; times are the processor's, ours the least of the runs.
"""

import argparse
import json
import random
import resource
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np

from benchmarks.canonical import VARIANTS, made, read, written
from benchmarks.double_loops import FrameRows, ListRows, Rows, dropped_by_cosine, dropped_by_rouge
from benchmarks.measuring import timed
from valueprism_build.considerations.dedup import deduplicate, unprefixed
from valueprism_build.considerations.near_identical import DedupThresholds, cosine_hits, ranking, rouge_hits
from valueprism_build.embedding import PACKAGED_MODEL, Vectors
from valueprism_build.encoders import encoder_named
from valueprism_build.ids import consideration_id
from valueprism_build.records import Consideration, Valence, Vrd

WORDINGS: Final = 22_000
SHAPE: Final = (Vrd.VALUE,) * 3 + (Vrd.RIGHT,) * 2 + (Vrd.DUTY,) * 2
BOTH: Final = DedupThresholds()
ROUGE: Final = DedupThresholds(cosine_value=1.0, cosine_right=1.0, cosine_duty=1.0)
COSINE: Final = DedupThresholds(rouge_f=1.0)

OWN: Final = 0.5  # of the texts
VARIED: Final = 0.1  # where the one before is of the same type, which makes one in twenty

Dropped: TypeAlias = Callable[[DedupThresholds, Sequence[Consideration], Rows], list[int]]
Situations: TypeAlias = Sequence[Sequence[Consideration]]


class KnownEncoder:
    """Hands out the vectors of texts that were embedded before, and knows what that took."""

    def __init__(self, texts: Sequence[str]) -> None:
        encoder = encoder_named(PACKAGED_MODEL)
        self.model = encoder.model
        self.vectors = encoder.encode(texts)
        self._row = {text: row for row, text in enumerate(texts)}
        self._cpu_seconds = 0.0

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return shape (len(texts), d)."""
        found = timed(lambda: self.vectors[[self._row[text] for text in texts]])
        self._cpu_seconds += found.cpu_seconds
        return found.result

    def seconds(self, runs: int, work: Callable[[], object]) -> float:
        """Return the least of the processor's seconds that some work takes, embedding apart."""
        taken = []
        for _ in range(runs):
            self._cpu_seconds = 0.0
            taken.append(timed(work).cpu_seconds - self._cpu_seconds)
        return min(taken)


def main() -> None:
    """Run the benchmark and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="real considerations to make others from")
    parser.add_argument("--situations", type=int, default=31_000)
    parser.add_argument("--sample", type=int, default=500)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    situations = lists(options.data, options.situations)
    sample = situations[: options.sample]
    texts = sorted({item.text for items in situations for item in items})
    encoder = KnownEncoder(texts)
    before = peak_mb()
    ours = our_seconds(situations, encoder, options.runs)
    peak = peak_mb()
    share = sum(map(len, sample)) / sum(map(len, situations))
    loops = {name: seconds / share for name, seconds in loop_seconds(sample, encoder, texts).items()}
    figures = {
        "situations": len(situations),
        "considerations": sum(map(len, situations)),
        "texts": len(texts),
        "dropped": len(deduplicate(situations, encoder, BOTH).rejected),
        "sampled_considerations": sum(map(len, sample)),
        "ours_s": {name: round(seconds, 3) for name, seconds in ours.items()},
        "peak_mb": peak,
        "peak_before_mb": before,
        "loops_s": {name: round(seconds, 1) for name, seconds in loops.items()},
    }
    print(json.dumps(figures | {way: ratios(way, loops, ours) for way in ("released", "plain")}, indent=2))


def ratios(way: str, loops: dict[str, float], ours: dict[str, float]) -> dict[str, int]:
    """Return how many times as long one kind of loop takes as ours."""
    rouge, cosine = loops[f"{way}_rouge"], loops[f"{way}_cosine"]
    return {
        "rouge_to_ours": round(rouge / ours["rouge"]),
        "rouge_to_ours_with_ranking": round(rouge / (ours["rouge"] + ours["ranking"])),
        "cosine_to_ours": round(cosine / ours["cosine"]),
        "both_to_whole": round((rouge + cosine) / ours["whole"]),
    }


def our_seconds(situations: Situations, encoder: KnownEncoder, runs: int) -> dict[str, float]:
    """Return what each stage takes, from records in memory."""
    texts, ranked = ranking(situations)
    return {
        "ranking": encoder.seconds(runs, lambda: ranking(situations)),
        "rouge": encoder.seconds(runs, lambda: list(rouge_hits(ranked, map(unprefixed, texts), BOTH))),
        "cosine": encoder.seconds(runs, lambda: list(cosine_hits(ranked, texts, encoder, BOTH))),
        "whole": encoder.seconds(runs, lambda: deduplicate(situations, encoder, BOTH)),
    }


def loop_seconds(situations: Situations, encoder: KnownEncoder, texts: Sequence[str]) -> dict[str, float]:
    """Return what each double loop takes.

    Raises:
        SystemExit: one of them does not drop what ours drops.
    """
    vectors = dict(zip(texts, encoder.vectors.astype(np.float64), strict=True))
    ways: dict[str, list[Rows]] = {
        "released": [FrameRows(items, vectors) for items in situations],
        "plain": [ListRows(items, vectors) for items in situations],
    }
    seconds = {}
    for way, rows in ways.items():
        for score, dropped, thresholds in (("rouge", dropped_by_rouge, ROUGE), ("cosine", dropped_by_cosine, COSINE)):
            found = timed(partial(all_dropped, dropped, situations, rows))
            rejected = deduplicate(situations, encoder, thresholds).rejected
            theirs = [f"{number}:{place}" for number, places in enumerate(found.result) for place in places]
            if theirs != [row.subject_id for row in rejected]:
                raise SystemExit(f"the {way} loop drops {theirs} by {score}, ours {rejected}")
            seconds[f"{way}_{score}"] = found.cpu_seconds
    return seconds


def all_dropped(dropped: Dropped, situations: Situations, rows: Sequence[Rows]) -> list[list[int]]:
    """Return the places that a loop drops in each situation."""
    return [dropped(BOTH, items, of_items) for items, of_items in zip(situations, rows, strict=True)]


def peak_mb() -> int:
    """Return the greatest memory of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def lists(data: Path | None, count: int) -> list[list[Consideration]]:
    """Return the considerations of so many situations, always the same."""
    rng = random.Random(count)
    answers = real(data) if data else drawn(rng)
    wordings: dict[Vrd, list[str]] = {vrd: [] for vrd in Vrd}
    for vrd, text in made(data, WORDINGS):
        wordings[vrd].append(text)
    situations = []
    for number in range(count):
        texts: list[tuple[Vrd, str]] = []
        for vrd, own in rng.choice(answers):
            text = own if rng.random() < OWN else rng.choice(wordings[vrd])
            if rng.random() < VARIED and texts and texts[-1][0] is vrd:
                text = rng.choice(VARIANTS)(texts[-1][1])
            texts.append((vrd, text))
        situations.append(
            [item(number, place, *texts[place], rng.choice(list(Valence))) for place in range(len(texts))]
        )
    return situations


def item(number: int, place: int, vrd: Vrd, text: str, valence: Valence) -> Consideration:
    """Return a consideration of the situation of that number, whose answer goes by that number as well."""
    situation = str(number)
    identity = consideration_id(situation, vrd, text, valence)
    return Consideration(identity, situation, vrd, text, "", valence, "teacher", situation, place)


def real(data: Path) -> list[list[tuple[Vrd, str]]]:
    """Return the real answers, each text with its type."""
    vrd_of = {text: vrd for vrd, texts in read(data).items() for text in texts}
    answers = [json.loads(line)["considerations"] for line in data.read_text(encoding="utf-8").splitlines()]
    return [[(vrd_of[said["text"]], said["text"]) for said in answer] for answer in answers]


def drawn(rng: random.Random) -> list[list[tuple[Vrd, str]]]:
    """Return 300 answers of the words given in `benchmarks.canonical`."""
    stock = written()
    return [[(vrd, rng.choice(stock[vrd])) for vrd in SHAPE] for _ in range(300)]


if __name__ == "__main__":
    main()
