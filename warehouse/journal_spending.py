"""What asking took, as the answer journal has it: every reply and every failed try that was ever committed.

Costs are decimal texts, which SQLite cannot add: it counts how often each cost comes, and we add.
"""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from valueprism_build.records import Purpose
from valueprism_build.teachers.budget import NOTHING
from valueprism_build.teachers.spending import Spending, summed

_REPLIES: Final = "count(*), 0, sum(prompt_tokens), sum(completion_tokens) FROM answer WHERE error IS NULL"
_TRIES: Final = "0, count(*), 0, 0 FROM failed_try"
_OF_RUNS: Final = "run_id IN (SELECT value FROM json_each(:ids))"
_GROUPED: Final = "GROUP BY run_id, teacher, model, purpose, cost"
_BY_RUN: Final = f"""
SELECT run_id, teacher, model, purpose, cost, {_REPLIES} AND {_OF_RUNS} {_GROUPED}
UNION ALL SELECT run_id, teacher, model, purpose, cost, {_TRIES} WHERE {_OF_RUNS} {_GROUPED}
"""
_ABOUT: Final = "situation_id IN (SELECT value FROM json_each(:ids))"
# Failed tries of questions that were answered in the end: that sum stays as it is, whatever is tried later.
_ON_SITUATIONS: Final = f"""
SELECT run_id, teacher, model, purpose, cost, {_REPLIES} AND {_ABOUT} {_GROUPED}
UNION ALL SELECT run_id, teacher, model, purpose, cost, {_TRIES}
WHERE request_hash IN (SELECT request_hash FROM answer WHERE error IS NULL AND {_ABOUT}) {_GROUPED}
"""
_RUNS: Final = "SELECT DISTINCT run_id FROM answer UNION SELECT DISTINCT run_id FROM failed_try"


def run_ids(db: sqlite3.Connection) -> set[str]:
    """Return the runs that anything was committed for; the empty name is for what came before runs were noted."""
    return {run_id for (run_id,) in db.execute(_RUNS)}


def by_run(db: sqlite3.Connection, ids: Sequence[str]) -> dict[str, list[Spending]]:
    """Return what each of these runs has spent, in the order of `summed`."""
    found: dict[str, list[Spending]] = defaultdict(list)
    for group in _groups(db, _BY_RUN, ids):
        found[group.run_id].append(_spending(group))
    return {run_id: summed(rows) for run_id, rows in sorted(found.items())}


def on_situations(db: sqlite3.Connection, ids: Sequence[str]) -> list[Spending]:
    """Return what the replies about these situations took, with the failed tries before them."""
    return summed(map(_spending, _groups(db, _ON_SITUATIONS, ids)))


class _Group(NamedTuple):
    """Replies or failed tries that are alike, each of this cost."""

    run_id: str
    teacher: str
    model: str
    purpose: str
    cost: str | None
    answered: int
    failed_tries: int
    prompt_tokens: int
    completion_tokens: int


def _groups(db: sqlite3.Connection, query: str, ids: Sequence[str]) -> Iterator[_Group]:
    return map(_Group._make, db.execute(query, {"ids": json.dumps(list(ids))}))


def _spending(group: _Group) -> Spending:
    count = group.answered or group.failed_tries  # it is of one kind
    cost = NOTHING if group.cost is None else Decimal(group.cost) * count
    return Spending(
        group.teacher,
        group.model,
        Purpose(group.purpose).stage,
        answered=group.answered,
        failed_tries=group.failed_tries,
        prompt_tokens=group.prompt_tokens,
        completion_tokens=group.completion_tokens,
        answers_cost=cost if group.answered else NOTHING,
        failed_cost=cost if group.failed_tries else NOTHING,
        unpriced=count if group.cost is None else 0,
    )
