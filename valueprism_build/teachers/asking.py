"""Many questions to one teacher: what is stored is not asked, what is asked is stored before it counts."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import TypeAlias

from valueprism_build.errors import TeacherBusyError, TeacherError, TeacherStoppedError
from valueprism_build.records import Answer, Rejected, Stage
from valueprism_build.teachers.teacher import AnswerStore, Ask, Teacher, failed_answer, utc_now


@dataclass(frozen=True, slots=True)
class AskProgress:
    """How far it is.

    Attributes:
        answered: replies that arrived and are stored.
        cached: questions whose reply was stored before.
        rejected: questions that will not be answered in this run.
    """

    answered: int
    cached: int
    rejected: int
    prompt_tokens: int
    completion_tokens: int


@dataclass(frozen=True, slots=True)
class AskReport:
    """What came of a run: answered + cached + repeated + len(rejected) is the number of questions.

    Attributes:
        answered: replies that arrived and are stored.
        cached: questions whose reply was stored before.
        repeated: questions that were already among those of this run.
        rejected: one per question without a reply, in the order in which they failed.
    """

    answered: int
    cached: int
    repeated: int
    rejected: list[Rejected]
    prompt_tokens: int
    completion_tokens: int


OnAnswer: TypeAlias = Callable[[AskProgress], None]
_Arrived: TypeAlias = tuple[Answer, asyncio.Future[None]]  # the future is done when the answer is committed


async def ask_all(
    teacher: Teacher,
    asks: Iterable[Ask],
    store: AnswerStore,
    *,
    concurrency: int = 8,
    max_failures_in_row: int = 30,
    lookup: int = 500,
    on_answer: OnAnswer | None = None,
    clock: Callable[[], datetime] = utc_now,
) -> AskReport:
    """Ask what is not stored yet, and store every reply before it counts.

    Memory does not grow with the number of questions but for 16 bytes of identity each. Whatever ends the run, an
    error or a cancellation, the replies that have arrived are committed first.

    Args:
        teacher: whom to ask.
        asks: the questions; taken as they are needed, never all at once.
        store: where replies are looked up and committed, from worker threads.
        concurrency: requests under way at a time.
        max_failures_in_row: failures without a reply between them that end the run.
        lookup: questions that are looked up in the store at a time.
        on_answer: called after every commit and every lookup.
        clock: stamps the errors that are stored.

    Raises:
        TeacherStoppedError: the teacher answers nobody, or too many requests failed in a row.
        WarehouseError: the store cannot be read or written.
    """
    run = _Run(teacher, store, max_failures_in_row, on_answer, clock)
    writer = asyncio.create_task(run.write())
    crew = asyncio.create_task(run.ask(asks, concurrency, lookup))
    try:
        # The writer ends only by an error, a full disk say; then nothing more may be asked.
        await asyncio.wait([crew, writer], return_when=asyncio.FIRST_COMPLETED)
        if crew.done():
            crew.result()
    finally:
        crew.cancel()
        await asyncio.gather(crew, return_exceptions=True)
        run.close()
        await writer
    return run.report()


@dataclass(slots=True)
class _Run:
    """One run: the lookups, the workers and the writer share these counts."""

    teacher: Teacher
    store: AnswerStore
    max_failures_in_row: int
    on_answer: OnAnswer | None
    clock: Callable[[], datetime]
    counts: Counter[str] = field(default_factory=Counter)
    rejected: list[Rejected] = field(default_factory=list)
    failures_in_row: int = 0
    seen: set[bytes] = field(default_factory=set)
    waiting: asyncio.Queue[_Arrived | None] = field(default_factory=asyncio.Queue)  # None: no more will come

    async def ask(self, asks: Iterable[Ask], concurrency: int, lookup: int) -> None:
        """Work through the questions with a fixed number of workers; end them all when one ends by an error."""
        async with aclosing(self._unanswered(asks, lookup)) as questions:
            turn = asyncio.Lock()
            workers = [asyncio.create_task(self._work(questions, turn)) for _ in range(concurrency)]
            try:
                await asyncio.gather(*workers)
            finally:
                for worker in workers:
                    worker.cancel()
                await asyncio.gather(*workers, return_exceptions=True)

    async def _unanswered(self, asks: Iterable[Ask], lookup: int) -> AsyncGenerator[Ask, None]:
        """Yield the questions that the store cannot answer, each once."""
        for chunk in _chunks(asks, lookup):
            distinct = self._unseen(chunk)
            stored = await asyncio.to_thread(self.store.answered, list(distinct))
            self.counts["cached"] += len(stored)
            self._tell()
            for request_hash, ask in distinct.items():
                if request_hash not in stored:
                    yield ask

    async def _work(self, questions: AsyncGenerator[Ask, None], turn: asyncio.Lock) -> None:
        """Answer one question after the other until there are none."""
        while True:
            async with turn:
                ask = await anext(questions, None)
            if ask is None:
                return
            try:
                answer = await self.teacher.answer(ask)
            except TeacherError as error:
                await self._set_aside(ask, error)
            else:
                self.failures_in_row = 0
                await self._commit(answer)

    async def write(self) -> None:
        """Commit whatever has arrived, one transaction for all of it, until closed."""
        closed = False
        while not closed:
            batch = [await self.waiting.get()]
            while not self.waiting.empty():
                batch.append(self.waiting.get_nowait())
            arrived = [item for item in batch if item is not None]
            closed = len(arrived) < len(batch)
            if arrived:
                await asyncio.to_thread(self.store.add, [answer for answer, _ in arrived])
                self._count(arrived)

    def close(self) -> None:
        """Let the writer end once it has committed what arrived before."""
        self.waiting.put_nowait(None)

    def report(self) -> AskReport:
        """Return what came of it."""
        return AskReport(
            answered=self.counts["answered"],
            cached=self.counts["cached"],
            repeated=self.counts["repeated"],
            rejected=self.rejected,
            prompt_tokens=self.counts["prompt_tokens"],
            completion_tokens=self.counts["completion_tokens"],
        )

    def _unseen(self, chunk: Sequence[Ask]) -> dict[str, Ask]:
        distinct: dict[str, Ask] = {}
        for ask in chunk:
            request_hash = self.teacher.request_hash(ask)
            identity = bytes.fromhex(request_hash)
            if identity in self.seen:
                self.counts["repeated"] += 1
            else:
                self.seen.add(identity)
                distinct[request_hash] = ask
        return distinct

    async def _commit(self, answer: Answer) -> None:
        # Waiting for the commit bounds the queue: never more than one reply per worker is in memory.
        committed = asyncio.get_running_loop().create_future()
        self.waiting.put_nowait((answer, committed))
        await committed

    async def _set_aside(self, ask: Ask, error: TeacherError) -> None:
        self.failures_in_row += 1
        failure = failed_answer(self.teacher, ask, str(error), self.clock())
        rule = "teacher_busy" if isinstance(error, TeacherBusyError) else "teacher_error"
        self.rejected.append(Rejected(failure.request_hash, Stage.ASK, rule, str(error)))
        await self._commit(failure)
        if self.failures_in_row >= self.max_failures_in_row:
            raise TeacherStoppedError(
                f"{self.failures_in_row} requests in a row to {self.teacher.name} failed, the last with: {error}"
            )

    def _count(self, arrived: Sequence[_Arrived]) -> None:
        for answer, committed in arrived:
            if answer.error is None:
                self.counts["answered"] += 1
                self.counts["prompt_tokens"] += answer.prompt_tokens
                self.counts["completion_tokens"] += answer.completion_tokens
            if not committed.cancelled():
                committed.set_result(None)
        self._tell()

    def _tell(self) -> None:
        if self.on_answer is None:
            return
        counts = self.counts
        self.on_answer(
            AskProgress(
                answered=counts["answered"],
                cached=counts["cached"],
                rejected=len(self.rejected),
                prompt_tokens=counts["prompt_tokens"],
                completion_tokens=counts["completion_tokens"],
            )
        )


def _chunks(asks: Iterable[Ask], size: int) -> Iterator[list[Ask]]:
    source = iter(asks)
    while chunk := list(islice(source, size)):
        yield chunk
