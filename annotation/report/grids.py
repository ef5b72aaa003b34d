"""Parts of the page: tables of words, figures, and the sections that hold them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from annotation.report.plots import Plot
from annotation.report.rows import Row
from annotation.report.wording import spoken, whole


class Limits(NamedTuple):
    """How much the page shows; what it leaves out is counted there and stands in the CSV.

    Attributes:
        items: that are drawn with the answers of each group, for each question.
        rows: of one table.
        categories: of one demographic in a plot, those of most people.
        unproven: items that are drawn where no difference is shown.
        cautions: that are seen at once; the others are folded.
    """

    items: int = 10
    rows: int = 100
    categories: int = 15
    unproven: int = 3
    cautions: int = 10


class Column(NamedTuple):
    """One column: its heading with the unit, and what it says of a row."""

    heading: str
    cell: Callable[[Row], str]
    figures: bool = True


@dataclass(frozen=True, slots=True)
class Grid:
    """A table of words.

    Attributes:
        source: table of the report that it shows, the name of its CSV.
        headings: of the columns; `figures` tells which hold numbers.
        rows: cells in words.
        total: rows that could be shown.
        order: in words, where fewer are shown: which come first.
        sortable: whether readers may sort and filter it.
        folded: whether it is closed at first: it is long, or beside a plot that says the same.
        texts: whether its rows begin with sentences.
    """

    source: str
    caption: str
    headings: tuple[str, ...]
    figures: tuple[bool, ...]
    rows: tuple[tuple[str, ...], ...]
    total: int
    order: str = ""
    sortable: bool = False
    folded: bool = False
    texts: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a section: words, then plots, then tables.

    Attributes:
        title: empty in a section of one part.
        level: of its heading.
    """

    title: str = ""
    words: tuple[str, ...] = ()
    plots: tuple[Plot, ...] = ()
    grids: tuple[Grid, ...] = ()
    level: int = 3


@dataclass(frozen=True, slots=True)
class Section:
    """A heading of the page.

    Attributes:
        anchor: by which links find it.
        tables: of the report, that it tells of; where all of them are missing it says that they do not apply.
    """

    anchor: str
    title: str
    tables: tuple[str, ...]
    blocks: tuple[Block, ...]


class Look(NamedTuple):
    """How a table is shown; see `Grid`."""

    limit: int = 100
    order: str = ""
    sortable: bool = False
    folded: bool = False
    texts: bool = False


_LONG: Final = 15  # rows from which on a table is folded
_PLAIN: Final = Look()


def grid(
    source: str,
    caption: str,
    columns: Sequence[Column],
    rows: Sequence[Row],
    look: Look = _PLAIN,
    total: int | None = None,
) -> Grid:
    """Return a table of words.

    Args:
        source: table of the report that the rows are of.
        caption: what the rows are.
        columns: from left to right; the first names the row.
        rows: that could be shown, the most important first.
        look: how it is shown.
        total: how many there are, where `rows` are not all of them.
    """
    return Grid(
        source=source,
        caption=caption,
        headings=tuple(column.heading for column in columns),
        figures=tuple(column.figures for column in columns),
        rows=tuple(tuple(column.cell(row) for column in columns) for row in rows[: look.limit]),
        total=len(rows) if total is None else total,
        order=look.order,
        sortable=look.sortable,
        folded=look.folded or len(rows) > _LONG,
        texts=look.texts,
    )


def word(heading: str, column: str) -> Column:
    """Return a column of words as they stand."""
    return Column(heading, lambda row: row.word(column), figures=False)


def name(heading: str, column: str) -> Column:
    """Return a column of names that a machine gave, spelled as words."""
    return Column(heading, lambda row: spoken(row.word(column)), figures=False)


def counts(heading: str, column: str) -> Column:
    """Return a column of whole numbers."""
    return Column(heading, lambda row: whole(row.number(column)))
