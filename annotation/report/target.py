"""The population that the people should speak for, as a table the user gives: one row a category, and its share."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from annotation.votes.scales import number
from annotation.votes.text_table import TextTable, read_text_table
from valueprism_build.errors import SourceError

COLUMNS: Final = ("demographic", "category", "share")
ROUNDING: Final = 0.01
"""Shares of one demographic may add up to this much more or less than 1; they are scaled to 1."""


def read_target(path: Path) -> Mapping[str, Mapping[str, float]]:
    """Return the shares, which add up to 1, by demographic and category.

    Args:
        path: a CSV or Parquet file with the columns `COLUMNS`; shares 0 to 1.

    Raises:
        SourceError: the file cannot be read, a row is not like that, or shares do not add up; the line says which.
    """
    table = read_text_table(path, COLUMNS)
    if table.rejected:
        raise SourceError(f"{path}: {table.rejected[0].detail}; mend it, the target must be whole")
    target: dict[str, dict[str, float]] = {}
    for row, demographic, category, share in _rows(path, table):
        if not demographic or not category:
            raise SourceError(f"{path}: row {row} lacks its demographic or category; fill it in")
        if category in target.setdefault(demographic, {}):
            raise SourceError(f"{path}: row {row} names {category!r} of {demographic!r} a second time; take it out")
        target[demographic][category] = share
    return {demographic: _whole(path, demographic, shares) for demographic, shares in target.items()}


def _rows(path: Path, table: TextTable) -> list[tuple[int, str, str, float]]:
    columns = [table.columns[name].to_pylist() for name in COLUMNS]
    rows = []
    for row, demographic, category, text in zip(table.number.tolist(), *columns, strict=True):
        share = number(text)
        if share is None or not 0 <= share <= 1:
            raise SourceError(f"{path}: row {row} has share {text!r}; give a share from 0 to 1")
        rows.append((row, demographic, category, share))
    return rows


def _whole(path: Path, demographic: str, shares: Mapping[str, float]) -> Mapping[str, float]:
    total = sum(shares.values())
    if abs(total - 1) > ROUNDING:
        raise SourceError(f"{path}: the shares of {demographic!r} add up to {total:.3f}; they must add up to 1")
    return {category: share / total for category, share in shares.items()}
