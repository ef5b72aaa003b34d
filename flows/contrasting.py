"""The question for contrasts about one chunk of situations: the same deed, changed so that two considerations turn."""

from collections.abc import Sequence
from typing import NamedTuple

from flows.asked import Asked
from flows.asking import ask_each
from flows.deriving import derive
from flows.settings import Settings
from flows.storage import Storage
from valueprism_build.contrasts.choosing import next_subjects
from valueprism_build.contrasts.subject import Subject, read
from valueprism_build.records import Consideration, Purpose
from valueprism_build.teachers.budget import Budget
from valueprism_build.teachers.chat_request import ChatRequests
from valueprism_build.teachers.contrast_prompt import contrast_ask, contrast_version
from valueprism_build.teachers.teacher import TeacherSettings
from valueprism_build.teachers.throttle import Throttle
from warehouse import considerations, contrasts, situations


class Outlook(NamedTuple):
    """How many questions for contrasts there can be at most, and how many are answered."""

    at_most: int
    known: int


def contrast(
    settings: Settings,
    teacher: TeacherSettings,
    ids: Sequence[str],
    run_id: str,
    *,
    throttle: Throttle | None = None,
    budget: Budget | None = None,
) -> Asked:
    """Ask for as many contrasts of each situation as the settings want, and derive them.

    A situation has one if its list has something for it and something against it. What the teacher answered before,
    with its present model, parameters and prompt, counts, whatever came of it.

    Args:
        settings: of the run.
        teacher: whom to ask.
        ids: of situations in the warehouse whose lists are derived.
        run_id: under which rejects are recorded.
        throttle: as of `asking.ask`.
        budget: as of `asking.ask`.

    Raises:
        BuildError: as of `asking.ask`.
    """
    standing = _standing(settings, teacher, ids)
    left = {id_: subjects for id_ in ids if (subjects := standing.left(settings, id_))}
    asked = Asked(asked=standing.known, cached=standing.known)
    if not left:  # what the journal holds was derived with the lists
        return asked
    with Storage(settings).open(read_only=True) as db:
        rows = situations.read(db, list(left))
    structured = _is_structured(teacher)
    asks = [contrast_ask(row, subject, structured=structured) for row in rows for subject in left[row.id]]
    asked += ask_each(settings, teacher, asks, run_id, throttle=throttle, budget=budget)
    derive(settings, list(left), run_id)
    return asked


def changed_from(settings: Settings, ids: Sequence[str]) -> list[str]:
    """Return the situations that these were changed to: to be asked about like any other."""
    with Storage(settings).open(read_only=True) as db:
        return contrasts.changed_ids(db, ids)


def outlook(settings: Settings, teacher: TeacherSettings, ids: Sequence[str]) -> Outlook:
    """Return what a build can ask at most about these situations of the warehouse.

    A list that is there is taken as it is, unless the build asks what it lacks.
    """
    standing, most = _standing(settings, teacher, ids), settings.contrast.most
    at_most = (
        len(standing.left(settings, id_))
        if standing.listed[id_] and not settings.coverage.enabled
        else max(0, most - len(standing.asked[id_]))
        for id_ in ids
    )
    return Outlook(sum(at_most), standing.known)


class _Standing(NamedTuple):
    """Where a teacher and some situations stand, by situation id."""

    asked: dict[str, list[Subject]]
    listed: dict[str, list[Consideration]]

    @property
    def known(self) -> int:
        """Return how many questions the teacher has answered."""
        return sum(map(len, self.asked.values()))

    def left(self, settings: Settings, id_: str) -> list[Subject]:
        """Return what is left to ask about a situation, as its list is now."""
        return next_subjects(self.listed[id_], self.asked[id_], settings.contrast.most)


def _standing(settings: Settings, teacher: TeacherSettings, ids: Sequence[str]) -> _Standing:
    storage, version = Storage(settings), contrast_version(structured=_is_structured(teacher))
    wanted = (teacher.name, teacher.model, ChatRequests(teacher).params(Purpose.CONTRAST), version)
    standing = _Standing({id_: [] for id_ in ids}, {id_: [] for id_ in ids})
    with storage.journal() as journal:
        answers = journal.for_situations(ids, (Purpose.CONTRAST,))
    for answer in answers:
        if (answer.teacher, answer.model, answer.params, answer.prompt_version) == wanted:
            standing.asked[answer.situation_id].append(read(answer.subject))
    with storage.open(read_only=True) as db:
        for row in considerations.read(db, ids):
            standing.listed[row.situation_id].append(row)
    return standing


def _is_structured(teacher: TeacherSettings) -> bool:
    return teacher.structured == "json_schema"
