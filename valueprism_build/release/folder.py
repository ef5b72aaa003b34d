"""A release appears in one step or not at all."""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from filecmp import cmpfiles
from pathlib import Path
from typing import Final

from valueprism_build.errors import ReleaseError

SEMVER: Final = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)", re.ASCII)

MANIFEST: Final = Path("manifest.json")


def parse_version(version: str) -> tuple[int, ...] | None:
    """Return the three numbers of X.Y.Z, or None for anything else."""
    match = SEMVER.fullmatch(version)
    return tuple(int(number) for number in match.groups()) if match else None


def refuse_version(version: str) -> None:
    """Refuse what is no version.

    Raises:
        ReleaseError: it is not X.Y.Z.
    """
    if parse_version(version) is None:
        raise ReleaseError(f"version {version!r} is not X.Y.Z; give three numbers such as 1.0.0")


def previous(directory: Path, version: str) -> Path | None:
    """Return the release with the highest version below this one, or None."""
    below = parse_version(version) or ()
    found = {}
    for path in directory.iterdir() if directory.is_dir() else ():
        numbers = parse_version(path.name)
        if numbers is not None and numbers < below and (path / MANIFEST).is_file():
            found[numbers] = path
    return found[max(found)] if found else None


@contextmanager
def staged(directory: Path, version: str) -> Iterator[Path]:
    """Give a folder to write in; when the block ends well, it becomes `directory/version`.

    Everything is on disk before the new name is. A block that fails leaves nothing; what a killed run left is
    removed by the next one of that version. A version that exists stays as it is: made again alike, nothing is done.
    One maker per version at a time.

    Raises:
        ReleaseError: the folder cannot be written, or the version exists and holds something else.
    """
    partial = directory / f".{version}.partial"
    try:
        directory.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir()
        yield partial
        _flush(partial)
        if (directory / version).exists():
            _refuse_difference(partial, directory / version)
        else:
            partial.rename(directory / version)
        _sync(directory)
    except OSError as error:
        place = error.filename or directory
        raise ReleaseError(f"cannot write {place}: {error.strerror or error}; free or open it and try again") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _refuse_difference(made: Path, existing: Path) -> None:
    """Let pass what differs at most in the manifest, which holds the moment and the version of the code."""
    files = {path.relative_to(root) for root in (made, existing) for path in root.rglob("*") if path.is_file()}
    _, different, missing = cmpfiles(made, existing, [str(file) for file in files - {MANIFEST}], shallow=False)
    if different or missing:
        raise ReleaseError(
            f"release {existing} exists, holds something else ({min(different + missing)} differs) and is never "
            "overwritten; give a higher version"
        )


def _flush(root: Path) -> None:
    for path in sorted(root.rglob("*"), reverse=True):
        _sync(path)
    _sync(root)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
