"""The answer journal: every reply a teacher ever gave, raw, on disk before it is used. The cache and the provenance."""

import json
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Final, Self, TypeAlias

from valueprism_build.errors import WarehouseError
from valueprism_build.records import Answer

JOURNAL_FILE: Final = "answers.sqlite"
SCHEMA_VERSION: Final = 1

_SCHEMA: Final = """
CREATE TABLE answer (
    request_hash      TEXT PRIMARY KEY,
    situation_id      TEXT NOT NULL,
    teacher           TEXT NOT NULL,
    model             TEXT NOT NULL,
    prompt_version    TEXT NOT NULL,
    params            TEXT NOT NULL,
    text              TEXT NOT NULL,
    finish_reason     TEXT NOT NULL,
    prompt_tokens     INTEGER NOT NULL,
    completion_tokens INTEGER NOT NULL,
    cost              TEXT,            -- US dollars as a decimal number; REAL would round it
    latency           REAL NOT NULL,   -- seconds
    created_at        TEXT NOT NULL,   -- ISO 8601, UTC
    error             TEXT             -- NULL for a reply
) STRICT
"""
_INDEX: Final = "CREATE INDEX answer_situation ON answer (situation_id) WHERE error IS NULL"
_COLUMNS: Final = (
    "request_hash, situation_id, teacher, model, prompt_version, params, text, finish_reason, "
    "prompt_tokens, completion_tokens, cost, latency, created_at, error"
)
# A stored reply was paid for and is never overwritten; a stored error gives way to whatever came later.
_INSERT: Final = f"""
INSERT INTO answer ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (request_hash) DO UPDATE SET
    situation_id = excluded.situation_id, teacher = excluded.teacher, model = excluded.model,
    prompt_version = excluded.prompt_version, params = excluded.params, text = excluded.text,
    finish_reason = excluded.finish_reason, prompt_tokens = excluded.prompt_tokens,
    completion_tokens = excluded.completion_tokens, cost = excluded.cost, latency = excluded.latency,
    created_at = excluded.created_at, error = excluded.error
WHERE answer.error IS NOT NULL
"""
# One bound JSON array instead of one variable per id: SQLite limits variables, not the length of a text.
_ANSWERED: Final = """
SELECT request_hash FROM answer WHERE error IS NULL AND request_hash IN (SELECT value FROM json_each(?))
"""
_FOR_SITUATIONS: Final = f"""
SELECT {_COLUMNS} FROM answer WHERE error IS NULL AND situation_id IN (SELECT value FROM json_each(?))
ORDER BY situation_id, teacher, model, prompt_version, request_hash
"""
_ERRORS: Final = f"SELECT {_COLUMNS} FROM answer WHERE error IS NOT NULL ORDER BY situation_id, request_hash"

_Row: TypeAlias = tuple[
    str, str, str, str, str, str, str, str, int, int, str | None, float, str, str | None
]  # in the order of _COLUMNS


class AnswerJournal:
    """An `AnswerStore` on one SQLite file in WAL mode; any number of threads and processes may share the file.

    A committed answer survives the loss of the process and of the power (synchronous=FULL).
    Close it, or use it as a context manager.
    """

    def __init__(self, path: Path, *, busy_seconds: float = 30.0) -> None:
        """Open or create the journal.

        Args:
            path: the file, usually `JOURNAL_FILE` in the warehouse directory; missing folders are made.
            busy_seconds: how long a write waits for another process's write to end.

        Raises:
            WarehouseError: the file cannot be made, is no journal, or is of a later version of this program.
        """
        self._path = path
        self._lock = threading.Lock()  # the connection is used from worker threads, one at a time
        with self._translated("open"):
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(path, timeout=busy_seconds, isolation_level=None, check_same_thread=False)
            try:
                self._db.execute("PRAGMA journal_mode = WAL")
                self._db.execute("PRAGMA synchronous = FULL")
                self._migrate()
                self._inode = path.stat().st_ino
            except BaseException:
                self._db.close()
                raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; closing twice is harmless."""
        with self._lock:
            self._db.close()

    def add(self, answers: Sequence[Answer]) -> None:
        """Commit the answers in one transaction; a stored reply is never overwritten, a stored error is.

        Raises:
            WarehouseError: the file cannot be written (disk full, read-only, locked for too long), or it is gone.
        """
        rows = [_to_row(answer) for answer in answers]
        self._require_file()
        with self._translated("write"), self._transaction():
            self._db.executemany(_INSERT, rows)

    def answered(self, hashes: Sequence[str]) -> set[str]:
        """Return those request hashes for which a reply (not an error) is stored."""
        with self._translated("read"), self._lock:
            return {row[0] for row in self._db.execute(_ANSWERED, (_json_array(hashes),))}

    def for_situations(self, situation_ids: Sequence[str]) -> list[Answer]:
        """Return the replies (not the errors), ordered by situation, teacher, model, prompt, hash."""
        with self._translated("read"), self._lock:
            return [_to_answer(row) for row in self._db.execute(_FOR_SITUATIONS, (_json_array(situation_ids),))]

    def errors(self) -> list[Answer]:
        """Return the requests that have no reply, each with its last error, ordered by situation and hash."""
        with self._translated("read"), self._lock:
            return [_to_answer(row) for row in self._db.execute(_ERRORS)]

    def count(self) -> int:
        """Return how many replies (not errors) are stored."""
        with self._translated("read"), self._lock:
            (count,) = self._db.execute("SELECT count(*) FROM answer WHERE error IS NULL").fetchone()
            return int(count)

    def _require_file(self) -> None:
        """Refuse to write to a file that somebody has deleted: SQLite would, and all of it would be lost."""
        try:
            found = self._path.stat().st_ino
        except OSError:
            found = None
        if found != self._inode:
            raise WarehouseError(
                f"the answer journal {self._path} was deleted or replaced while it was in use; run again: "
                "what arrived before is in the file that was taken away"
            )

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        # IMMEDIATE: wait for other writers at the start, where waiting is safe, not at the first write.
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                # SQLite ends the transaction by itself on some errors (a full disk is one).
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    def _migrate(self) -> None:
        if self._is_current():  # opening for reading must not wait for another process's write
            return
        with self._transaction():
            if self._is_current():  # another process was faster
                return
            (tables,) = self._db.execute("SELECT count(*) FROM sqlite_schema").fetchone()
            if tables:
                raise WarehouseError(f"{self._path} is some other SQLite database: choose another warehouse directory")
            self._db.execute(_SCHEMA)
            self._db.execute(_INDEX)
            self._db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")

    def _is_current(self) -> bool:
        (version,) = self._db.execute("PRAGMA user_version").fetchone()
        if version > SCHEMA_VERSION:
            raise WarehouseError(
                f"{self._path} is a journal of version {version}, this program knows {SCHEMA_VERSION}: "
                "update the program"
            )
        return bool(version == SCHEMA_VERSION)

    @contextmanager
    def _translated(self, action: str) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise WarehouseError(f"cannot {action} the answer journal {self._path}: {error}; {_cure(error)}") from error


def _cure(error: sqlite3.Error | OSError) -> str:
    said = str(error).lower()
    if "not a database" in said or "malformed" in said:
        return "move the file away or choose another warehouse directory"
    if "locked" in said:
        return "another process is writing; wait for it or stop it"
    if "full" in said or "disk i/o" in said:
        return "free some disk space and run again, nothing that was stored is lost"
    return "check that the directory exists and may be written"


def _json_array(ids: Sequence[str]) -> str:
    return json.dumps(list(ids))


def _to_row(answer: Answer) -> _Row:
    return (
        answer.request_hash,
        answer.situation_id,
        answer.teacher,
        answer.model,
        answer.prompt_version,
        answer.params,
        answer.text,
        answer.finish_reason,
        answer.prompt_tokens,
        answer.completion_tokens,
        None if answer.cost is None else str(answer.cost),
        answer.latency,
        answer.created_at.astimezone(UTC).isoformat(),
        answer.error,
    )


def _to_answer(row: _Row) -> Answer:
    cost, created_at = row[10], row[12]
    return Answer(
        *row[:10],
        cost=None if cost is None else Decimal(cost),
        latency=row[11],
        created_at=datetime.fromisoformat(created_at),
        error=row[13],
    )
