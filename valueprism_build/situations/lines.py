"""Physical lines of a text file, each of bounded size, whatever the file holds."""

import codecs
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from valueprism_build.errors import SourceError
from valueprism_build.situations.rows import Trouble

PROBE_BYTES: Final = 8192
SKIP_BYTES: Final = 65536


class Line(NamedTuple):
    """One line with its line end, or the reason why it has no text. Numbers count from 1."""

    number: int
    text: str
    trouble: Trouble | None = None


def read_lines(path: Path, max_bytes: int) -> Iterator[Line]:
    """Yield the lines of a UTF-8 file; no more than `max_bytes` of one line are ever in memory.

    A byte order mark is dropped. A longer line is skipped up to its end and yielded as `row_too_large`, one that
    is not UTF-8 as `not_utf8`.

    Raises:
        SourceError: the file is empty, binary, or cannot be opened or read.
    """
    try:
        with path.open("rb") as file:
            _refuse_binary(path, file.read(PROBE_BYTES))
            file.seek(0)
            number = 0
            while raw := file.readline(max_bytes + 1):
                number += 1
                yield _line(number, raw, file, max_bytes)
    except OSError as error:
        raise SourceError(f"{path}: cannot be read ({error.strerror}); check the path and its permissions") from error


def _refuse_binary(path: Path, head: bytes) -> None:
    if not head:
        raise SourceError(f"{path}: the file is empty; give a file with at least one row")
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise SourceError(f"{path}: the file is UTF-16; save it as UTF-8")
    if b"\0" in head:
        raise SourceError(f"{path}: the file is binary, not text; give JSON Lines, CSV or Parquet")


def _line(number: int, raw: bytes, file: BinaryIO, max_bytes: int) -> Line:
    if len(raw) > max_bytes:
        size = len(raw) + (0 if raw.endswith(b"\n") else _skip_to_line_end(file))
        return Line(number, "", Trouble("row_too_large", f"line {number} has {size} bytes, at most {max_bytes}"))
    if number == 1:
        raw = raw.removeprefix(codecs.BOM_UTF8)
    try:
        return Line(number, raw.decode())
    except UnicodeDecodeError as error:
        found = f"byte {raw[error.start]:#04x} at position {error.start}"
        return Line(number, "", Trouble("not_utf8", f"line {number} is not UTF-8: {found}"))


def _skip_to_line_end(file: BinaryIO) -> int:
    skipped = 0
    while piece := file.readline(SKIP_BYTES):
        skipped += len(piece)
        if piece.endswith(b"\n"):
            break
    return skipped
