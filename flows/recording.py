"""The record that each run leaves of itself: its settings, its funnel, what it spent, and how it ended."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version

from flows.settings import Settings, as_flags
from flows.spending import unsettled
from flows.storage import Storage
from warehouse import runs, spending
from warehouse.runs import Outcome, StageCount


@contextmanager
def recorded(settings: Settings, command: str, run_id: str, funnel: Callable[[], list[StageCount]]) -> Iterator[None]:
    """Record a run, its funnel, what it spent and how it ended, whichever way it ends.

    What runs that were killed have spent is settled with it: the journal has what they could not say.

    Args:
        settings: stored without the keys.
        command: the word that started it.
        run_id: nobody else's.
        funnel: asked at the end for what each stage did so far.
    """
    storage = Storage(settings)
    with storage.open() as db:
        runs.start(
            db,
            run_id,
            command=command,
            started_at=datetime.now(UTC),
            settings=json.dumps(as_flags(settings)),
            code_version=version("valueprism-build"),
        )
    outcome: Outcome = "failed"
    try:
        yield
        outcome = "done"
    except BaseException as error:
        if not isinstance(error, Exception):  # Ctrl-C, or what Prefect makes of a termination
            outcome = "stopped"
        raise
    finally:
        with storage.open() as db:
            spending.store(db, unsettled(storage, spending.settled(db)))
            for count in funnel():
                runs.record_stage(db, run_id, count)
            runs.finish(db, run_id, finished_at=datetime.now(UTC), outcome=outcome)
