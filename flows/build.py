"""The build flow: situations in, considerations in the warehouse.

Prefect sees coarse tasks only: collect every source, then ask and derive a chunk of situations at a time. Tasks pass
ids; rows stay in the warehouse and the journal, and that is also where a run that was killed goes on from.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar
from uuid import uuid4

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from flows.asked import Asked
from flows.asking import ask, ready, refuse_unusable
from flows.batching import ask_in_batches
from flows.canonicalising import Canonicalised, canonicalise
from flows.collecting import Collected, collect
from flows.contrasting import changed_from, contrast
from flows.covering import Covered, cover
from flows.deriving import Derivation, derive, held
from flows.grouping import Grouped, group
from flows.measuring import measure
from flows.proxies import tell_unheeded
from flows.recording import recorded
from flows.settings import Settings, load
from flows.storage import Storage
from valueprism_build.records import Stage
from valueprism_build.teachers.budget import Budget
from valueprism_build.teachers.openai_teacher import throttle_of
from valueprism_build.teachers.teacher import TeacherSettings
from valueprism_build.teachers.throttle import Throttle
from warehouse import points_of_view
from warehouse.runs import StageCount

_Counts = TypeVar("_Counts")

# What tasks return is ids and counts, taken from memory by the next one: nothing to cache, nothing to store.
collect_task = task(name="collect", cache_policy=NO_CACHE)(collect)
ask_task = task(name="ask", cache_policy=NO_CACHE)(ask)
batch_task = task(name="ask in batches", cache_policy=NO_CACHE)(ask_in_batches)
measure_task = task(name="measure relevance", cache_policy=NO_CACHE)(measure)
derive_task = task(name="derive", cache_policy=NO_CACHE)(derive)
cover_task = task(name="cover", cache_policy=NO_CACHE)(cover)
contrast_task = task(name="contrast", cache_policy=NO_CACHE)(contrast)
canonicalise_task = task(name="canonicalise", cache_policy=NO_CACHE)(canonicalise)
group_task = task(name="group", cache_policy=NO_CACHE)(group)


@dataclass(slots=True)
class Built:
    """What a run has done so far.

    Attributes:
        by_teacher: what was asked of each, in the order in which they are named.
        covered: what each was asked for coverage; empty where that is off.
        contrasted: what each was asked for contrasts, likewise; what it was asked about the changed situations is in
            `by_teacher`.
        measured: questions about relevance.
        derived: of all questions.
        canonical: the inventory at the end, or None before.
        families: of all situations, likewise.
    """

    run_id: str
    collected: Collected = field(default_factory=Collected)
    by_teacher: dict[str, Asked] = field(default_factory=dict)
    covered: dict[str, Covered] = field(default_factory=dict)
    contrasted: dict[str, Asked] = field(default_factory=dict)
    measured: Asked = field(default_factory=Asked)
    derived: Derivation = field(default_factory=Derivation)
    canonical: Canonicalised | None = None
    families: Grouped | None = None

    @property
    def asked(self) -> Asked:
        """Return what was asked of all teachers together: a question to two of them counts twice."""
        return sum(self.by_teacher.values(), start=Asked())

    @property
    def coverage(self) -> Covered:
        """Return what was asked for coverage of all teachers together."""
        return sum(self.covered.values(), start=Covered())

    @property
    def contrasts(self) -> Asked:
        """Return what was asked for contrasts of all teachers together."""
        return sum(self.contrasted.values(), start=Asked())

    def funnel(self) -> list[StageCount]:
        """Return what came into each stage and what became of it; items of replies from stage parse on."""
        stages = [*self.collected.stages(), self.asked.stage(Stage.ASK), *self.derived.stages()]
        stages += [self.coverage.asked.stage(Stage.COVERAGE)] if self.covered else []
        return stages + ([self.contrasts.stage(Stage.CONTRAST)] if self.contrasted else [])


@dataclass(frozen=True, slots=True)
class _Panel:
    """The teachers of a run, ready to be asked; the budget is one for all of them."""

    settings: Settings
    run_id: str
    teachers: Mapping[str, TeacherSettings]
    paces: Mapping[str, Throttle]
    budget: Budget

    @classmethod
    def seated(cls, settings: Settings, run_id: str, stack: ExitStack) -> "_Panel":
        """Get everybody ready for as long as the stack is open, and note who they are."""
        teachers = {name: stack.enter_context(ready(teacher)) for name, teacher in settings.teachers.items()}
        paces = {name: throttle_of(teacher, settings.concurrency) for name, teacher in teachers.items()}
        Storage(settings).register(teachers.values())
        if settings.coverage.enabled:
            with Storage(settings).open() as db:
                points_of_view.register(db, settings.coverage.points_of_view)
        return cls(settings, run_id, teachers, paces, Budget(settings.budget_usd))

    def asked(self, what: Callable[..., _Counts], name: str, chunk: Sequence[str]) -> _Counts:
        """Return what one of the asking tasks counted of one teacher and chunk."""
        return what(
            self.settings, self.teachers[name], chunk, self.run_id, throttle=self.paces[name], budget=self.budget
        )


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
    refuse_unusable(settings)
    tell_unheeded(settings.teachers.values())
    built = Built(run_id=uuid4().hex[:12])
    with recorded(settings, "build", built.run_id, built.funnel):
        built.collected = collect_task(settings, built.run_id)
        ids = built.collected.ids
        built.by_teacher = dict.fromkeys(settings.teacher, Asked())
        chunks = [ids[start : start + settings.chunk_size] for start in range(0, len(ids), settings.chunk_size)]
        with ExitStack() as stack:
            panel = _Panel.seated(settings, built.run_id, stack)
            if settings.batch.enabled:
                _ask_in_batches(built, panel, ids)
            for chunk in chunks:
                if not settings.batch.enabled:
                    _ask(built, panel, chunk)
                built.derived += derive_task(settings, chunk, built.run_id)
            # After all first questions: a budget goes to these first. A round in batches is one file: some wait a day.
            _follow_up(built, panel, [ids] if settings.batch.enabled else chunks)
        built.canonical = canonicalise_task(settings, built.run_id)
        built.families = group_task(settings, built.run_id)
        _require_some(built, settings)
    return built


def _follow_up(built: Built, panel: _Panel, chunks: Sequence[Sequence[str]]) -> None:
    """Ask what builds on the lists, as far as it is wanted: contrasts of the lists as coverage leaves them."""
    if panel.settings.coverage.enabled:
        built.covered = dict.fromkeys(panel.settings.teacher, Covered())
        for chunk in chunks:
            _cover(built, panel, chunk)
    if panel.settings.contrast.enabled:
        built.contrasted = dict.fromkeys(panel.settings.teacher, Asked())
        for chunk in chunks:
            _contrast(built, panel, chunk)


def _require_some(built: Built, settings: Settings) -> None:
    """Refuse a run in which a teacher failed whatever it was asked for one purpose.

    Raises:
        TeacherStoppedError: as of `Asked.require_some`.
    """
    covered = {name: covered.asked for name, covered in built.covered.items()}
    for purpose in (built.by_teacher, covered, built.contrasted):
        for name, asked in purpose.items():
            asked.require_some(name)
    built.measured.require_some(settings.relevance.teacher)


def _ask(built: Built, panel: _Panel, chunk: Sequence[str]) -> None:
    """Ask every teacher, and measure the relevance of what they list."""
    for name in panel.settings.teacher:
        built.by_teacher[name] += panel.asked(ask_task, name, chunk)
    _measure(built, panel, chunk)


def _ask_in_batches(built: Built, panel: _Panel, ids: Sequence[str]) -> None:
    """Ask every teacher about all situations, and then measure the relevance of what they list."""
    teachers = [panel.teachers[name] for name in panel.settings.teacher]
    for name, asked in batch_task(panel.settings, teachers, ids, built.run_id, panel.budget).items():
        built.by_teacher[name] += asked
    _measure(built, panel, ids)


def _measure(built: Built, panel: _Panel, ids: Sequence[str]) -> None:
    if panel.settings.relevance.measure:
        built.measured += panel.asked(measure_task, panel.settings.relevance.teacher, ids)


def _cover(built: Built, panel: _Panel, chunk: Sequence[str]) -> None:
    """Ask what is missing, and measure the relevance of what that has brought."""
    for name in panel.settings.teacher:
        covered = panel.asked(cover_task, name, chunk)
        built.covered[name] += covered
        built.derived += covered.derived
    if panel.settings.relevance.measure:
        measured = panel.asked(measure_task, panel.settings.relevance.teacher, chunk)
        # What is known by now has been counted when it was asked.
        built.measured += replace(measured, asked=measured.asked - measured.cached, cached=0)
        if measured.answered:
            before = held(Storage(panel.settings), chunk)
            derive_task(panel.settings, chunk, built.run_id)
            built.derived += held(Storage(panel.settings), chunk) - before


def _contrast(built: Built, panel: _Panel, chunk: Sequence[str]) -> None:
    """Ask for contrasts, and about what the situations were changed to as about any other."""
    for name in panel.settings.teacher:
        built.contrasted[name] += panel.asked(contrast_task, name, chunk)
    changed = changed_from(panel.settings, chunk)
    if changed:
        ask_all = _ask_in_batches if panel.settings.batch.enabled else _ask
        ask_all(built, panel, changed)
        built.derived += derive_task(panel.settings, changed, built.run_id)
