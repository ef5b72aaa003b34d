"""What a build would ask and cost. Nothing is sent and nothing is stored, not even the situations."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flows import contrasting, covering
from flows.collecting import Collected, sifted
from flows.settings import Settings
from flows.storage import Storage
from valueprism_build.considerations.parsing import MAX_ITEMS
from valueprism_build.records import Purpose, Situation
from valueprism_build.situations.sieve import Sieve
from valueprism_build.situations.sifted import Sifted
from valueprism_build.teachers import forecast
from valueprism_build.teachers.chat_request import ChatRequests
from valueprism_build.teachers.coverage import questions_left
from valueprism_build.teachers.forecast import CostRange, History, Range
from valueprism_build.teachers.local_server import local_settings
from valueprism_build.teachers.prices import price_of
from valueprism_build.teachers.prompts import build_ask
from valueprism_build.teachers.teacher import LOCAL, TeacherSettings
from warehouse import contrasts, situations
from warehouse.connect import WAREHOUSE_FILE
from warehouse.journal import AnswerJournal
from warehouse.usage import read_history


@dataclass(frozen=True, slots=True)
class Forecast:
    """What one teacher would be asked.

    Attributes:
        purpose: what for. How much is asked for coverage and for contrasts depends on the answers, so all of it is an
            upper bound.
        requests: to be sent.
        cached: questions whose reply is in the journal.
        waiting: questions that are in a batch under way.
        known: answers that the intervals are made from; with fewer than two they are bounds.
        cost: None where nobody knows the price.
        price_source: who says what a token costs, or "unknown".
        most_items: considerations that its replies, those in the journal included, can list at most.
    """

    teacher: str
    model: str
    purpose: Purpose
    requests: int
    cached: int
    waiting: int
    prompt_tokens: Range
    completion_tokens: Range
    cost: CostRange | None
    known: int
    price_source: str
    most_items: int


@dataclass(slots=True)
class _Count:
    """What is counted of one teacher and purpose while the situations pass.

    Attributes:
        most_items: considerations that one reply can come to at most, by way of a changed situation for a contrast.
        most_prompt_tokens: None where nothing bounds them.
    """

    teacher: TeacherSettings
    purpose: Purpose
    most_items: int
    requests: int = 0
    cached: int = 0
    waiting: int = 0
    most_prompt_tokens: int | None = None

    def add(self, settings: Settings, batch: Sifted, journal: AnswerJournal | None) -> None:
        """Count the questions about one batch of situations.

        Args:
            settings: of the build.
            batch: of which the rejected are not asked about.
            journal: that of the warehouse; None where there is none.
        """
        held = [row.id for row in batch.held] if journal else []
        new = len(batch.kept) + len(batch.held) - len(held)
        if self.purpose is Purpose.COVERAGE:
            self._add_coverage(settings, held, new)
        elif self.purpose is Purpose.CONTRAST:
            self._add_contrasts(settings, held, new)
        else:
            self._add_first([*batch.held, *batch.kept, *_changed(settings, held)], journal)

    def _add_first(self, batch: Sequence[Situation], journal: AnswerJournal | None) -> None:
        chat = ChatRequests(self.teacher)
        asks = [build_ask(row, structured=self.teacher.structured == "json_schema") for row in batch]
        by_hash = {chat.identity(ask): ask for ask in asks}
        stored = journal.answered(list(by_hash)) if journal else set()
        waiting = journal.waiting(list(by_hash)) if journal else set()
        self.cached += len(stored)
        self.waiting += len(waiting)
        self.requests += len(by_hash.keys() - stored - waiting)
        missing = [ask for request_hash, ask in by_hash.items() if request_hash not in stored | waiting]
        most = sum(chat.at_most(ask, chat.body(ask)).prompt for ask in missing)
        self.most_prompt_tokens = (self.most_prompt_tokens or 0) + most

    def _add_coverage(self, settings: Settings, held: Sequence[str], new: int) -> None:
        known = covering.outlook(settings, self.teacher, held) if held else covering.Outlook(0, 0)
        self.requests += known.at_most + new * questions_left(settings.coverage, {})
        self.cached += known.known

    def _add_contrasts(self, settings: Settings, held: Sequence[str], new: int) -> None:
        known = contrasting.outlook(settings, self.teacher, held) if held else contrasting.Outlook(0, 0)
        self.requests += known.at_most + new * settings.contrast.most
        self.cached += known.known

    def forecast(self, history: History, at: datetime, *, in_batch: bool) -> Forecast:
        """Return what is to be expected of what was counted."""
        n, known, longest = self.requests, history.answers, self.teacher.max_tokens
        price = price_of(self.teacher, at)
        if price and in_batch:
            price = price.in_batch()
        prompt = forecast.tokens(n, known, history.prompt_mean, history.prompt_variance, self.most_prompt_tokens)
        completion = forecast.tokens(
            n,
            known,
            history.completion_mean,
            history.completion_variance,
            None if longest is None else n * longest,
        )
        if n and self.purpose is not Purpose.CONSIDERATIONS:  # nobody knows yet how many of them are asked
            prompt, completion = Range(0, None, prompt.high), Range(0, None, completion.high)
        return Forecast(
            self.teacher.name,
            self.teacher.model,
            self.purpose,
            n,
            self.cached,
            self.waiting,
            prompt,
            completion,
            forecast.cost(price, prompt, completion),
            known,
            price.source if price else "unknown",
            (n + self.cached) * self.most_items,
        )


def _changed(settings: Settings, origin_ids: Sequence[str]) -> list[Situation]:
    """Return the situations of the warehouse that a build asks about besides, since these were changed to them."""
    if not (settings.contrast.enabled and origin_ids):
        return []
    with Storage(settings).open(read_only=True) as db:
        return situations.read(db, contrasts.changed_ids(db, origin_ids))


def _most_items(teacher: TeacherSettings) -> int:
    """Return how many considerations one reply can list at most: without a schema the parser sets the bound."""
    return MAX_ITEMS if teacher.structured == "text" else len(teacher.slots) or teacher.max_items


def estimate(settings: Settings, at: datetime) -> list[Forecast]:
    """Return what a build with these settings would ask of each teacher at that time.

    Raises:
        BuildError: a source, the warehouse or the journal cannot be read.
    """
    storage = Storage(settings)
    teachers = [local_settings(LOCAL) if one.name == LOCAL else one for one in settings.chosen]
    purposes = [Purpose.CONSIDERATIONS]
    purposes += [Purpose.COVERAGE] if settings.coverage.enabled else []
    purposes += [Purpose.CONTRAST] if settings.contrast.enabled else []
    of_all = sum(map(_most_items, teachers))  # a changed situation goes to every teacher
    counts = [
        _Count(teacher, purpose, of_all if purpose is Purpose.CONTRAST else _most_items(teacher))
        for teacher in teachers
        for purpose in purposes
    ]
    histories = [History(0, 0, 0, 0, 0)] * len(counts)
    sieve = Sieve(settings.filters, [])
    if (settings.warehouse / WAREHOUSE_FILE).exists():
        with storage.open(read_only=True) as db:
            sieve = Sieve(settings.filters, situations.held(db))
            histories = [read_history(db, one.teacher.name, one.teacher.model, one.purpose) for one in counts]
    with storage.journal_if_any() as journal:
        for batch in sifted(settings, sieve, Collected()):
            for count in counts:
                count.add(settings, batch, journal)
    in_batch = settings.batch.enabled
    return [count.forecast(history, at, in_batch=in_batch) for count, history in zip(counts, histories, strict=True)]
