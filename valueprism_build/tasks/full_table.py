"""The full table: one row per consideration, with its situation beside it. Task sets and releases are made of it."""

from typing import Final

import pyarrow as pa

from valueprism_build.errors import ReleaseError

FULL_SCHEMA: Final = pa.schema(
    [
        pa.field("situation", pa.string()),
        pa.field("vrd", pa.string()),
        pa.field("text", pa.string()),
        pa.field("explanation", pa.string()),
        pa.field("valence", pa.string()),
        pa.field("situation_id", pa.string()),
        pa.field("consideration_id", pa.string()),
        pa.field("canonical_id", pa.string()),
        pa.field("teacher", pa.string()),
        pa.field("teachers", pa.list_(pa.string())),  # all who said it; the row's words are those of `teacher`
        pa.field("model", pa.string()),
        pa.field("prompt_version", pa.string()),
        pa.field("point_of_view", pa.string()),  # from which it was missing; null where the first question brought it
        pa.field("consideration_source", pa.string()),  # "annotators" where people said that it was missing
        pa.field("people", pa.int32()),  # asked for it, also where it was listed already
        pa.field("campaigns", pa.list_(pa.string())),  # in which they did
        pa.field("request_hash", pa.string()),
        pa.field("position", pa.int32()),
        pa.field("relevance", pa.float64()),
        pa.field("conflict_id", pa.string()),
        pa.field("output_licence", pa.string()),
        pa.field("may_train", pa.bool_()),  # on the words of `teacher` and of `situation_teachers`
        pa.field("flags", pa.list_(pa.string())),
        pa.field("source", pa.string()),
        pa.field("source_id", pa.string()),
        pa.field("situation_teachers", pa.list_(pa.string())),  # who wrote the situation; empty where no teacher did
        pa.field("licence", pa.string()),
        pa.field("language", pa.string()),
    ]
)
MAY_BE_NULL: Final = frozenset({"point_of_view", "relevance", "conflict_id", "may_train"})


def checked(full: pa.Table) -> pa.Table:
    """Return the table with the columns of `FULL_SCHEMA` in its order, each in one chunk; further columns go.

    Raises:
        ReleaseError: a column is absent, of another type, or null where nothing may be; the line names it.
    """
    for field in FULL_SCHEMA:
        if field.name not in full.column_names:
            raise ReleaseError(f"the full table has no column {field.name!r}; it has {', '.join(full.column_names)}")
        column = full.column(field.name)
        if column.type != field.type:
            raise ReleaseError(f"column {field.name!r} of the full table is {column.type}; make it {field.type}")
        if column.null_count and field.name not in MAY_BE_NULL:
            holes = f"{column.null_count} of {full.num_rows} rows"
            raise ReleaseError(f"column {field.name!r} of the full table is null in {holes}; fill it")
    return full.select(FULL_SCHEMA.names).cast(FULL_SCHEMA).combine_chunks()
