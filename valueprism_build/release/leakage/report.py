"""The report on leakage and bias that goes into every release: measured on its rows, told in its card."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from valueprism_build.embedding import Encoder
from valueprism_build.records import Split
from valueprism_build.release import parquet
from valueprism_build.release.leakage.label_words import LabelWord, PlaceShares, by_place, label_words
from valueprism_build.release.leakage.neighbours import neighbours
from valueprism_build.release.leakage.trivial import Accuracy, accuracies
from valueprism_build.release.numbers import named, share

NEAREST: Final = "leakage/nearest_train.parquet"
# The columns of a release that say what is held out, and what the card calls them.
HELD_OUT: Final = ("split", "unseen_considerations")
# Cosines of all-MiniLM-L6-v2 at which two situations are near-copies, close, and on one subject.
NEAR: Final = (0.9, 0.8, 0.7)


class Nearness(NamedTuple):
    """How many test situations have a train situation at least so near."""

    cosine: float
    situations: int


class Shared(NamedTuple):
    """How much of a test set train has seen, under one way to split; shares are 0 to 1.

    Attributes:
        split: the column that says what is train and what is test.
        rows: of test.
        texts: share of them whose type and text, but for case, are in train.
        canonical: share of them whose canonical consideration is in train.
    """

    split: str
    rows: int
    texts: float
    canonical: float


class Leakage(NamedTuple):
    """All of it.

    Attributes:
        test_situations: how many there are.
        neighbours: a table of `neighbours.NEIGHBOURS`.
    """

    test_situations: int
    near: list[Nearness]
    shared: list[Shared]
    accuracies: list[Accuracy]
    label_words: list[LabelWord]
    places: list[PlaceShares]
    neighbours: pa.Table


def measure(full: pa.Table, task_sets: Mapping[str, pa.Table], encoder: Encoder, *, seed: int) -> Leakage:
    """Return what can be known about leakage and bias of a release before it is made.

    Args:
        full: with the columns of `HELD_OUT` and canonical_id.
        task_sets: as `task_sets.build` gives them.
        encoder: embeds the situations of train and test.
        seed: of the bootstrap.
    """
    nearest = neighbours(full, encoder)
    by_situation = nearest.group_by(["situation_id"]).aggregate([("cosine", "max")])["cosine_max"]
    tasks = _tasks(full, task_sets)
    near = [Nearness(least, _count(pc.greater_equal(by_situation, least))) for least in NEAR]
    return Leakage(
        len(by_situation),
        near,
        [_shared(full, split) for split in HELD_OUT if split in full.column_names],
        [
            guess
            for split in HELD_OUT
            for task, rows in tasks.items()
            for guess in accuracies(task, rows, seed=seed, split=split)
        ],
        label_words(full),
        by_place(full),
        nearest,
    )


def write(root: Path, leakage: Leakage) -> dict[str, int]:
    """Write the report as JSON and the neighbours as Parquet; return the rows of the table by its path."""
    (root / "leakage").mkdir()
    (root / "leakage" / "report.json").write_text(as_json(leakage), encoding="utf-8")
    parquet.write_file(root / NEAREST, leakage.neighbours)
    return {NEAREST: leakage.neighbours.num_rows}


def as_json(leakage: Leakage) -> str:
    """Return everything but the table of neighbours as indented JSON."""
    content = {
        "test_situations": leakage.test_situations,
        "near": [row._asdict() for row in leakage.near],
        "shared": [row._asdict() for row in leakage.shared],
        "accuracies": [row._asdict() for row in leakage.accuracies],
        "label_words": [row._asdict() for row in leakage.label_words],
        "places": [row._asdict() for row in leakage.places],
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _tasks(full: pa.Table, task_sets: Mapping[str, pa.Table]) -> dict[str, pd.DataFrame]:
    """Return the rows of each task with what a guess may be made from.

    An explanation is a feature of the valence task alone: the others do not come with one. The place of a negative
    is the one that it has in its own situation's list.
    """
    places = full.select(["consideration_id", "position"])
    tasks = {}
    for task in ("generative", "relevance", "valence", "explanation"):
        rows = task_sets[task].select([*HELD_OUT, "situation_id", "consideration_id", "vrd", "text", "output"])
        frame = rows.join(places, "consideration_id").to_pandas()
        frame["label"] = frame["output"]
        frame["text"] = frame["vrd"] + ": " + frame["text"].str.casefold()
        tasks[task] = frame
    # The text of a consideration is what the generative task asks for: it is no feature of it.
    tasks["generative"] = tasks["generative"].drop(columns="text")
    explained = full.select(["consideration_id", "explanation"]).to_pandas()
    tasks["valence"] = tasks["valence"].merge(explained, on="consideration_id")
    return tasks


def _shared(full: pa.Table, split: str) -> Shared:
    train, test = (full.filter(pc.equal(full[split], str(part))) for part in (Split.TRAIN, Split.TEST))
    texts = pc.is_in(named(test), value_set=named(train))
    seen = pc.is_in(test["canonical_id"], value_set=train["canonical_id"].combine_chunks())
    return Shared(split, test.num_rows, share(_count(texts), test.num_rows), share(_count(seen), test.num_rows))


def _count(mask: pa.Array | pa.ChunkedArray) -> int:
    return int(pc.sum(mask).as_py() or 0)
