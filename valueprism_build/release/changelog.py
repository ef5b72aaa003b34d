"""What a version adds to, takes from and alters in the one before it, per config, row by row."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from valueprism_build.errors import ReleaseError
from valueprism_build.release import parquet

TITLE: Final = "# Changelog\n"
KEYS: Final = ("task", "situation_id", "consideration_id")
OWN_KEYS: Final = ("contrast_id", "canonical_id")
"""Of the configs that are no considerations; the first that a config has."""
CELL: Final = "agreement_id"
"""Of the config that has many rows about one consideration."""


@dataclass(frozen=True, slots=True)
class Change:
    """Rows of one config against the version before."""

    config: str
    added: int
    removed: int
    changed: int


def compare(config: str, old: pa.Table, new: pa.Table) -> Change:
    """Count rows by their key: `CELL`, or those of `KEYS` that the config has, or else the first of `OWN_KEYS`.

    A row is changed if another column differs.

    Columns that only one of the two has are left out of the comparison: a new column alone changes no row.
    """
    old, new = _flat(old), _flat(new)
    own = [name for name in OWN_KEYS if name in new.column_names][:1]
    keys = [name for name in KEYS if name in new.column_names] or own
    keys = [CELL] if CELL in new.column_names else keys
    shared = [name for name in new.column_names if name in old.column_names and name not in keys]
    both = _fingerprints(new, keys, shared, "new").join(
        _fingerprints(old, keys, shared, "old"), keys="key", join_type="full outer"
    )
    added, removed = both["old"].null_count, both["new"].null_count
    changed = pc.sum(pc.not_equal(both["old"], both["new"])).as_py() or 0
    return Change(config, added, removed, changed)


def render(version: str, tables: Mapping[str, pa.Table], before: Path | None) -> str:
    """Return the changelog of the version, newest first, with that of the release before below.

    Args:
        version: the version being made.
        tables: all rows of each config.
        before: the folder of the release to compare with.

    Raises:
        ReleaseError: that release cannot be read.
    """
    if before is None:
        return f"{TITLE}\n## {version}\n\nFirst release: nothing to compare with.\n"
    lines = [
        f"{TITLE}\n## {version}\n\nCompared with {before.name}:\n",
        "| config | rows | added | removed | changed |",
    ]
    lines.append("|---|---:|---:|---:|---:|")
    for config, table in tables.items():
        change = compare(config, _read(before, config, table.schema), table)
        lines.append(f"| {config} | {table.num_rows} | {change.added} | {change.removed} | {change.changed} |")
    return "\n".join(lines) + "\n\n" + _history(before)


def _read(before: Path, config: str, schema: pa.Schema) -> pa.Table:
    if not (before / "data" / config).is_dir():  # a config that the earlier release did not have yet
        return schema.empty_table()
    try:
        return parquet.read(before, config)
    except (OSError, pa.ArrowInvalid) as error:
        raise ReleaseError(
            f"cannot read {before / 'data' / config} to compare with: {error}; mend or move it"
        ) from error


def _history(before: Path) -> str:
    path = before / "CHANGELOG.md"
    return path.read_text(encoding="utf-8").removeprefix(TITLE).lstrip() if path.is_file() else ""


def _flat(table: pa.Table) -> pa.Table:
    """Return the table with lists as text, which Arrow can compare: contents of messages, other lists joined."""
    for position, field in enumerate(table.schema):
        if pa.types.is_list(field.type):
            lists = table[field.name].combine_chunks()
            if pa.types.is_struct(field.type.value_type):
                lists = pa.ListArray.from_arrays(lists.offsets, lists.values.field("content"))
            table = table.set_column(position, field.name, pc.binary_join(lists, "\x1f"))
    return table


def _fingerprints(table: pa.Table, keys: list[str], columns: list[str], name: str) -> pa.Table:
    return pa.table({"key": _joined(table, keys), name: _joined(table, columns)})


def _joined(table: pa.Table, columns: list[str]) -> pa.ChunkedArray:
    texts = [table[column].cast(pa.string()) for column in columns]
    return pc.binary_join_element_wise(*texts, "\x1f", null_handling="replace", null_replacement="\x00")
