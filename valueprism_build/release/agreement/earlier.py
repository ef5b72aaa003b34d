"""What earlier releases have told: who has them too can take one from the other."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import pyarrow as pa

from valueprism_build.errors import ReleaseError
from valueprism_build.release import parquet
from valueprism_build.release.agreement.rows import AGREEMENT_SCHEMA, CONFIG
from valueprism_build.release.folder import MANIFEST, parse_version

NOTHING: Final = AGREEMENT_SCHEMA.empty_table()


@dataclass(frozen=True, slots=True)
class Earlier:
    """The tables of one release.

    Attributes:
        created_at: when it was made.
        rows: columns of `AGREEMENT_SCHEMA`; none where it had none.
    """

    version: str
    created_at: datetime
    rows: pa.Table


def read(directory: Path, version: str) -> tuple[Earlier, ...]:
    """Return every release in the directory that was made before this version was, or before now, oldest first.

    Whether its number is higher does not matter: who has it can compare.

    Raises:
        ReleaseError: one cannot be read.
    """
    found = [_read(path) for path in sorted(directory.iterdir()) if _is_release(path)] if directory.is_dir() else []
    found.sort(key=lambda one: (one.created_at, parse_version(one.version) or ()))
    versions = [one.version for one in found]
    return tuple(found[: versions.index(version)] if version in versions else found)


def _is_release(path: Path) -> bool:
    return parse_version(path.name) is not None and (path / MANIFEST).is_file()


def _read(path: Path) -> Earlier:
    try:
        told = json.loads((path / MANIFEST).read_text(encoding="utf-8"))
        rows = parquet.read(path, CONFIG) if (path / "data" / CONFIG).is_dir() else NOTHING
        return Earlier(path.name, datetime.fromisoformat(told["created_at"]), rows.select(AGREEMENT_SCHEMA.names))
    except (OSError, ValueError, KeyError, TypeError, pa.ArrowException) as error:
        raise ReleaseError(
            f"cannot read release {path}, which tells what was said of people before: {error}; mend or restore it"
        ) from error


def all_rows(earlier: Sequence[Earlier]) -> list[pa.Table]:
    """Return the rows of those that have any, oldest first."""
    return [one.rows for one in earlier if one.rows.num_rows]
