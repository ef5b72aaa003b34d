"""A report as files: each table as CSV and Parquet, and what is told in words as JSON."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from annotation.report.tables import SCHEMAS, Report
from valueprism_build.errors import BuildError

WORDS: Final = "report.json"


def write_tables(report: Report, folder: Path) -> list[Path]:
    """Write NAME.csv and NAME.parquet of each table, and `report.json`; tables of an earlier report go.

    Args:
        report: the tables and words.
        folder: is made where it is not there.

    Returns:
        what was written.

    Raises:
        BuildError: the folder cannot be made or written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in SCHEMAS.keys() - report.tables.keys():
            for ending in ("csv", "parquet"):
                (folder / f"{name}.{ending}").unlink(missing_ok=True)
        written = [path for name, table in report.tables.items() for path in _written(table, folder, name)]
        words = folder / WORDS
        words.write_text(json.dumps(_words(report), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    except OSError as error:
        raise BuildError(f"cannot write the report to {folder}: {error}; give another --out") from error
    return [*written, words]


def spare(inputs: Iterable[Path], folder: Path) -> None:
    """See to it that a report into the folder replaces none of the files that it is made from.

    Raises:
        BuildError: it would: an input is named as a table of the report is, and is in the same folder.
    """
    written = {(folder / f"{name}.{ending}").resolve() for name in SCHEMAS for ending in ("csv", "parquet")}
    for path in inputs:
        if path.resolve() in written:
            raise BuildError(f"the report would replace {path}, which it is made from; give another --out")


def _written(table: pa.Table, folder: Path, name: str) -> tuple[Path, Path]:
    csv, parquet = folder / f"{name}.csv", folder / f"{name}.parquet"
    pa_csv.write_csv(table, csv)
    pq.write_table(table, parquet)
    return csv, parquet


def _words(report: Report) -> dict[str, object]:
    return {
        "title": report.title,
        "questions": [
            {
                "id": each.id,
                "asked": each.asked,
                "level": str(each.level),
                "answers": list(each.answers),
                "yes": list(each.yes),
                "found": each.found,
            }
            for each in report.questions
        ],
        "settings": dict(report.settings),
        "methods": list(report.methods),
        "cautions": list(report.cautions),
        "tables": {name: table.num_rows for name, table in report.tables.items()},
    }
