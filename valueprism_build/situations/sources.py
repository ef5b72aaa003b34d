"""Where situations come from: a `Source` as the user names it, and the files or datasets behind it."""

import glob
import os
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Final, NamedTuple

from valueprism_build.errors import SourceError

SAMPLE: Final = "sample"
HUB_PREFIX: Final = "hub:"
EXTENSIONS: Final = (".jsonl", ".ndjson", ".csv", ".parquet")


@dataclass(frozen=True, slots=True)
class Source:
    """One source of situations.

    Attributes:
        location: a file, a glob, the folder of a dataset, `hub:owner/name`, or `sample` for the packaged one.
        text_column: the column that holds the situation.
        text_template: columns in braces, such as "{context} {action1}"; when given, `text_column` is not used.
        split: of a dataset; files have none.
        licence: SPDX identifier for rows that have no `licence` (or `license`) column of their own.
        language: ISO 639-1 code for rows that have no `language` column of their own.
        config: of a dataset that has several.
    """

    location: str
    text_column: str = "situation"
    text_template: str | None = None
    split: str = "train"
    licence: str = "unknown"
    language: str = "en"
    config: str | None = None


class Part(NamedTuple):
    """One file or dataset of a source.

    Attributes:
        path: the file, or None for a dataset.
        dataset: folder or Hub name of the dataset, "" for a file.
        name: what its rows carry as their source.
    """

    path: Path | None
    dataset: str
    name: str


def parts(source: Source) -> list[Part]:
    """Return what the location names, files in the order of their paths.

    Raises:
        SourceError: nothing is there, or nothing that we can read.
    """
    location = source.location
    if location == SAMPLE:
        path = Path(str(resources.files("valueprism_build.situations") / "sample.jsonl"))
        return [Part(path, "", SAMPLE)]
    if location.startswith(HUB_PREFIX):
        dataset = location.removeprefix(HUB_PREFIX)
        if not dataset.strip("/ "):
            raise SourceError(f"{location}: no dataset is named; write {HUB_PREFIX}owner/name")
        return [Part(None, dataset, dataset)]
    if Path(location).is_dir():
        return [Part(None, location, _name(Path(location)))]
    return [Part(path, "", _name(path)) for path in _files(location)]


def _files(location: str) -> list[Path]:
    if Path(location).exists():
        found = [Path(location)]
    elif glob.has_magic(location):
        found = sorted(path for path in map(Path, glob.glob(location, recursive=True)) if path.is_file())  # noqa: PTH207 (a pattern may be absolute)
        if not found:
            raise SourceError(f"{location}: no file matches; check the pattern and the folder it starts from")
    else:
        raise SourceError(f"{location}: no such file; check the path, or write {HUB_PREFIX}owner/name for a dataset")
    for path in found:
        if path.suffix.lower() not in EXTENSIONS:
            raise SourceError(f"{path}: unknown extension {path.suffix!r}; readable are {', '.join(EXTENSIONS)}")
    return found


def _name(path: Path) -> str:
    """Return what rows carry as their source: the path below this folder, or its end: the rest is nobody's business.

    Raises:
        SourceError: the name is not UTF-8, so no column can hold it.
    """
    whole, here = path.resolve(), Path.cwd().resolve()
    name = whole.relative_to(here).as_posix() if whole.is_relative_to(here) else "/".join(whole.parts[-2:])
    try:
        name.encode()
    except UnicodeEncodeError:
        shown = os.fsencode(path).decode("utf-8", "backslashreplace")
        raise SourceError(f"{shown}: the file's name is not UTF-8; rename it") from None
    return name
