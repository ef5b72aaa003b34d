"""Tables to Parquet files whose bytes depend on the rows and on nothing else."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from valueprism_build.records import Split

ROWS_PER_GROUP: Final = 100_000
ZSTD_LEVEL: Final = 3


def by_split(table: pa.Table) -> dict[str, pa.Table]:
    """Return the rows of each of train, val and test, in this order and in the table's; a split may be empty."""
    return {str(split): table.filter(pc.equal(table["split"], str(split))) for split in Split}


def write(root: Path, config: str, parts: Mapping[str, pa.Table], rows_per_file: int) -> dict[str, int]:
    """Write `data/<config>/<split>-00000-of-0000N.parquet` for each part and return the rows of each path.

    An empty part makes one file without rows, so that whoever reads by path still finds its columns.

    Args:
        root: the release's folder; paths are relative to it.
        config: the folder's name under data.
        parts: the rows of each split.
        rows_per_file: at least 1.
    """
    (root / "data" / config).mkdir(parents=True)
    written = {}
    for split, table in parts.items():
        files = max(1, -(-table.num_rows // rows_per_file))
        for number in range(files):
            path = f"data/{config}/{split}-{number:05d}-of-{files:05d}.parquet"
            rows = table.slice(number * rows_per_file, rows_per_file)
            write_file(root / path, rows)
            written[path] = rows.num_rows
    return written


def write_file(path: Path, rows: pa.Table) -> None:
    """Write one file; its bytes depend on the rows alone."""
    with pq.ParquetWriter(path, rows.schema, compression="zstd", compression_level=ZSTD_LEVEL) as writer:
        # `datasets` reads by the size of the first row group, so a file without rows must hold no group.
        if rows.num_rows:
            # One chunk: the pages of a file must not depend on how the rows happened to be chunked.
            writer.write_table(rows.combine_chunks(), row_group_size=ROWS_PER_GROUP)


def read(root: Path, config: str, columns: Sequence[str] | None = None) -> pa.Table:
    """Return a config that `write` wrote, its files in the order of their names."""
    files = sorted((root / "data" / config).glob("*.parquet"))
    tables = [pq.ParquetFile(file).read(columns=None if columns is None else list(columns)) for file in files]
    return pa.concat_tables(tables, promote_options="default")
