"""The file of what people say is missing, for whoever runs the campaign: a CSV with the columns of `Row`."""

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from valueprism_build.errors import BuildError


class Row(NamedTuple):
    """One wish.

    Attributes:
        wish: as most people put it; of as many, as the founder did.
        people: of the campaign, who voiced it.
        phrasings: different ways to put it.
        groups: `counting.cells` of these people, in words.
        outcome: a `wishes.Outcome`.
        considerations: what says it in the dataset, in words.
        known_as: what the canonical inventory calls it; empty where it knows no such form.
    """

    situation: str
    wish: str
    people: int
    phrasings: int
    groups: str
    outcome: str
    considerations: str
    known_as: str


def write(path: Path, rows: Iterable[Row]) -> None:
    """Write the rows with their head.

    No phrase begins with a mark (`phrases.split`), so none is a formula to a spreadsheet.

    Raises:
        BuildError: the file cannot be written.
    """
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(Row._fields)
            writer.writerows(rows)
    except OSError as error:
        raise BuildError(f"cannot write {path} ({error.strerror}); give another file with --out") from error
