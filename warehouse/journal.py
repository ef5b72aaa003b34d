"""The answer journal: every reply a teacher ever gave, raw, on disk before it is used. The cache and the provenance."""

import json
import sqlite3
from collections.abc import Sequence, Set
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Final, Self
from uuid import uuid4

from valueprism_build.records import Answer, FailedTry, Purpose
from valueprism_build.teachers.spending import Spending
from valueprism_build.teachers.teacher import Claimed
from warehouse import batch_rows, claims, journal_spending
from warehouse.journal_rows import COLUMNS, TRY_COLUMNS, to_answer, to_failed_try, to_row, to_try_row
from warehouse.sqlite_file import SqliteFile

JOURNAL_FILE: Final = "answers.sqlite"

_ANSWER: Final = """
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
_FAILED_TRY: Final = """
CREATE TABLE failed_try (
    request_hash  TEXT NOT NULL,
    situation_id  TEXT NOT NULL,
    teacher       TEXT NOT NULL,
    model         TEXT NOT NULL,
    error         TEXT NOT NULL,
    cost          TEXT,              -- US dollars, at worst where the outcome is not known; NULL without a price
    outcome_known INTEGER NOT NULL,  -- 0: it may have been answered, and paid for
    latency       REAL NOT NULL,
    created_at    TEXT NOT NULL
) STRICT
"""
# Before these there was one purpose only.
_PURPOSE: Final = (
    "ALTER TABLE answer ADD COLUMN purpose TEXT NOT NULL DEFAULT 'considerations'",
    "ALTER TABLE answer ADD COLUMN subject TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE failed_try ADD COLUMN purpose TEXT NOT NULL DEFAULT 'considerations'",
)
# Before these nobody noted for which run it was.
_RUN: Final = (
    "ALTER TABLE answer ADD COLUMN run_id TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE failed_try ADD COLUMN run_id TEXT NOT NULL DEFAULT ''",
    # With the costs in it, writing a reply would take twice as long, for a sum that is made once a run.
    "CREATE INDEX answer_run ON answer (run_id)",
    "CREATE INDEX failed_try_run ON failed_try (run_id)",
)
MIGRATIONS: Final = ((_ANSWER, _INDEX), (_FAILED_TRY, claims.CREATE), _PURPOSE, _RUN, batch_rows.CREATE)
# A stored reply was paid for and is never overwritten; a stored error gives way to whatever came later.
_INSERT: Final = f"""
INSERT INTO answer ({COLUMNS}, run_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (request_hash) DO UPDATE SET
    situation_id = excluded.situation_id, teacher = excluded.teacher, model = excluded.model,
    prompt_version = excluded.prompt_version, params = excluded.params, text = excluded.text,
    finish_reason = excluded.finish_reason, prompt_tokens = excluded.prompt_tokens,
    completion_tokens = excluded.completion_tokens, cost = excluded.cost, latency = excluded.latency,
    created_at = excluded.created_at, error = excluded.error,
    purpose = excluded.purpose, subject = excluded.subject, run_id = excluded.run_id
WHERE answer.error IS NOT NULL
"""
_INSERT_TRY: Final = f"INSERT INTO failed_try ({TRY_COLUMNS}, run_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_TRIES: Final = f"SELECT {TRY_COLUMNS} FROM failed_try ORDER BY created_at, request_hash"
# One bound JSON array instead of one variable per id: SQLite limits variables, not the length of a text.
_OF_OTHERS: Final = """
SELECT request_hash FROM answer WHERE teacher <> ? AND request_hash IN (SELECT value FROM json_each(?))
"""
_REPLIED: Final = """
SELECT EXISTS (SELECT 1 FROM answer WHERE teacher = ?1 AND error IS NULL)
    OR EXISTS (SELECT 1 FROM batch WHERE teacher = ?1 AND answered + failed < requests)
"""
_ANSWERED: Final = """
SELECT request_hash FROM answer WHERE error IS NULL AND request_hash IN (SELECT value FROM json_each(?))
"""
_FOR_SITUATIONS: Final = f"""
SELECT {COLUMNS} FROM answer WHERE error IS NULL AND situation_id IN (SELECT value FROM json_each(?))
AND purpose IN (SELECT value FROM json_each(?))
ORDER BY situation_id, teacher, model, prompt_version, request_hash
"""
_ERRORS: Final = f"SELECT {COLUMNS} FROM answer WHERE error IS NOT NULL ORDER BY situation_id, request_hash"


class AnswerJournal:
    """An `AnswerStore` on one SQLite file; any number of threads and processes may share the file.

    A committed answer survives the loss of the process and of the power.
    Close it, or use it as a context manager.
    """

    def __init__(self, path: Path, *, run_id: str = "", busy_seconds: float = 30.0) -> None:
        """Open or create the journal.

        Args:
            path: the file, usually `JOURNAL_FILE` in the warehouse directory; missing folders are made.
            run_id: for which run it is noted what is added; a reader needs none.
            busy_seconds: how long a write waits for another process's write to end.

        Raises:
            WarehouseError: the file cannot be made, is no journal, or is of a later version of this program.
        """
        self._file = SqliteFile(path, "answer journal", MIGRATIONS, busy_seconds=busy_seconds)
        self._run_id = run_id
        self._owner = claims.owner(uuid4().hex)  # random, for a process id may come again; it decides nothing

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; closing twice is harmless."""
        self._file.close()

    def add(self, answers: Sequence[Answer], failed_tries: Sequence[FailedTry] = ()) -> None:
        """Commit all in one transaction, and end one's own claims on these requests.

        A stored reply is never overwritten, a stored error is.

        Raises:
            WarehouseError: the file cannot be written (disk full, read-only, locked for too long), or it is gone.
        """
        with self._file.writing() as db:
            store(db, self._run_id, answers, failed_tries)
            claims.release(db, self._owner, [answer.request_hash for answer in answers])

    def answered(self, hashes: Sequence[str]) -> set[str]:
        """Return those request hashes for which a reply (not an error) is stored."""
        with self._file.reading() as db:
            return {row[0] for row in db.execute(_ANSWERED, (_json_array(hashes),))}

    def of_others(self, hashes: Sequence[str], teacher: str) -> set[str]:
        """Return those requests that another teacher is known to have been asked, whatever came of it."""
        with self._file.reading() as db:
            return {row[0] for row in db.execute(_OF_OTHERS, (teacher, _json_array(hashes)))}

    def has_replied(self, teacher: str) -> bool:
        """Return whether there is a reply of a teacher, or a batch under way that may bring one."""
        with self._file.reading() as db:
            return bool(db.execute(_REPLIED, (teacher,)).fetchone()[0])

    def claim(self, hashes: Sequence[str], now: datetime, lease: timedelta) -> Claimed:
        """Claim for so long what has no reply, waits in no batch, and is claimed by nobody else who lives."""
        answered = self.answered(hashes)
        if len(answered) == len(hashes):  # nothing to claim: no need to wait for a writer
            return Claimed(answered, set())
        with self._file.writing() as db:
            # Again: a reply may have come, and its claim gone, since the first look.
            answered = {row[0] for row in db.execute(_ANSWERED, (_json_array(hashes),))}
            open_ = [request_hash for request_hash in hashes if request_hash not in answered]
            waiting = batch_rows.waiting(db, open_)
            granted = claims.claim(db, self._owner, [h for h in open_ if h not in waiting], now, lease)
        return Claimed(answered, granted, frozenset(waiting))

    def waiting(self, hashes: Sequence[str]) -> set[str]:
        """Return those requests that are in a batch under way."""
        with self._file.reading() as db:
            return batch_rows.waiting(db, hashes)

    def renew(self, hashes: Sequence[str], now: datetime, lease: timedelta) -> None:
        """Extend one's own claims on these requests."""
        with self._file.writing() as db:
            claims.renew(db, self._owner, hashes, now, lease)

    def release(self, hashes: Sequence[str]) -> None:
        """End one's own claims on these requests."""
        if hashes:
            with self._file.writing() as db:
                claims.release(db, self._owner, hashes)

    def for_situations(self, situation_ids: Sequence[str], purposes: Sequence[Purpose]) -> list[Answer]:
        """Return the replies (not the errors) to such questions, by situation, teacher, model, prompt, hash."""
        bound = (_json_array(situation_ids), _json_array(purposes))
        with self._file.reading() as db:
            return [to_answer(row) for row in db.execute(_FOR_SITUATIONS, bound)]

    def errors(self) -> list[Answer]:
        """Return the requests that have no reply, each with its last error, ordered by situation and hash."""
        with self._file.reading() as db:
            return [to_answer(row) for row in db.execute(_ERRORS)]

    def failed_tries(self) -> list[FailedTry]:
        """Return every try that brought no usable reply, in the order in which they failed."""
        with self._file.reading() as db:
            return [to_failed_try(row) for row in db.execute(_TRIES)]

    def spent_by_run(self, settled: Set[str]) -> dict[str, list[Spending]]:
        """Return what each run has spent so far, but for those that are named as settled."""
        with self._file.reading() as db:
            return journal_spending.by_run(db, sorted(journal_spending.run_ids(db) - settled))

    def spent_on(self, situation_ids: Sequence[str]) -> list[Spending]:
        """Return what the replies about these situations took, with the failed tries before them."""
        with self._file.reading() as db:
            return journal_spending.on_situations(db, situation_ids)

    def count(self) -> int:
        """Return how many replies (not errors) are stored."""
        with self._file.reading() as db:
            (count,) = db.execute("SELECT count(*) FROM answer WHERE error IS NULL").fetchone()
            return int(count)


def store(db: sqlite3.Connection, run_id: str, answers: Sequence[Answer], failed_tries: Sequence[FailedTry]) -> None:
    """Store answers of a run, each unless its request has a reply already, and failed tries. In a transaction."""
    db.executemany(_INSERT, [(*to_row(answer), run_id) for answer in answers])
    db.executemany(_INSERT_TRY, [(*to_try_row(failed), run_id) for failed in failed_tries])


def _json_array(ids: Sequence[str]) -> str:
    return json.dumps(list(ids))
