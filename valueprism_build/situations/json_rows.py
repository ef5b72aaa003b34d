"""Rows of a JSON Lines file."""

import json
from collections.abc import Iterator
from pathlib import Path

from valueprism_build.situations.lines import Line, read_lines
from valueprism_build.situations.rows import RawRow, Trouble


def json_rows(path: Path, max_row_bytes: int) -> Iterator[RawRow]:
    """Yield one row per line; a line that is no JSON object carries its trouble.

    Raises:
        SourceError: the file as a whole cannot be read.
    """
    for line in read_lines(path, max_row_bytes):
        yield _row(line)


def _row(line: Line) -> RawRow:
    def broken(rule: str, why: str) -> RawRow:
        return RawRow(line.number, line.number, {}, Trouble(rule, f"line {line.number} {why}"))

    if line.trouble:
        return RawRow(line.number, line.number, {}, line.trouble)
    if not line.text.strip():
        return broken("blank_line", "is blank")
    try:
        value = json.loads(line.text)
    except (ValueError, RecursionError) as error:  # RecursionError: brackets nested a thousand deep
        return broken("broken_json", f"is no JSON: {error}")
    if not isinstance(value, dict):
        return broken("not_an_object", f"holds a JSON {type(value).__name__}, not an object")
    return RawRow(line.number, line.number, value)
