"""Are the negatives irrelevant? A file of them goes to a person and comes back judged: a CSV with `COLUMNS`."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa

from valueprism_build.canonical.quality import wilson
from valueprism_build.considerations.comparison import Estimate
from valueprism_build.errors import BuildError
from valueprism_build.tasks.negatives import EASY, HARD, Negatives

COLUMNS: Final = ("situation", "vrd", "text", "grade", "relevant", "situation_id", "canonical_id")
_RELEVANT: Final = {"yes": True, "no": False}
ALL: Final = "all"


class ForeignPair(NamedTuple):
    """A situation and the consideration that stands as its negative."""

    situation: str
    vrd: str
    text: str
    grade: str
    situation_id: str
    canonical_id: str


class Judged(NamedTuple):
    """One negative of a grade, and whether a person finds it relevant after all."""

    grade: str
    relevant: bool


class FalseNegatives(NamedTuple):
    """How many judged negatives are relevant, of one grade or of all."""

    grade: str
    judged: int
    relevant: int
    rate: Estimate


def sample(full: pa.Table, drawn: Negatives, *, pairs: int, rng: np.random.Generator) -> list[ForeignPair]:
    """Return negatives drawn at random without replacement, as many as there are at most."""
    chosen = rng.permutation(len(drawn.positives))[:pairs]
    situations = full.select(["situation", "situation_id"]).take(pa.array(drawn.positives[chosen])).to_pylist()
    sources = full.select(["vrd", "text", "canonical_id"]).take(pa.array(drawn.sources[chosen])).to_pylist()
    return [
        ForeignPair(grade=HARD if hard else EASY, **situation, **source)
        for situation, source, hard in zip(situations, sources, drawn.hard[chosen], strict=True)
    ]


def write_pairs(path: Path, pairs: Sequence[ForeignPair]) -> None:
    """Write pairs to judge; `relevant` is left blank for yes or no.

    Raises:
        BuildError: the file cannot be written.
    """
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
            writer.writeheader()
            writer.writerows({"relevant": "", **pair._asdict()} for pair in pairs)
    except OSError as error:
        raise BuildError(f"cannot write {path} ({error.strerror}); give another file with --out") from error


def read_judged(path: Path) -> list[Judged]:
    """Read judged pairs; rows that nobody has judged and further columns are passed over.

    Raises:
        BuildError: the file cannot be read, a column is absent, or a judgement is neither yes nor no; the line names
            it.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            absent = [name for name in ("grade", "relevant") if name not in (reader.fieldnames or ())]
            if absent:
                raise BuildError(f"{path} has no column {', '.join(absent)}; give what `negatives audit --out` wrote")
            rows = [(reader.line_num, row) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BuildError(f"cannot read {path}: {error}; give the CSV that `negatives audit --out` wrote") from error
    return [
        Judged(row["grade"], _relevant(f"{path}, line {line}", row["relevant"]))
        for line, row in rows
        if (row["relevant"] or "").strip()
    ]


def measure(judged: Sequence[Judged]) -> list[FalseNegatives]:
    """Return the rate of false negatives of each grade that was judged, and of all together."""
    grades = [*sorted({each.grade for each in judged}), ALL] if judged else []
    found = []
    for grade in grades:
        some = [each.relevant for each in judged if grade in (ALL, each.grade)]
        found.append(FalseNegatives(grade, len(some), sum(some), wilson(sum(some) / len(some), len(some))))
    return found


def _relevant(where: str, said: str) -> bool:
    relevant = _RELEVANT.get(said.strip().lower())
    if relevant is None:
        raise BuildError(f"{where}: relevant is {said!r}; write yes or no, or leave it blank")
    return relevant
