"""What a command ends with: tables as a person sees them, and the plain data beside them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

Data: TypeAlias = dict[str, object]


@dataclass(frozen=True, slots=True)
class Summary:
    """The end of a command.

    Attributes:
        shown: what a person reads, in order.
        data: what `--json` prints.
    """

    shown: Sequence[RenderableType]
    data: Data


def table(title: str, columns: Sequence[str], rows: Iterable[Iterable[object]]) -> Table:
    """Return a table whose numbers stand to the right, and whose empty cells hold a dash."""
    made = Table(title=title or None, title_justify="left")
    cells = [list(row) for row in rows]
    for index, column in enumerate(columns):
        numeric = bool(cells) and all(isinstance(row[index], int | float | None) for row in cells)
        made.add_column(column, justify="right" if numeric else "left", overflow="fold")
    for row in cells:  # a text may hold brackets, which rich would take for markup
        made.add_row(*(Text("-" if cell is None else str(cell)) for cell in row))
    return made
