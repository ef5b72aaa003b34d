"""Sources to situations, streaming: a batch is in memory at a time, and no row vanishes."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Final

from valueprism_build.errors import SourceError
from valueprism_build.hub import dataset_rows
from valueprism_build.ids import situation_id
from valueprism_build.records import Rejected, Situation, Stage
from valueprism_build.situations.csv_rows import csv_rows
from valueprism_build.situations.json_rows import json_rows
from valueprism_build.situations.parquet_rows import parquet_rows
from valueprism_build.situations.row_text import template_columns, text_of
from valueprism_build.situations.rows import RawRow, Trouble, require_columns
from valueprism_build.situations.sifted import Sifted
from valueprism_build.situations.sources import Part, Source, parts

LABEL_COLUMNS: Final = ("licence", "license", "language")
HEAD_ROWS: Final = 1000
"""Rows among which one must have the wanted columns."""


def read(source: Source, *, batch_size: int = 1000, max_row_bytes: int = 1_000_000) -> Iterator[Sifted]:
    """Yield the rows of a source in order, `batch_size` at a time; texts are as the source has them.

    A row that cannot be read becomes a `Rejected` of the reading stage: broken_json, not_an_object, broken_csv,
    blank_line, missing_text, not_text, not_utf8, row_too_large.

    Args:
        source: where to read.
        batch_size: rows per batch, at least 1.
        max_row_bytes: a longer line or text is `row_too_large`; no more than this of a line is ever in memory.

    Raises:
        SourceError: a source cannot be read at all.
    """
    columns = template_columns(source.text_template) if source.text_template is not None else (source.text_column,)
    for part in parts(source):
        rows = _rows(part, source, columns, batch_size, max_row_bytes)
        head = list(islice(rows, HEAD_ROWS))
        if not head:
            raise SourceError(f"{part.path or part.dataset}: it holds no rows; give a source with at least one")
        _require_text(part, columns, head)
        rows = chain(head, rows)
        del head
        while batch := list(islice(rows, batch_size)):
            yield _sifted(batch, part, source, columns, max_row_bytes)


def _rows(part: Part, source: Source, columns: Sequence[str], batch_size: int, max_row_bytes: int) -> Iterator[RawRow]:
    if part.path is None:
        values = dataset_rows(part.dataset, split=source.split, config=source.config)
        return (RawRow(number, None, row) for number, row in enumerate(values, start=1))
    extension = part.path.suffix.lower()
    if extension == ".csv":
        return csv_rows(part.path, columns, max_row_bytes)
    if extension == ".parquet":
        return parquet_rows(part.path, columns, LABEL_COLUMNS, batch_size)
    return json_rows(part.path, max_row_bytes)


def _require_text(part: Part, columns: Sequence[str], head: Sequence[RawRow]) -> None:
    """Refuse a source in whose head no row has the columns: it is the name that is wrong, not the rows."""
    sound = [row.values for row in head if not row.trouble]
    if sound and not any(all(column in values for column in columns) for values in sound):
        require_columns(str(part.path or part.dataset), columns, (name for values in sound for name in values))


def _sifted(batch: Sequence[RawRow], part: Part, source: Source, columns: Sequence[str], max_row_bytes: int) -> Sifted:
    kept: list[Situation] = []
    rejected: list[Rejected] = []

    def reject(row: RawRow, trouble: Trouble) -> None:
        rejected.append(Rejected(f"{part.name}:{row.number}", Stage.READ, trouble.rule, trouble.detail))

    for row in batch:
        if row.trouble:
            reject(row, row.trouble)
            continue
        found = text_of(row.values, columns, source.text_template, row.place, max_row_bytes)
        if found.trouble:
            reject(row, found.trouble)
            continue
        kept.append(
            Situation(
                id=situation_id(found.text),
                text=found.text,
                source=part.name,
                source_id=str(row.number),
                licence=_label(row.values, LABEL_COLUMNS[:2]) or source.licence,
                language=_label(row.values, LABEL_COLUMNS[2:]) or source.language,
            )
        )
    return Sifted(kept, [], rejected)


def _label(values: Mapping[str, object], columns: Sequence[str]) -> str:
    """Return the row's own label; SPDX identifiers and language codes are ASCII, so that anything else is none."""
    for column in columns:
        value = values.get(column)
        text = value.decode("ascii", "replace") if isinstance(value, bytes) else value
        if isinstance(text, str) and text.isascii() and text.strip():
            return text.strip()
    return ""
