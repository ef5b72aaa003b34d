"""The file of pairs that goes to a person and comes back judged: a CSV with the columns `COLUMNS`."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from valueprism_build.canonical.borderline import AuditPair
from valueprism_build.canonical.quality import WeightedPair
from valueprism_build.errors import BuildError
from valueprism_build.records import SamePair, Vrd

COLUMNS: Final = ("vrd_one", "one", "vrd_other", "other", "same", "weight")
_SAME: Final = {"yes": True, "no": False}


class JudgedFile(NamedTuple):
    """The judged pairs of a file, and how many rows nobody has judged."""

    pairs: list[WeightedPair]
    blank: int


def write_pairs(path: Path, pairs: Sequence[AuditPair]) -> None:
    """Write pairs to judge; `same` is left blank for yes or no.

    Raises:
        BuildError: the file cannot be written.
    """
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(COLUMNS)
            writer.writerows([pair.vrd, pair.one, pair.vrd, pair.other, "", round(pair.weight, 6)] for pair in pairs)
    except OSError as error:
        raise BuildError(f"cannot write {path} ({error.strerror}); give another file with --out") from error


def read_pairs(path: Path) -> JudgedFile:
    """Read judged pairs; further columns are ignored, a row without a weight stands for itself.

    Raises:
        BuildError: the file cannot be read, a column is absent, or a row holds what it may not; the line names it.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            absent = [name for name in COLUMNS[:5] if name not in (reader.fieldnames or ())]
            if absent:
                raise BuildError(f"{path} has no column {', '.join(absent)}; it needs {', '.join(COLUMNS[:5])}")
            rows = [(reader.line_num, row) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BuildError(f"cannot read {path}: {error}; give the CSV that `canonical audit --out` wrote") from error
    judged = [_pair(f"{path}, line {line}", row) for line, row in rows if (row["same"] or "").strip()]
    return JudgedFile(judged, len(rows) - len(judged))


def _pair(where: str, row: dict[str, str]) -> WeightedPair:
    same = _SAME.get(row["same"].strip().lower())
    if same is None:
        raise BuildError(f"{where}: same is {row['same']!r}; write yes or no, or leave it blank")
    texts = [(row[name] or "").strip() for name in ("one", "other")]
    if not all(texts):
        raise BuildError(f"{where}: a wording is blank; a row is a pair")
    try:
        types = [Vrd((row[name] or "").strip()) for name in ("vrd_one", "vrd_other")]
    except ValueError:
        raise BuildError(f"{where}: type {row['vrd_one']!r} or {row['vrd_other']!r}; write {', '.join(Vrd)}") from None
    try:
        weight = float(row.get("weight") or 1)
    except ValueError:
        weight = -1.0
    if not 0 < weight < float("inf"):
        raise BuildError(f"{where}: weight {row['weight']!r}; write a number above 0, or leave it blank")
    return WeightedPair(SamePair(types[0], texts[0], types[1], texts[1], same), weight)
