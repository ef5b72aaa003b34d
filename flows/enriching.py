"""What people say is missing to teachers, and what these make of it into the dataset."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass, field
from uuid import uuid4

from flows import progress
from flows.asked import Asked
from flows.asking import ask_each, ready, refuse_unusable
from flows.canonicalising import Canonicalised, canonicalise
from flows.deriving import Derivation, derive, held
from flows.proxies import tell_unheeded
from flows.recording import recorded
from flows.settings import Settings
from flows.storage import Storage
from flows.wish_asking import put, questions, rounds
from flows.wishing import Gathered, Heard, gather, store
from valueprism_build.records import Consideration, Purpose, Stage
from valueprism_build.teachers.budget import Budget
from valueprism_build.teachers.openai_teacher import throttle_of
from valueprism_build.teachers.teacher import TeacherSettings
from warehouse import considerations, wishes
from warehouse.runs import StageCount
from warehouse.wishes import Fate


@dataclass(frozen=True, slots=True)
class Look:
    """What people said, what has become of it, and the considerations of the situations, by their ids."""

    gathered: Gathered
    fates: Mapping[str, Fate]
    listed: Mapping[str, Consideration]


@dataclass(slots=True)
class Enriched:
    """What a run has done so far.

    Attributes:
        look: what has become of the wishes; nothing is said before the end.
        by_teacher: what was asked of each, in the order in which they are named.
        derived: what the considerations have gained.
        canonical: the inventory at the end, or None before.
    """

    run_id: str
    look: Look
    by_teacher: dict[str, Asked] = field(default_factory=dict)
    derived: Derivation = field(default_factory=Derivation)
    canonical: Canonicalised | None = None

    @property
    def asked(self) -> Asked:
        """Return what was asked of all teachers together."""
        return sum(self.by_teacher.values(), start=Asked())

    def funnel(self) -> list[StageCount]:
        """Return how many questions there were and what became of them."""
        return [self.asked.stage(Stage.MISSING)]


def look(settings: Settings, campaign: str) -> Look:
    """Gather what people say is missing, record it without their words, and return it with what has become of it.

    Raises:
        BuildError: as of `wishing.gather`, or the warehouse cannot be written.
    """
    gathered, run_id, storage = gather(settings, campaign), uuid4().hex[:12], Storage(settings)
    with recorded(settings, "campaign missing", run_id, list):
        store(storage, gathered, run_id)
    return _looked(storage, gathered)


def enrich(settings: Settings, campaign: str) -> Enriched:
    """Ask each teacher about the wishes that are still open, and take what it makes of them into the dataset.

    Kill it at any moment and run it again: nothing is asked twice, and what was answered is derived then.

    Raises:
        BuildError: as of `wishing.gather` and `asking.ask_each`; what was done before is kept.
    """
    refuse_unusable(settings)
    tell_unheeded(settings.teachers.values())
    gathered, storage = gather(settings, campaign), Storage(settings)
    done = Enriched(uuid4().hex[:12], Look(gathered, {}, {}))
    with recorded(settings, "campaign enrich", done.run_id, done.funnel):
        store(storage, gathered, done.run_id)
        before, budget = held(storage, gathered.situation_ids), Budget(settings.budget_usd)
        derive(settings, gathered.situation_ids, done.run_id)  # replies that a run left which was killed
        with ExitStack() as stack:
            for one in settings.chosen:
                teacher = stack.enter_context(ready(one))
                done.by_teacher[teacher.name] = _asked(settings, teacher, gathered, done.run_id, budget)
        done.derived = held(storage, gathered.situation_ids) - before
        done.canonical = canonicalise(settings, done.run_id)
        for name, asked in done.by_teacher.items():
            asked.require_some(name)
    done.look = _looked(storage, gathered)
    return done


def _asked(settings: Settings, teacher: TeacherSettings, gathered: Gathered, run_id: str, budget: Budget) -> Asked:
    """Ask one teacher what is left, and derive what it says of a wish before it is asked about the situation's next."""
    Storage(settings).register([teacher])
    left, known = questions(settings, teacher, gathered)
    asked, pace = Asked(asked=known, cached=known), throttle_of(teacher, settings.concurrency)
    with progress.stage(f"asking {teacher.name} for {Purpose.MISSING}", len(left)) as advance:
        for some in _chunks(settings, rounds(settings, left)):
            asks = put(settings, teacher, some)
            with nullcontext() if settings.batch.enabled else progress.silence():
                asked += ask_each(settings, teacher, asks, run_id, throttle=pace, budget=budget)
                derive(settings, sorted({ask.situation_id for ask in asks}), run_id)
            advance(len(asks), f"{asked.failed} failed, {asked.prompt_tokens + asked.completion_tokens} tokens")
    return asked


def _chunks(settings: Settings, in_rounds: Sequence[Sequence[Heard]]) -> Iterator[Sequence[Heard]]:
    for some in in_rounds:
        for start in range(0, len(some), settings.chunk_size):
            yield some[start : start + settings.chunk_size]


def _looked(storage: Storage, gathered: Gathered) -> Look:
    with storage.open(read_only=True) as db:
        rows = considerations.read(db, gathered.situation_ids)
        return Look(gathered, wishes.fates(db, gathered.situation_ids), {row.id: row for row in rows})
