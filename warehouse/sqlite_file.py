"""One SQLite file in WAL mode that any number of threads and processes share, and whose loss is noticed."""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import stamina

from valueprism_build.errors import WarehouseError


class SqliteFile:
    """A connection for worker threads, one at a time.

    What is committed survives the loss of the process and of the power (synchronous=FULL).
    """

    def __init__(self, path: Path, what: str, migrations: Sequence[Sequence[str]], *, busy_seconds: float) -> None:
        """Open or create the file, and bring it to the last version.

        Args:
            path: missing folders are made.
            what: what the file is, for a person ("answer journal").
            migrations: the statements that lead from each version to the next; the first makes the first.
            busy_seconds: how long a write waits for another process's write to end.

        Raises:
            WarehouseError: the file cannot be made, is something else, or is of a later version of this program.
        """
        self._path = path
        self._what = what
        self._migrations = migrations
        self._lock = threading.Lock()
        with self.translated("open"):
            path.parent.mkdir(parents=True, exist_ok=True)
            self.db: Final = sqlite3.connect(path, timeout=busy_seconds, isolation_level=None, check_same_thread=False)
            try:
                self._write_ahead(busy_seconds)
                self.db.execute("PRAGMA synchronous = FULL")
                self._migrate()
                self._inode = path.stat().st_ino
            except BaseException:
                self.db.close()
                raise

    def close(self) -> None:
        """Close the file; closing twice is harmless."""
        with self._lock:
            self.db.close()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Yield the connection to read from."""
        with self.translated("read"), self._lock:
            yield self.db

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Yield the connection within one transaction; an error takes all of it back.

        Raises:
            WarehouseError: the file cannot be written (disk full, read-only, locked for too long), or it is gone.
        """
        self._require_file()
        with self.translated("write"), self._transaction():
            yield self.db

    @contextmanager
    def translated(self, action: str) -> Iterator[None]:
        """Turn the library's errors into one line that says what to mend."""
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise WarehouseError(f"cannot {action} the {self._what} {self._path}: {error}; {_cure(error)}") from error

    def _write_ahead(self, busy_seconds: float) -> None:
        # Changing the mode takes the whole file, and SQLite does not wait for that as it does elsewhere.
        patient = stamina.RetryingCaller(
            attempts=None,
            timeout=max(busy_seconds, 0.001),  # stamina warns of a zero
            wait_initial=0.01,
            wait_max=0.2,
            wait_jitter=0.05,
        ).on(_is_locked)
        patient(self.db.execute, "PRAGMA journal_mode = WAL")

    def _require_file(self) -> None:
        """Refuse to write to a file that somebody has deleted: SQLite would, and all of it would be lost."""
        try:
            found = self._path.stat().st_ino
        except OSError:
            found = None
        if found != self._inode:
            raise WarehouseError(
                f"the {self._what} {self._path} was deleted or replaced while it was in use; run again: "
                "what arrived before is in the file that was taken away"
            )

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        # IMMEDIATE: wait for other writers at the start, where waiting is safe, not at the first write.
        with self._lock:
            self.db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self.db.execute("COMMIT")
            except BaseException:
                # SQLite ends the transaction by itself on some errors (a full disk is one).
                if self.db.in_transaction:
                    self.db.execute("ROLLBACK")
                raise

    def _migrate(self) -> None:
        if self._version() == len(self._migrations):  # opening for reading must not wait for another process's write
            return
        with self._transaction():
            version = self._version()  # another process may have been faster
            (tables,) = self.db.execute("SELECT count(*) FROM sqlite_schema").fetchone()
            if tables and not version:
                raise WarehouseError(f"{self._path} is some other SQLite database: choose another warehouse directory")
            for statements in self._migrations[version:]:
                for statement in statements:
                    self.db.execute(statement)
            self.db.execute(f"PRAGMA user_version = {len(self._migrations)}")

    def _version(self) -> int:
        (version,) = self.db.execute("PRAGMA user_version").fetchone()
        if version > len(self._migrations):
            raise WarehouseError(
                f"{self._path} is of version {version}, this program knows {len(self._migrations)}: update the program"
            )
        return int(version)


def _is_locked(error: Exception) -> bool:
    return isinstance(error, sqlite3.OperationalError) and "locked" in str(error)


def _cure(error: sqlite3.Error | OSError) -> str:
    said = str(error).lower()
    if "not a database" in said or "malformed" in said:
        return "move the file away or choose another warehouse directory"
    if "locked" in said:
        return "another process is writing; wait for it or stop it"
    if "full" in said or "disk i/o" in said:
        return "free some disk space and run again, nothing that was stored is lost"
    return "check that the directory exists and may be written"
