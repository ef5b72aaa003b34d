"""The second question about one chunk of situations: what does the list lack, from one point of view after another?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from flows.asked import Asked
from flows.asking import ask_each
from flows.deriving import Derivation, derive, held
from flows.settings import Settings
from flows.storage import Storage
from valueprism_build.records import Consideration, Purpose
from valueprism_build.teachers.budget import Budget
from valueprism_build.teachers.chat_request import ChatRequests
from valueprism_build.teachers.coverage import next_point_of_view, questions_left
from valueprism_build.teachers.prompts import build_coverage_ask, coverage_version
from valueprism_build.teachers.teacher import Ask, TeacherSettings
from valueprism_build.teachers.throttle import Throttle
from warehouse import considerations, said, situations


@dataclass(frozen=True, slots=True)
class Covered:
    """What was asked for coverage, and what it added to the considerations."""

    asked: Asked = field(default_factory=Asked)
    derived: Derivation = field(default_factory=Derivation)

    def __add__(self, other: "Covered") -> "Covered":
        """Return the sum, count by count, of this and a later chunk."""
        return Covered(self.asked + other.asked, self.derived + other.derived)


class Outlook(NamedTuple):
    """How many questions for coverage there can be at most, and how many are answered."""

    at_most: int
    known: int


@dataclass(frozen=True, slots=True)
class _Situation:
    """Where one situation stands with one teacher.

    Attributes:
        listed: its considerations, whoever gave them.
        brought: point of view -> how many of them it was the first to bring, in the order of asking.
    """

    listed: list[Consideration] = field(default_factory=list)
    brought: dict[str, int] = field(default_factory=dict)


def cover(
    settings: Settings,
    teacher: TeacherSettings,
    ids: Sequence[str],
    run_id: str,
    *,
    throttle: Throttle | None = None,
    budget: Budget | None = None,
) -> Covered:
    """Ask in rounds what is missing, each situation from its next point of view, until no answer brings anything new.

    A point of view that the teacher answered from before, with its present model, parameters and prompt, is not asked
    from again, whatever the list was then. One that brings no reply counts as one that brought nothing in this run.
    Situations without any consideration are left alone.

    Args:
        settings: of the run.
        teacher: whom to ask.
        ids: of situations in the warehouse whose first replies are derived.
        run_id: under which rejects are recorded.
        throttle: as of `asking.ask`.
        budget: as of `asking.ask`; when it is spent the rounds end, as they do when a question waits in a batch.

    Raises:
        BuildError: as of `asking.ask`.
    """
    storage = Storage(settings)
    standing = _standing(storage, teacher, ids)
    known = sum(len(one.brought) for one in standing.values())
    asked, asks = Asked(asked=known, cached=known), _asks(settings, teacher, standing)
    if not asks:  # as after a run that came to its end
        return Covered(asked)
    before = held(storage, ids)
    while asks and not (asked.unasked or asked.waiting):
        asked += ask_each(settings, teacher, asks, run_id, throttle=throttle, budget=budget)
        turn = [ask.situation_id for ask in asks]
        derive(settings, turn, run_id)
        _note(standing, asks, _standing(storage, teacher, turn))
        asks = _asks(settings, teacher, standing)
    return Covered(asked, held(storage, ids) - before)


def outlook(settings: Settings, teacher: TeacherSettings, ids: Sequence[str]) -> Outlook:
    """Return what a build can ask at most about these situations of the warehouse."""
    brought = [one.brought for one in _standing(Storage(settings), teacher, ids).values()]
    return Outlook(sum(questions_left(settings.coverage, each) for each in brought), sum(map(len, brought)))


def _asks(settings: Settings, teacher: TeacherSettings, standing: Mapping[str, _Situation]) -> list[Ask]:
    """Return the next question about each situation that has one."""
    views = {
        id_: name
        for id_, one in standing.items()
        if one.listed and (name := next_point_of_view(settings.coverage, id_, one.brought)) is not None
    }
    if not views:
        return []
    with Storage(settings).open(read_only=True) as db:
        rows = situations.read(db, list(views))
    described, structured = settings.coverage.points_of_view, _is_structured(teacher)
    return [
        build_coverage_ask(row, standing[row.id].listed, views[row.id], described[views[row.id]], structured=structured)
        for row in rows
    ]


def _note(standing: dict[str, _Situation], asks: Sequence[Ask], now: Mapping[str, _Situation]) -> None:
    """Note what the questions of one round brought; one without a reply brought nothing."""
    for ask in asks:
        after = now[ask.situation_id]
        brought = standing[ask.situation_id].brought | {ask.subject: after.brought.get(ask.subject, 0)}
        standing[ask.situation_id] = _Situation(after.listed, brought)


def _standing(storage: Storage, teacher: TeacherSettings, ids: Sequence[str]) -> dict[str, _Situation]:
    """Return where each of the situations stands, from what is stored."""
    version = coverage_version(structured=_is_structured(teacher))
    wanted = (teacher.name, teacher.model, ChatRequests(teacher).params(Purpose.COVERAGE), version)
    with storage.journal() as journal:
        answers = journal.for_situations(ids, (Purpose.COVERAGE,))
    with storage.open(read_only=True) as db:
        rows, brought = considerations.read(db, ids), said.brought(db, ids)
    standing = {id_: _Situation() for id_ in ids}
    for row in rows:
        standing[row.situation_id].listed.append(row)
    for answer in sorted(answers, key=lambda answer: (answer.created_at, answer.request_hash)):
        if (answer.teacher, answer.model, answer.params, answer.prompt_version) == wanted:
            standing[answer.situation_id].brought[answer.subject] = brought.get(answer.request_hash, 0)
    return standing


def _is_structured(teacher: TeacherSettings) -> bool:
    return teacher.structured == "json_schema"
