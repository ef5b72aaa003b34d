"""The build flow: situations in, considerations in the warehouse.

Prefect sees coarse tasks only: collect every source, then ask and derive a chunk of situations at a time. Tasks pass
ids; rows stay in the warehouse and the journal, and that is also where a run that was killed goes on from.
"""

from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from flows.asking import Asked, ask, ready
from flows.canonicalising import Canonicalised, canonicalise
from flows.collecting import Collected, collect
from flows.deriving import Derivation, derive
from flows.recording import recorded
from flows.settings import load
from flows.storage import Storage
from valueprism_build.records import Stage
from valueprism_build.teachers.budget import Budget
from valueprism_build.teachers.openai_teacher import throttle_of
from warehouse import teachers as teachers_table
from warehouse.runs import StageCount

# What tasks return is ids and counts, taken from memory by the next one: nothing to cache, nothing to store.
collect_task = task(name="collect", cache_policy=NO_CACHE)(collect)
ask_task = task(name="ask", cache_policy=NO_CACHE)(ask)
derive_task = task(name="derive", cache_policy=NO_CACHE)(derive)
canonicalise_task = task(name="canonicalise", cache_policy=NO_CACHE)(canonicalise)


@dataclass(slots=True)
class Built:
    """What a run has done so far.

    Attributes:
        by_teacher: what was asked of each, in the order in which they are named.
        canonical: the inventory at the end, or None before.
    """

    run_id: str
    collected: Collected = field(default_factory=Collected)
    by_teacher: dict[str, Asked] = field(default_factory=dict)
    derived: Derivation = field(default_factory=Derivation)
    canonical: Canonicalised | None = None

    @property
    def asked(self) -> Asked:
        """Return what was asked of all teachers together: a question to two of them counts twice."""
        return sum(self.by_teacher.values(), start=Asked())

    def funnel(self) -> list[StageCount]:
        """Return what came into each stage and what became of it; items of replies from stage parse on."""
        asked = self.asked
        return [
            *self.collected.stages(),
            StageCount(Stage.ASK, asked.asked - asked.unasked, asked.answered, asked.cached, asked.failed),
            *self.derived.stages(),
        ]


@flow(name="build")
def build(overrides: dict[str, Any]) -> Built:
    """Collect situations, ask each teacher about those it has not answered, and derive considerations.

    Args:
        overrides: what flags would say, in the shape of the settings; the rest comes from the environment and
            `valueprism.toml` where the flow runs. Prefect stores it, so it holds no secret.

    Raises:
        BuildError: one line that says what to mend; what was done before is kept.
    """
    settings = load(overrides)
    storage = Storage(settings)
    built = Built(run_id=uuid4().hex[:12])
    with recorded(settings, "build", built.run_id, built.funnel):
        built.collected = collect_task(settings, built.run_id)
        ids = built.collected.ids
        built.by_teacher = dict.fromkeys(settings.teacher, Asked())
        with ExitStack() as stack:
            budget = Budget(settings.budget_usd)  # one for all teachers
            teachers = [stack.enter_context(ready(teacher)) for teacher in settings.chosen]
            paces = {teacher.name: throttle_of(teacher, settings.concurrency) for teacher in teachers}
            with storage.open() as db:
                for teacher in teachers:
                    teachers_table.register(db, teacher)
            for start in range(0, len(ids), settings.chunk_size):
                chunk = ids[start : start + settings.chunk_size]
                for teacher in teachers:
                    built.by_teacher[teacher.name] += ask_task(
                        settings, teacher, chunk, built.run_id, throttle=paces[teacher.name], budget=budget
                    )
                built.derived += derive_task(settings, chunk, built.run_id)
        built.canonical = canonicalise_task(settings, built.run_id)
        for name, asked in built.by_teacher.items():
            asked.require_some(name)
    return built
