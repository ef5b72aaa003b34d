"""The journal of batches, in the file of the answer journal: which requests wait in which batch.

No request is ever in two, and none that waits in one is asked alone: both are decided in transactions on one file.
"""

import fcntl
import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from valueprism_build.records import Answer, FailedTry
from valueprism_build.teachers.batches import Batch, BatchRequest
from warehouse.batch_rows import (
    BATCH_COLUMNS,
    REQUEST_COLUMNS,
    to_batch,
    to_request,
    to_request_row,
    to_row,
)
from warehouse.journal import MIGRATIONS, store
from warehouse.sqlite_file import SqliteFile

LOCK_FILE: Final = "batches.lock"

_IT: Final = "endpoint = ? AND file_id = ?"
_ADD: Final = f"INSERT INTO batch ({BATCH_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_ADD_REQUEST: Final = f"""
INSERT INTO batch_request (endpoint, file_id, {REQUEST_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_TAKE: Final = f"""
DELETE FROM batch_request WHERE {_IT} AND request_hash IN (SELECT value FROM json_each(?)) RETURNING request_hash
"""


class BatchJournal:
    """Batches under way and those that have ended. Close it; nothing is locked between two calls."""

    def __init__(self, path: Path, *, run_id: str = "", busy_seconds: float = 30.0) -> None:
        """Open or create the file.

        Args:
            path: of the answer journal.
            run_id: for which run it is noted what is taken.
            busy_seconds: how long a write waits for another process's write to end.

        Raises:
            WarehouseError: the file cannot be made, is no journal, or is of a later version of this program.
        """
        self._file = SqliteFile(path, "answer journal", MIGRATIONS, busy_seconds=busy_seconds)
        self._run_id = run_id
        self._lock_path = path.with_name(LOCK_FILE)

    def close(self) -> None:
        """Close the file; closing twice is harmless."""
        self._file.close()

    @contextmanager
    def turn(self) -> Iterator[bool]:
        """Yield whether this process may make batches: one at a time may, until it ends at the latest."""
        with ExitStack() as stack:
            with self._file.translated("lock"):
                lock = stack.enter_context(self._lock_path.open("w"))
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                mine = False
            else:
                mine = True
            yield mine

    def add(self, batch: Batch, requests: Sequence[BatchRequest]) -> None:
        """Store an uploaded file and what is asked in it.

        Raises:
            WarehouseError: the file cannot be written, or one of the requests waits in another batch.
        """
        with self._file.writing() as db:
            db.execute(_ADD, to_row(batch))
            db.executemany(_ADD_REQUEST, [(*_key(batch), *to_request_row(request)) for request in requests])

    def seen(self, batch: Batch, batch_id: str, status: str) -> None:
        """Store which batch was made of a file, and how it is doing."""
        with self._file.writing() as db:
            db.execute(f"UPDATE batch SET batch_id = ?, status = ? WHERE {_IT}", (batch_id, status, *_key(batch)))

    def take(self, batch: Batch, answers: Sequence[Answer], failed_tries: Sequence[FailedTry]) -> set[str]:
        """Store outcomes of requests of a batch, and that these wait no more.

        Returns:
            the hashes of those whose outcome was not stored before, by another process perhaps; only they count.
        """
        hashes = json.dumps([answer.request_hash for answer in answers])
        with self._file.writing() as db:
            taken = {request_hash for (request_hash,) in db.execute(_TAKE, (*_key(batch), hashes))}
            outcomes = [answer for answer in answers if answer.request_hash in taken]
            store(db, self._run_id, outcomes, [failed for failed in failed_tries if failed.request_hash in taken])
            failed = sum(answer.error is not None for answer in outcomes)
            db.execute(
                f"UPDATE batch SET answered = answered + ?, failed = failed + ? WHERE {_IT}",
                (len(outcomes) - failed, failed, *_key(batch)),
            )
        return taken

    def forget(self, batch: Batch) -> None:
        """Drop a file of which no batch was made, or whose batch nobody knows any more."""
        with self._file.writing() as db:
            db.execute(f"DELETE FROM batch_request WHERE {_IT}", _key(batch))
            db.execute(f"DELETE FROM batch WHERE {_IT}", _key(batch))

    def all(self) -> list[Batch]:
        """Return every batch, the first made first."""
        return self._read("TRUE", ())

    def under_way(self, endpoint: str, teacher: str) -> list[Batch]:
        """Return a teacher's batches that hold requests whose outcome is not stored, the first made first."""
        return self._read("endpoint = ? AND teacher = ? AND answered + failed < requests", (endpoint, teacher))

    def requests(self, batch: Batch) -> list[BatchRequest]:
        """Return those requests of a batch whose outcome is not stored, in the order of the hashes."""
        query = f"SELECT {REQUEST_COLUMNS} FROM batch_request WHERE {_IT} ORDER BY request_hash"
        with self._file.reading() as db:
            return [to_request(row) for row in db.execute(query, _key(batch))]

    def _read(self, condition: str, bound: tuple[str, ...]) -> list[Batch]:
        query = f"SELECT {BATCH_COLUMNS} FROM batch WHERE {condition} ORDER BY created_at, file_id"
        with self._file.reading() as db:
            return [to_batch(row) for row in db.execute(query, bound)]


def _key(batch: Batch) -> tuple[str, str]:
    return batch.endpoint, batch.file_id
