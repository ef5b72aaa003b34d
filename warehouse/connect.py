"""Opening the warehouse: one DuckDB file in a directory, one writer or many readers at a time."""

import os
import re
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import Final, TypeAlias

import duckdb
import stamina
from duckdb import DuckDBPyConnection

from valueprism_build.errors import WarehouseError
from warehouse.migrate import check, migrate, read_migrations

Connection: TypeAlias = DuckDBPyConnection
"""A warehouse that is open, as flows may call it: they know no DuckDB."""

WAREHOUSE_FILE: Final = "warehouse.duckdb"
# DuckDB must not fetch extensions, nor take a Python variable for a table whose name is mistyped.
_CONFIG: Final[dict[str, str | bool | int | float | list[str]]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "python_enable_replacements": False,
}
_TURN: Final = threading.RLock()
"""Of this process's threads: DuckDB opens no file to read that its own process has open to write, and two writers of
one process would clash where they do not wait. A thread that has it open may open it once more."""
_LOCKED: Final = "Could not set lock on file"
_HOLDER: Final = re.compile(r"held in (?P<program>.+?) \(PID (?P<pid>\d+)\)")


@contextmanager
def open_warehouse(
    directory: Path, *, read_only: bool = False, wait_seconds: float = 20.0
) -> Iterator[DuckDBPyConnection]:
    """Open the warehouse in `directory`; it is made and brought up to date unless `read_only`.

    The connection is for one thread; take `db.cursor()` for another. While a writer has it open, every other process
    waits, and so does every other thread of this one; so open it for short.

    Args:
        directory: where `warehouse.duckdb` lies.
        read_only: several processes may read at once.
        wait_seconds: how long to wait for another process, or another thread of this one, that has it open.

    Raises:
        WarehouseError: it cannot be opened, made, migrated, or written (disk full) while it is open.
    """
    path = directory / WAREHOUSE_FILE
    if directory.exists() and not directory.is_dir():
        raise WarehouseError(f"{directory} is a file; give a directory with --warehouse")
    if not read_only:
        _prepare(path)
    elif not path.exists():
        raise WarehouseError(f"{directory} holds no warehouse; run `valueprism build --warehouse {directory}` first")
    with _turn(path, wait_seconds), closing(_connect(path, read_only=read_only, wait_seconds=wait_seconds)) as db:
        try:
            if read_only:
                check(db, read_migrations())
            else:
                migrate(db, read_migrations())
            yield db
        except duckdb.Error as error:
            if not _is_of_the_disk(error):
                raise
            raise WarehouseError(
                f"{path} could not be read or written: {_first_line(error)}; "
                "see that the disk has space, then run again: what was stored before is safe"
            ) from error


def open_in_memory() -> DuckDBPyConnection:
    """Return an empty warehouse that lives as long as its connection; `with` closes it."""
    db = duckdb.connect(":memory:", config=_CONFIG)
    migrate(db, read_migrations())
    return db


def _prepare(path: Path) -> None:
    """Make the directory and the file, or say why not."""
    directory = path.parent
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=directory):  # a file that may be written is not enough: DuckDB puts its log beside it
            pass
        if not path.exists():
            _create(path)
    except OSError as error:
        raise WarehouseError(
            f"{directory} cannot be written ({error.strerror}); give a directory that you may write with --warehouse"
        ) from error


def _create(path: Path) -> None:
    """Make the file in one step: a process killed while DuckDB makes it leaves an empty file that never opens again."""
    with TemporaryDirectory(prefix=".new-", dir=path.parent) as folder:
        made = Path(folder) / path.name
        duckdb.connect(made, config=_CONFIG).close()
        with suppress(FileExistsError):  # another process was first; theirs is as good
            os.link(made, path)


@contextmanager
def _turn(path: Path, wait_seconds: float) -> Iterator[None]:
    if not _TURN.acquire(timeout=max(wait_seconds, 0)):
        raise WarehouseError(f"{path} is in use by another thread of this process; waited {wait_seconds:g} s")
    try:
        yield
    finally:
        _TURN.release()


def _connect(path: Path, *, read_only: bool, wait_seconds: float) -> DuckDBPyConnection:
    patient = stamina.RetryingCaller(
        attempts=None,
        timeout=max(wait_seconds, 0.001),  # stamina warns of a zero
        wait_initial=0.05,
        wait_max=0.5,
        wait_jitter=0.1,
    ).on(_is_locked)
    try:
        return patient(duckdb.connect, path, read_only=read_only, config=_CONFIG)
    except duckdb.Error as error:
        raise _explained(error, path, wait_seconds) from error


def _is_locked(error: Exception) -> bool:
    return isinstance(error, duckdb.IOException) and _LOCKED in str(error)


def _is_of_the_disk(error: duckdb.Error) -> bool:
    # A commit that finds the disk full is a TransactionException like any other, but for its words.
    return isinstance(error, duckdb.IOException | duckdb.FatalException) or "Could not write file" in str(error)


def _explained(error: duckdb.Error, path: Path, wait_seconds: float) -> WarehouseError:
    told = _first_line(error)
    if _is_locked(error):
        holder = _HOLDER.search(told)
        who = f"process {holder['pid']} ({holder['program']})" if holder else "another process"
        return WarehouseError(
            f"{path} is in use by {who}; waited {wait_seconds:g} s: run again when it has ended, or stop it"
        )
    if "not a valid DuckDB database file" in told:
        return WarehouseError(f"{path} is not a DuckDB file; move it away or give another directory with --warehouse")
    return WarehouseError(f"{path} cannot be opened: {told}")


def _first_line(error: duckdb.Error) -> str:
    return str(error).splitlines()[0]
