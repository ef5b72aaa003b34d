"""The YAML head of a dataset card, which tells loaders where the files of each config lie."""

import json
from collections.abc import Mapping, Sequence
from typing import Final

import pyarrow as pa

SIZES: Final = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))
LARGEST: Final = "1M<n<10M"
TAGS: Final = ("values", "rights", "duties", "pluralistic-alignment", "machine-generated")
CATEGORIES: Final = ("text-generation", "text-classification")


def render(title: str, full: pa.Table, splits: Mapping[str, Sequence[str]]) -> str:
    """Return the head with its fences; strings are JSON, which YAML reads.

    Args:
        title: the dataset's name.
        full: rows to take licences, languages and size from.
        splits: the splits of each config; the first config is the default.
    """
    lines = ["---", f"pretty_name: {json.dumps(title, ensure_ascii=False)}"]
    lines += _list("license", sorted({licence.lower() or "unknown" for licence in _distinct(full, "licence")}))
    lines += _list("language", _distinct(full, "language"))
    lines += _list("task_categories", CATEGORIES)
    lines += _list("size_categories", [_size(full.num_rows)])
    lines += _list("tags", TAGS)
    lines += ["configs:"] if splits else []
    for number, (config, names) in enumerate(splits.items()):
        lines += [f"- config_name: {config}", *(["  default: true"] if number == 0 else []), "  data_files:"]
        for split in names:
            lines += [f"  - split: {split}", f"    path: data/{config}/{split}-*.parquet"]
    return "\n".join([*lines, "---", ""])


def _distinct(full: pa.Table, column: str) -> list[str]:
    return sorted(full[column].unique().to_pylist())


def _list(name: str, values: Sequence[str]) -> list[str]:
    return [f"{name}:", *(f"- {json.dumps(value, ensure_ascii=False)}" for value in values)] if values else []


def _size(rows: int) -> str:
    return next((name for limit, name in SIZES if rows < limit), LARGEST)
