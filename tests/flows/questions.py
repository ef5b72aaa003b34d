"""Which question a request asks, and which ones the journal can answer; points of view are called what they say."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from tests.teacher_server import Received
from valueprism_build.ids import situation_id
from warehouse.journal import JOURNAL_FILE


class Question(NamedTuple):
    """About a situation from a point of view; the first question has none."""

    situation_id: str
    point_of_view: str


def question(request: Received) -> Question:
    """Return what was asked."""
    [*_, last] = json.loads(json.dumps(request.body["messages"]))
    lines = [line.partition(": ")[2] for line in last["content"].splitlines()]
    return Question(situation_id(lines[0]), lines[1] if len(lines) > 1 else "")


def answered(warehouse: Path) -> list[Question]:
    """Return the questions that the journal holds a reply to."""
    if not (warehouse / JOURNAL_FILE).exists():
        return []
    with closing(sqlite3.connect(warehouse / JOURNAL_FILE)) as journal:
        tables = journal.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'answer'").fetchone()
        if tables == (0,):  # killed before the table was made
            return []
        rows = journal.execute("SELECT situation_id, subject FROM answer WHERE error IS NULL ORDER BY 1, 2").fetchall()
    return [Question(*row) for row in rows]
