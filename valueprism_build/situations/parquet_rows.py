"""Rows of a Parquet file, a batch in memory at a time."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from valueprism_build.errors import SourceError
from valueprism_build.situations.rows import RawRow, require_columns


def parquet_rows(path: Path, wanted: Sequence[str], optional: Sequence[str], batch_size: int) -> Iterator[RawRow]:
    """Yield the rows with the wanted columns and those of the optional ones that exist.

    Strings come as bytes: whether one is UTF-8 is then a question of its row, not of the file.

    Raises:
        SourceError: the file is broken or lacks a wanted column.
    """
    try:
        with pq.ParquetFile(path) as file:
            names = file.schema_arrow.names
            require_columns(str(path), wanted, names)
            columns = [name for name in dict.fromkeys([*wanted, *optional]) if name in names]
            number = 0
            for batch in file.iter_batches(batch_size=batch_size, columns=columns):
                for values in _undecoded(batch).to_pylist():
                    number += 1
                    yield RawRow(number, None, values)
    except (pa.ArrowException, OSError) as error:
        reason = str(error).splitlines()[0]
        raise SourceError(f"{path}: cannot be read as Parquet ({reason}); write the file again") from error


def _undecoded(batch: pa.RecordBatch) -> pa.RecordBatch:
    return batch.cast(pa.schema([pa.field(field.name, _as_bytes(field.type)) for field in batch.schema]))


def _as_bytes(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_large_string(kind):
        return pa.large_binary()
    return pa.binary() if pa.types.is_string(kind) or pa.types.is_string_view(kind) else kind
