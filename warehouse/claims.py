"""Who is asking what: claims in the answer journal, so that two processes never pay for the same reply.

A claim holds for a lease, which its owner renews. It falls when the lease is over, and at once when the owner ran on
this machine and its process is gone.
"""

import json
import os
import socket
import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

CREATE: Final = """
CREATE TABLE claim (
    request_hash TEXT PRIMARY KEY,
    owner        TEXT NOT NULL,  -- JSON: host, process id, a name that no other has
    expires      TEXT NOT NULL   -- ISO 8601, UTC
) STRICT, WITHOUT ROWID
"""
_OWNERS: Final = "SELECT DISTINCT owner FROM claim WHERE request_hash IN (SELECT value FROM json_each(?))"
_FALL: Final = "DELETE FROM claim WHERE expires <= ? OR owner IN (SELECT value FROM json_each(?))"
_CLAIM: Final = """
INSERT INTO claim SELECT value, ?, ? FROM json_each(?) WHERE TRUE ON CONFLICT DO NOTHING RETURNING request_hash
"""
_RENEW: Final = "UPDATE claim SET expires = ? WHERE owner = ? AND request_hash IN (SELECT value FROM json_each(?))"
_RELEASE: Final = "DELETE FROM claim WHERE owner = ? AND request_hash IN (SELECT value FROM json_each(?))"


def owner(name: str) -> str:
    """Return how this process signs its claims.

    Args:
        name: one that no other owner has.
    """
    return json.dumps([socket.gethostname(), os.getpid(), name])


def claim(db: sqlite3.Connection, mine: str, hashes: Sequence[str], now: datetime, lease: timedelta) -> set[str]:
    """Claim those that nobody who lives has claimed, and return them. In a transaction."""
    array = json.dumps(list(hashes))
    dead = [found for (found,) in db.execute(_OWNERS, (array,)) if found != mine and _is_gone(found)]
    db.execute(_FALL, (_stamp(now), json.dumps(dead)))
    return {request_hash for (request_hash,) in db.execute(_CLAIM, (mine, _stamp(now + lease), array))}


def renew(db: sqlite3.Connection, mine: str, hashes: Sequence[str], now: datetime, lease: timedelta) -> None:
    """Extend one's own claims on these requests. In a transaction."""
    db.execute(_RENEW, (_stamp(now + lease), mine, json.dumps(list(hashes))))


def release(db: sqlite3.Connection, mine: str, hashes: Sequence[str]) -> None:
    """End one's own claims on these requests. In a transaction."""
    db.execute(_RELEASE, (mine, json.dumps(list(hashes))))


def _is_gone(claimant: str) -> bool:
    """Tell whether a process of this machine has ended; of another machine only its lease tells."""
    host, process, _ = json.loads(claimant)
    if host != socket.gethostname():
        return False
    try:
        os.kill(process, 0)  # sends nothing
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def _stamp(moment: datetime) -> str:
    # Of constant length, so that texts compare as times do.
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
