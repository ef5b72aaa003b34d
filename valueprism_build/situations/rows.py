"""A row as a file holds it, before anybody knows which part of it is the situation."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from valueprism_build.errors import SourceError

COLUMNS_NAMED: Final = 40
NAME_TEXT: Final = "name one with --text-column, or several with --text-template"


class Trouble(NamedTuple):
    """Why one row cannot be used: a rule's name and one sentence that says where."""

    rule: str
    detail: str


class RawRow(NamedTuple):
    """One row of a source.

    Attributes:
        number: row number from 1; in JSON Lines it is the line number.
        line: number of the line that the row starts on, or None where a format has no lines.
        values: column name to value; empty when there is trouble.
        trouble: why the row has no values.
    """

    number: int
    line: int | None
    values: Mapping[str, object]
    trouble: Trouble | None = None

    @property
    def place(self) -> str:
        """Return the words that name the row in a message."""
        return f"row {self.number}" if self.line is None else f"line {self.line}"


def require_columns(place: str, wanted: Sequence[str], present: Iterable[str], cure: str = NAME_TEXT) -> None:
    """Refuse a source that lacks a wanted column.

    Raises:
        SourceError: names the absent columns, those that exist (the first 40), and what mends it.
    """
    names = list(dict.fromkeys(present))
    absent = [name for name in wanted if name not in names]
    if not absent:
        return
    listed = ", ".join(names[:COLUMNS_NAMED])
    more = f" and {len(names) - COLUMNS_NAMED} more" if len(names) > COLUMNS_NAMED else ""
    raise SourceError(
        f"{place}: no column {', '.join(map(repr, absent))}; its columns are {listed}{more} "
        f"(a CSV file needs a header line); {cure}"
    )
