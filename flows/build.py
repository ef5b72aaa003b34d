"""The build flow: situations in, considerations in the warehouse.

Prefect sees coarse tasks only: collect every source, then ask and derive a chunk of situations at a time. Tasks pass
ids; rows stay in the warehouse and the journal, and that is also where a run that was killed goes on from.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any
from uuid import uuid4

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from flows.asking import Asked, ask, teacher_of
from flows.collecting import Collected, collect
from flows.deriving import Derivation, derive
from flows.settings import Settings, as_flags, load
from flows.storage import Storage
from valueprism_build.records import Stage
from warehouse import runs
from warehouse.runs import Outcome, StageCount

# What tasks return is ids and counts, taken from memory by the next one: nothing to cache, nothing to store.
collect_task = task(name="collect", cache_policy=NO_CACHE)(collect)
ask_task = task(name="ask", cache_policy=NO_CACHE)(ask)
derive_task = task(name="derive", cache_policy=NO_CACHE)(derive)


@dataclass(slots=True)
class Built:
    """What a run has done so far."""

    run_id: str
    collected: Collected = field(default_factory=Collected)
    asked: Asked = field(default_factory=Asked)
    derived: Derivation = field(default_factory=Derivation)

    def funnel(self) -> list[StageCount]:
        """Return what came into each stage and what became of it; items of replies from stage parse on."""
        asked, derived = self.asked, self.derived
        return [
            *self.collected.stages(),
            StageCount(Stage.ASK, asked.asked, asked.answered, asked.cached, asked.failed),
            StageCount(Stage.PARSE, derived.parsed + derived.unparsed, derived.parsed, 0, derived.unparsed),
            StageCount(Stage.DEDUP, derived.parsed, derived.kept, 0, derived.repeated),
        ]


@flow(name="build")
def build(overrides: dict[str, Any]) -> Built:
    """Collect situations, ask the teacher about those it has not answered, and derive considerations.

    Args:
        overrides: what flags would say, in the shape of the settings; the rest comes from the environment and
            `valueprism.toml` where the flow runs. Prefect stores it, so it holds no secret.

    Raises:
        BuildError: one line that says what to mend; what was done before is kept.
    """
    settings = load(overrides)
    storage = Storage(settings)
    with _recorded(storage, settings) as built:
        built.collected = collect_task(settings, built.run_id)
        ids = built.collected.ids
        with teacher_of(settings) as teacher:
            for start in range(0, len(ids), settings.chunk_size):
                chunk = ids[start : start + settings.chunk_size]
                built.asked += ask_task(settings, teacher, chunk, built.run_id)
                built.derived += derive_task(settings, chunk, built.run_id)
        built.asked.require_some(settings.teacher.name)
    return built


@contextmanager
def _recorded(storage: Storage, settings: Settings) -> Iterator[Built]:
    """Record the run, its funnel and how it ended, whichever way it ends."""
    built = Built(run_id=uuid4().hex[:12])
    with storage.open() as db:
        runs.start(
            db,
            built.run_id,
            command="build",
            started_at=datetime.now(UTC),
            settings=json.dumps(as_flags(settings)),
            code_version=version("valueprism-build"),
        )
    outcome: Outcome = "failed"
    try:
        yield built
        outcome = "done"
    except KeyboardInterrupt:
        outcome = "stopped"
        raise
    finally:
        with storage.open() as db:
            for count in built.funnel():
                runs.record_stage(db, built.run_id, count)
            runs.finish(db, built.run_id, finished_at=datetime.now(UTC), outcome=outcome)
