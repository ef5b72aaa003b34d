"""What asking took: read, and told to a person and to a program.

Nobody counts along: every reply and every failed try is in the answer journal, with its cost and its run. A run that
ends, however it ends, settles its sum in the warehouse; a run that goes on or was killed is summed up from the journal
when somebody looks, and by the next run that ends. So only what was under way when a process was killed, one try for
each of its concurrent requests, is in no sum.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import chain
from typing import Final, NamedTuple, TypeAlias

from rich.table import Table

from flows.storage import Storage
from flows.tables import Data, table
from valueprism_build.teachers.budget import NOTHING
from valueprism_build.teachers.spending import Spending, as_json, dollars, summed
from warehouse import runs, spending

ByRun: TypeAlias = Mapping[str, Sequence[Spending]]
"""By run id; the empty one is for what was asked before runs were noted."""

COLUMNS: Final = ("teacher", "model", "stage", "answers", "failed tries", "tokens", "US$", "of it failed")


class Spent(NamedTuple):
    """What a warehouse has cost so far.

    Attributes:
        by_run: of the runs that asked anything.
        last_run: the latest of them, or None.
    """

    by_run: ByRun
    last_run: str | None

    @property
    def in_all(self) -> Sequence[Spending]:
        """Return what all runs together have spent."""
        return summed(chain.from_iterable(self.by_run.values()))


def read_spent(storage: Storage) -> Spent:
    """Return what each run has spent.

    Raises:
        WarehouseError: the warehouse or the journal cannot be read.
    """
    with storage.open(read_only=True) as db:
        settled, latest_first = spending.settled(db), runs.latest_first(db)
    by_run = {**settled, **unsettled(storage, settled)}
    return Spent(by_run, next((run_id for run_id in latest_first if run_id in by_run), None))


def unsettled(storage: Storage, settled: ByRun) -> ByRun:
    """Return what the journal knows of the other runs."""
    with storage.journal_if_any() as journal:
        return {} if journal is None else journal.spent_by_run(settled.keys())


def spending_shown(title: str, rows: Sequence[Spending]) -> Table:
    """Return one line for each teacher, model and stage."""
    cells = (
        (row.teacher, row.model, row.stage, row.answered, row.failed_tries, row.prompt_tokens + row.completion_tokens,
         _amount([row]), f"{row.failed_cost:.4f}")
        for row in rows
    )  # fmt: skip
    return table(title, COLUMNS, cells)


def in_words(rows: Sequence[Spending]) -> str:
    """Return the sum, as far as prices are known."""
    tries, failed = sum(row.failed_tries for row in rows), sum((row.failed_cost for row in rows), NOTHING)
    return f"US$ {_amount(rows)}" + (f" ({failed:.4f} of it for {tries} failed tries)" if failed else "")


def spending_data(rows: Sequence[Spending]) -> Data:
    """Return the same for `--json`; `cost` is that of what has a known price."""
    unpriced = sum(row.unpriced for row in rows)
    return {"cost": dollars(_priced(rows)), "unpriced": unpriced, "rows": [as_json(row) for row in rows]}


def _amount(rows: Sequence[Spending]) -> str:
    priced, unpriced = _priced(rows), sum(row.unpriced for row in rows)
    if unpriced:
        return f"{priced:.4f} and {unpriced} of unknown price" if priced else "unknown"
    return f"{priced:.4f}"


def _priced(rows: Sequence[Spending]) -> Decimal:
    return sum((row.answers_cost + row.failed_cost for row in rows), NOTHING)
