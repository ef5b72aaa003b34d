"""Candidates for negatives, asked of one teacher: is this value, right or duty relevant in that situation?"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from uuid import uuid4

from flows.asked import Asked
from flows.asking import ask_each, ready, refuse_unusable
from flows.recording import recorded
from flows.settings import Settings
from flows.storage import Storage
from valueprism_build.considerations.relevance import relevance_of
from valueprism_build.errors import TeacherStoppedError
from valueprism_build.ids import vrd_id
from valueprism_build.records import Purpose
from valueprism_build.tasks.negative_check import Checker, Foreign
from valueprism_build.teachers.budget import Budget
from valueprism_build.teachers.chat_request import ChatRequests
from valueprism_build.teachers.openai_teacher import throttle_of
from valueprism_build.teachers.relevance_prompt import relevance_ask
from valueprism_build.teachers.teacher import Ask, TeacherSettings
from warehouse import situations

PURPOSES = (Purpose.RELEVANCE, Purpose.NEGATIVES)


@contextmanager
def checking(settings: Settings, teacher: str | None) -> Iterator[Checker | None]:
    """Give somebody who checks negatives, as long as the context is open; None where no teacher is named.

    What is asked is recorded as a run of its own, with what it spent.

    Args:
        settings: hold the teacher, and the budget of the run.
        teacher: its name.

    Raises:
        SettingsError: it could not be asked as it is described.
    """
    if teacher is None:
        yield None
        return
    refuse_unusable(settings)
    run_id = uuid4().hex[:12]
    with ready(settings.teachers[teacher]) as served:
        Storage(settings).register([served])
        checker = TeacherChecker(settings, served, run_id)
        with recorded(settings, "check negatives", run_id, lambda: [checker.asked.stage(Purpose.NEGATIVES.stage)]):
            yield checker


class TeacherChecker:
    """Asks what the journal holds no reply for, and reads the rest.

    Attributes:
        asked: counts over all rounds.
    """

    def __init__(self, settings: Settings, teacher: TeacherSettings, run_id: str) -> None:
        self.asked = Asked()
        self._settings = settings
        self._teacher = teacher
        self._run_id = run_id
        self._pace = throttle_of(teacher, settings.concurrency)
        self._budget = Budget(settings.budget_usd)

    @property
    def name(self) -> str:
        """Return the teacher's name and model."""
        return f"{self._teacher.name} ({self._teacher.model})" if self._teacher.model else self._teacher.name

    def relevance(self, pairs: Sequence[Foreign]) -> Mapping[Foreign, float]:
        """Return p(Yes) against p(No) of each pair that there is a reply for.

        Raises:
            SettingsError: there is a budget, and the price of the teacher's tokens is unknown.
            TeacherStoppedError: no request can or does succeed, or questions wait in a batch; replies are kept.
        """
        asks = self._asks(pairs)
        asked = ask_each(self._settings, self._teacher, asks, self._run_id, throttle=self._pace, budget=self._budget)
        self.asked += asked
        self.asked.require_some(self._teacher.name)
        if asked.waiting:
            raise TeacherStoppedError(
                f"{asked.waiting} questions to {self._teacher.name} wait in a batch; make the release when it is done"
            )
        by_subject = self._replies(list({ask.situation_id for ask in asks}))
        found = {pair: by_subject.get(vrd_id(*pair)) for pair in pairs}
        return {pair: said for pair, said in found.items() if said is not None}

    def _asks(self, pairs: Sequence[Foreign]) -> list[Ask]:
        with Storage(self._settings).open(read_only=True) as db:
            rows = {row.id: row for row in situations.read(db, list({pair.situation_id for pair in pairs}))}
        return [relevance_ask(rows[pair.situation_id], pair.vrd, pair.text, Purpose.NEGATIVES) for pair in pairs]

    def _replies(self, ids: Sequence[str]) -> dict[str, float | None]:
        """Return by subject what this teacher, as it is described now, has said about these situations."""
        wanted = (self._teacher.name, self._teacher.model, ChatRequests(self._teacher).params(Purpose.NEGATIVES))
        with Storage(self._settings).journal() as journal:
            answers = journal.for_situations(ids, PURPOSES)
        return {
            answer.subject: relevance_of(answer.text)
            for answer in answers
            if (answer.teacher, answer.model, answer.params) == wanted
        }
