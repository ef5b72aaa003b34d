"""A CSV or Parquet file as columns of text, a million rows in a second; a row that cannot be read costs itself only."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
from numpy.typing import NDArray

from valueprism_build.errors import SourceError
from valueprism_build.records import Rejected, Stage
from valueprism_build.situations.csv_rows import csv_rows
from valueprism_build.situations.lines import read_lines
from valueprism_build.situations.rows import require_columns

MAX_ROW_BYTES: Final = 1_000_000
CITED_AT_MOST: Final = 100
_TEXT: Final = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view, pa.types.is_binary)


@dataclass(frozen=True, slots=True, eq=False)
class TextTable:
    """The rows of a file that can be read.

    Attributes:
        source: the file's name, which the subject of a `Rejected` begins with.
        columns: name to `pa.StringArray` without blanks around; "" where a row has nothing.
        number: row number in the file, 1 below the header, shape (rows,).
        rejected: the rows of the file that are not here.
    """

    source: str
    columns: Mapping[str, pa.Array]
    number: NDArray[np.int64]
    rejected: tuple[Rejected, ...] = ()

    def without(self, bad: NDArray[np.bool_], rule: str, detail: str, column: str = "") -> "TextTable":
        """Return the table with the bad rows set aside.

        Args:
            bad: shape (rows,).
            rule: a stable snake_case name.
            detail: what the row does wrong; it goes on after "row 7", `{}` being the first 100 characters of `column`.
            column: whose value the detail cites.
        """
        if not bad.any():
            return self
        places = np.flatnonzero(bad)
        cited = self.columns[column].take(pa.array(places)) if column else pa.array([""] * len(places))
        values = pc.utf8_slice_codeunits(cited, 0, CITED_AT_MOST).to_pylist()
        rejected = [
            Rejected(f"{self.source}:{number}", Stage.READ, rule, f"row {number} {detail.replace('{}', repr(value))}")
            for number, value in zip(self.number[places].tolist(), values, strict=True)
        ]
        kept = pa.array(~bad)
        columns = {name: values.filter(kept) for name, values in self.columns.items()}
        return TextTable(self.source, columns, self.number[~bad], (*self.rejected, *rejected))


def read_text_table(
    path: Path, required: Sequence[str], optional: Sequence[str] | None = None, *, max_row_bytes: int = MAX_ROW_BYTES
) -> TextTable:
    """Read a file `.csv` or `.parquet`.

    A row is refused as `not_utf8` or `blank_line`, and in a broken CSV file as `broken_csv` or `row_too_large`.

    Args:
        path: the file.
        required: columns that must be there.
        optional: further columns to read where they are there; None reads all.
        max_row_bytes: most of a row of a broken CSV file, which is read row by row.

    Raises:
        SourceError: the file cannot be read, is of another kind, lacks a column or names one twice.
    """
    extension = path.suffix.lower()
    if extension == ".csv":
        table = _csv(path, required, optional, max_row_bytes)
    elif extension == ".parquet":
        table = _parquet(path, required, optional)
    else:
        raise SourceError(f"{path}: a name that ends in {extension!r}; give a .csv or a .parquet file")
    table = _decoded(table)
    blank = np.ones(len(table.number), dtype=np.bool_)
    for column in table.columns.values():
        blank &= pc.equal(column, "").to_numpy(zero_copy_only=False)
    return table.without(blank, "blank_line", "is blank")


def _csv(path: Path, required: Sequence[str], optional: Sequence[str] | None, max_row_bytes: int) -> TextTable:
    first = next(read_lines(path, max_row_bytes))
    names = next(csv.reader([first.text]), [])
    wanted = _wanted(path, names, required, optional)
    try:
        table = pa_csv.read_csv(
            path,
            parse_options=pa_csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False),
            convert_options=pa_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.binary()), include_columns=wanted, strings_can_be_null=False
            ),
        )
    except pa.ArrowException:
        return _csv_by_row(path, wanted, max_row_bytes)
    columns = {name: table[name].combine_chunks() for name in wanted}
    # A quote that nobody closes makes one value of all that follows it: the careful reader sets aside its line only.
    if any(pc.any(pc.match_substring(column, "\n")).as_py() for column in columns.values()):
        return _csv_by_row(path, wanted, max_row_bytes)
    return TextTable(path.name, columns, np.arange(1, table.num_rows + 1))


def _csv_by_row(path: Path, wanted: Sequence[str], max_row_bytes: int) -> TextTable:
    good, number, rejected = [], [], []
    for row in csv_rows(path, wanted, max_row_bytes):
        if row.trouble:
            rejected.append(Rejected(f"{path.name}:{row.number}", Stage.READ, row.trouble.rule, row.trouble.detail))
        else:
            good.append([row.values[name] for name in wanted])
            number.append(row.number)
    values = zip(*good, strict=True) if good else ([] for _ in wanted)
    columns = {name: pa.array(column, pa.string()) for name, column in zip(wanted, values, strict=True)}
    return TextTable(path.name, columns, np.array(number, dtype=np.int64), tuple(rejected))


def _parquet(path: Path, required: Sequence[str], optional: Sequence[str] | None) -> TextTable:
    try:
        with pq.ParquetFile(path) as file:
            wanted = _wanted(path, file.schema_arrow.names, required, optional)
            table = file.read(columns=wanted)
    except (pa.ArrowException, OSError) as error:
        reason = str(error).splitlines()[0]
        raise SourceError(f"{path}: cannot be read as Parquet ({reason}); write the file again") from error
    columns = {name: _as_text(path, name, table[name].combine_chunks()) for name in wanted}
    return TextTable(path.name, columns, np.arange(1, table.num_rows + 1))


def _wanted(path: Path, names: Sequence[str], required: Sequence[str], optional: Sequence[str] | None) -> list[str]:
    require_columns(str(path), required, names, f"it needs {', '.join(required)}")
    wanted = [name for name in names if optional is None or name in (*required, *optional)]
    odd = [name for name in wanted if names.count(name) > 1 or not name.strip()]
    if odd:
        raise SourceError(f"{path}: its header has a column {odd[0]!r} more than once or without a name; rename it")
    return wanted


def _as_text(path: Path, name: str, column: pa.Array) -> pa.Array:
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if any(is_text(column.type) for is_text in _TEXT):
        return column.cast(pa.binary())
    try:
        return column.cast(pa.string())
    except pa.ArrowException as error:
        raise SourceError(f"{path}: column {name!r} holds {column.type}; write it as text or numbers") from error


def _decoded(table: TextTable) -> TextTable:
    """Return the table with every column as trimmed text."""
    bad = np.zeros(len(table.number), dtype=np.bool_)
    columns = {}
    for name, column in table.columns.items():
        try:
            text = column.cast(pa.string())
        except pa.ArrowInvalid:  # one value that is not UTF-8 fails them all, so look for it
            undecodable = np.array([not _is_utf8(value) for value in column.to_pylist()])
            bad |= undecodable
            text = pc.if_else(pa.array(undecodable), b"", column).cast(pa.string())
        columns[name] = pc.utf8_trim_whitespace(pc.fill_null(text, ""))
    decoded = TextTable(table.source, columns, table.number, table.rejected)
    return decoded.without(bad, "not_utf8", "has bytes that are not UTF-8")


def _is_utf8(value: bytes | None) -> bool:
    try:
        (value or b"").decode()
    except UnicodeDecodeError:
        return False
    return True
