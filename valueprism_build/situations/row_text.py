"""Which part of a row is the situation: one column, or a template over several."""

import string
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from valueprism_build.errors import SourceError
from valueprism_build.situations.rows import Trouble


class RowText(NamedTuple):
    """The situation as the row has it, or why there is none."""

    text: str
    trouble: Trouble | None = None


def template_columns(template: str) -> tuple[str, ...]:
    """Return the columns that a template such as "{context} {action1}" names, in order.

    Raises:
        SourceError: the template is malformed or names no column.
    """
    try:
        parts = list(string.Formatter().parse(template))
    except ValueError as error:
        raise SourceError(f"text template {template!r}: {error}; write columns as {{name}}") from error
    if any(name == "" or conversion or spec for _, name, spec, conversion in parts):
        raise SourceError(f"text template {template!r}: only plain column names go between braces, such as {{name}}")
    names = tuple(name for _, name, _, _ in parts if name is not None)
    if not names:
        raise SourceError(f"text template {template!r} names no column; write columns as {{name}}")
    return names


def text_of(
    values: Mapping[str, object], columns: Sequence[str], template: str | None, place: str, max_bytes: int
) -> RowText:
    """Return the text of the first column, or of the template filled from all of them."""
    filled: dict[str, str] = {}
    for column in columns:
        found = _string(values.get(column), column, place, max_bytes)
        if found.trouble:
            return found
        filled[column] = found.text
    if template is None:
        return RowText(filled[columns[0]])
    parts = string.Formatter().parse(template)
    return RowText("".join(literal + (filled[name] if name else "") for literal, name, _, _ in parts))


def _string(value: object, column: str, place: str, max_bytes: int) -> RowText:
    if value is None:
        return RowText("", Trouble("missing_text", f"{place} has nothing in column {column!r}"))
    if not isinstance(value, str | bytes):
        kind = type(value).__name__
        return RowText("", Trouble("not_text", f"{place} has {kind} in column {column!r}, not text"))
    try:
        raw = value if isinstance(value, bytes) else value.encode()
        text = raw.decode()
    except UnicodeError as error:  # half a surrogate pair, as JSON escapes can spell it, is no text either
        return RowText("", Trouble("not_utf8", f"{place}, column {column!r} is not UTF-8: {error}"))
    if len(raw) > max_bytes:
        size = f"{len(raw)} bytes, at most {max_bytes}"
        return RowText("", Trouble("row_too_large", f"{place}, column {column!r} has {size}"))
    return RowText(text)
