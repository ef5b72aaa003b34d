"""Rows of a report's tables, read by the kind that the column has."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isnan
from typing import NamedTuple, cast

import pyarrow as pa
import pyarrow.compute as pc

from annotation.report.tables import SCHEMAS, Report


class Figures(NamedTuple):
    """A number and its interval, None where not known."""

    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Row:
    """One row; each reader raises KeyError for a column that the table lacks."""

    cells: Mapping[str, object]

    def word(self, column: str) -> str:
        """Return a word, empty where it is null."""
        cell = self.cells[column]
        return "" if cell is None else str(cell)

    def number(self, column: str) -> float | None:
        """Return a number, None where it is null or NaN."""
        cell = self.cells[column]
        number = None if cell is None else float(cast("float", cell))
        return None if number is None or isnan(number) else number

    def figures(self, value: str, low: str = "low", high: str = "high") -> Figures:
        """Return a number with its interval."""
        return Figures(self.number(value), self.number(low), self.number(high))

    def between(self, stem: str) -> Figures:
        """Return a number with the interval that is named after it."""
        return self.figures(stem, f"{stem}_low", f"{stem}_high")

    def count(self, column: str) -> int:
        """Return a count, 0 where it is null."""
        return int(self.number(column) or 0)

    def truth(self, column: str) -> bool:
        """Return whether it is so; null is not."""
        return bool(self.cells[column])


def rows_of(report: Report, name: str, **equal: str) -> list[Row]:
    """Return the rows of a table in its order, none where there is no such table.

    Args:
        report: that holds it.
        name: of the table.
        equal: word that a column must hold.
    """
    return [Row(cells) for cells in _table(report, name, equal).to_pylist()]


def rows_in(report: Report, name: str) -> int:
    """Return how many rows a table has, 0 where there is none."""
    return report.tables[name].num_rows if name in report.tables else 0


def words_in(report: Report, name: str, column: str, **equal: str) -> list[str]:
    """Return the different words of a column, in the order in which they come first."""
    return [word for word in _table(report, name, equal).column(column).unique().to_pylist() if word is not None]


def _table(report: Report, name: str, equal: Mapping[str, str]) -> pa.Table:
    table = report.tables.get(name)
    if table is None:
        return SCHEMAS[name].empty_table()
    for column, word in equal.items():
        table = table.filter(_is(table.column(column), word))
    return table


def _is(column: pa.ChunkedArray, word: str) -> pa.ChunkedArray:
    """Return where a column of words holds one; codes are compared where it has them, since items are many."""
    if not pa.types.is_dictionary(column.type):
        return pc.equal(column, word)
    column = column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)
    place = pc.index(column.dictionary, word).as_py()
    return pc.equal(column.indices, place)


def count_of(report: Report, name: str, **equal: str) -> int:
    """Return how many rows hold these words."""
    return int(_table(report, name, equal).num_rows)


def foremost(report: Report, name: str, column: str, limit: int, *, largest: bool = False, **equal: str) -> list[Row]:
    """Return the rows of least, or of largest absolute, number in a column; equal ones as they stand.

    Args:
        report: that holds the table.
        name: of the table.
        column: of numbers; null comes last.
        limit: rows returned.
        largest: in absolute value, first.
        equal: word that a column must hold.
    """
    table = _table(report, name, equal)
    key = pc.negate(pc.abs(table.column(column))) if largest else table.column(column)
    order = pa.table([key, pa.array(range(table.num_rows), pa.int64())], names=["key", "place"])
    places = pc.sort_indices(order, sort_keys=[("key", "ascending"), ("place", "ascending")])
    return [Row(cells) for cells in table.take(places[:limit]).to_pylist()]
