"""Rows of a CSV file with a header line. A broken row costs itself, not its neighbours."""

import csv
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path

from valueprism_build.errors import SourceError
from valueprism_build.situations.lines import Line, read_lines
from valueprism_build.situations.rows import RawRow, Trouble, require_columns


class _BrokenRecordError(Exception):
    """A line of the record under way cannot be used."""


class _Feed:
    """Lines for `csv.reader`; it remembers those of the record under way, so that they can be given back."""

    def __init__(self, lines: Iterator[Line], max_record_bytes: int) -> None:
        self._lines = lines
        self._ahead: deque[Line] = deque()
        self._most = max_record_bytes
        self._size = 0
        self.record: list[Line] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._ahead.popleft() if self._ahead else next(self._lines)
        self.record.append(line)
        self._size += len(line.text)
        if line.trouble:
            raise _BrokenRecordError(line.trouble.detail)
        if self._size > self._most:
            raise _BrokenRecordError(f"the row is longer than {self._most} characters")
        return line.text

    def start_record(self) -> None:
        self.record = []
        self._size = 0

    def give_back_all_but_first(self) -> None:
        self._ahead.extendleft(reversed(self.record[1:]))


def csv_rows(path: Path, wanted: Sequence[str], max_row_bytes: int) -> Iterator[RawRow]:
    """Yield the rows below the header; row 1 is the first below it. Quoted fields may hold line ends.

    A quote that is never closed, or a row with too many or too few fields, sets aside its first line only:
    reading goes on with the next line, so that a stray quote does not swallow what follows.

    Raises:
        SourceError: the file cannot be read, has no header, or lacks a wanted column.
    """
    feed = _Feed(read_lines(path, max_row_bytes), max_row_bytes)
    reader = csv.reader(feed, strict=True)
    header = _header(path, reader, wanted)
    number = 0
    while True:
        feed.start_record()
        try:
            fields = next(reader)
            why = "" if len(fields) == len(header) else f"has {len(fields)} fields, the header {len(header)}"
        except StopIteration:
            return
        except (csv.Error, _BrokenRecordError) as error:
            fields, why = [], f"is broken: {error}"
        number += 1
        if not why:
            yield RawRow(number, feed.record[0].number, dict(zip(header, fields, strict=True)))
            continue
        feed.give_back_all_but_first()
        yield _broken(number, feed.record[0], why)


def _header(path: Path, reader: Iterator[list[str]], wanted: Sequence[str]) -> list[str]:
    try:
        header = next(reader)
    except StopIteration:
        header = []
    except (csv.Error, _BrokenRecordError) as error:
        raise SourceError(f"{path}: its header line is broken ({error}); mend line 1") from error
    require_columns(str(path), wanted, header)
    twice = [name for name in wanted if header.count(name) > 1]
    if twice:
        raise SourceError(f"{path}: its header names the column {twice[0]!r} more than once; rename one of them")
    return header


def _broken(number: int, first: Line, why: str) -> RawRow:
    trouble = first.trouble or Trouble("broken_csv", f"line {first.number} {why}")
    if not first.trouble and not first.text.strip():
        trouble = Trouble("blank_line", f"line {first.number} is blank")
    return RawRow(number, first.number, {}, trouble)
