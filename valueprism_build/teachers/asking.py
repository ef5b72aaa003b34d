"""Many questions to one teacher: what is stored is not asked, what is asked is stored before it counts."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import Final, TypeAlias

from valueprism_build.errors import TeacherBusyError, TeacherError, TeacherStoppedError
from valueprism_build.records import TEACHER_BUSY, TEACHER_ERROR, Answer, FailedTry, Rejected
from valueprism_build.teachers.budget import BudgetSpentError
from valueprism_build.teachers.tally import AskProgress, AskReport, Tally
from valueprism_build.teachers.teacher import AnswerStore, Ask, Teacher, failed_answer, utc_now

# How long others leave alone what a process that shows no life has claimed; renewed every third of it.
LEASE: Final = timedelta(seconds=15)
GRACE_SECONDS: Final = 10.0
POLL_SECONDS: Final = 0.2  # between two looks at what another process is asking; nobody can wake us

OnAnswer: TypeAlias = Callable[[AskProgress], None]


async def ask_all(
    teacher: Teacher,
    asks: Iterable[Ask],
    store: AnswerStore,
    *,
    concurrency: int = 8,
    max_failures_in_row: int = 30,
    lookup: int = 500,
    lease: timedelta = LEASE,
    grace_seconds: float = GRACE_SECONDS,
    on_answer: OnAnswer | None = None,
    clock: Callable[[], datetime] = utc_now,
) -> AskReport:
    """Ask what is not stored yet, and store every reply before it counts.

    Memory does not grow with the number of questions but for 16 bytes of identity each. Whatever ends the run, an
    error or a cancellation, the replies that have arrived are committed first. A spent budget is no error: what is
    under way is finished, the rest is counted as unasked. What another process is asking is waited for; what is in a
    batch is not.

    Args:
        teacher: whom to ask.
        asks: the questions; taken as they are needed, never all at once.
        store: where replies are looked up and committed, from worker threads.
        concurrency: requests under way at a time.
        max_failures_in_row: failures without a reply between them that end the run.
        lookup: questions that are looked up in the store, and claimed, at a time.
        lease: how long others leave alone what this run has claimed, should it show no life.
        grace_seconds: how long requests under way may still end once the teacher has stopped: they may be paid for.
        on_answer: called after every commit and every lookup.
        clock: stamps the errors that are stored.

    Raises:
        TeacherStoppedError: the teacher answers nobody, or too many requests failed in a row.
        WarehouseError: the store cannot be read or written.
    """
    run = _Run(teacher, store, concurrency, max_failures_in_row, lease, grace_seconds, on_answer, clock)
    writer = asyncio.create_task(run.write())
    renewer = asyncio.create_task(run.renew())
    crew = asyncio.create_task(run.ask(asks, lookup))
    try:
        # The other two end only by an error, a full disk say; then nothing more may be asked.
        ended, _ = await asyncio.wait([crew, writer, renewer], return_when=asyncio.FIRST_COMPLETED)
        for task in ended:
            task.result()
    finally:
        for task in (crew, renewer):
            task.cancel()
        await asyncio.gather(crew, renewer, return_exceptions=True)
        run.close()
        await writer
        await asyncio.to_thread(store.release, list(run.claimed))
    return run.tally.report()


@dataclass(slots=True)
class _Run:
    """One run: the lookups, the workers and the writer share its counts."""

    teacher: Teacher
    store: AnswerStore
    concurrency: int
    max_failures_in_row: int
    lease: timedelta
    grace_seconds: float
    on_answer: OnAnswer | None
    clock: Callable[[], datetime]
    tally: Tally = field(default_factory=Tally)
    failures_in_row: int = 0
    budget_spent: bool = False
    stopped: bool = False
    under_way: int = 0
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    seen: set[bytes] = field(default_factory=set)
    claimed: set[str] = field(default_factory=set)
    arrived: asyncio.Queue[Answer | FailedTry | None] = field(default_factory=asyncio.Queue)  # None: no more will come
    uncommitted: int = 0
    committed: asyncio.Event = field(default_factory=asyncio.Event)

    async def ask(self, asks: Iterable[Ask], lookup: int) -> None:
        """Work through the questions with at most so many workers; end them all when one ends by an error."""
        # One question for each worker is ready, so that they go on while the next ones are looked up.
        ready = asyncio.Queue[Ask | None](maxsize=self.concurrency)
        hired = 0
        try:
            async with asyncio.TaskGroup() as crew, aclosing(self._unanswered(asks, lookup)) as questions:
                async for ask in questions:
                    if hired < self.concurrency:
                        hired += 1
                        crew.create_task(self._work(ready))
                    await ready.put(ask)
                await ready.put(None)
        except BaseExceptionGroup as errors:
            raise errors.exceptions[0] from None

    async def _unanswered(self, asks: Iterable[Ask], lookup: int) -> AsyncGenerator[Ask, None]:
        """Yield the questions that are this run's to ask, each once."""
        elsewhere: dict[str, Ask] = {}  # another process is asking them
        for chunk in _chunks(asks, lookup):
            elsewhere |= self._unseen(chunk)
            for ask in await self._claim(elsewhere):
                yield ask
        while elsewhere:
            await asyncio.sleep(POLL_SECONDS)
            for ask in await self._claim(elsewhere):
                yield ask

    async def _claim(self, due: dict[str, Ask]) -> list[Ask]:
        """Claim what nobody has answered or claimed; take that, and what is answered, out of `due`."""
        if self.budget_spent:
            answered = await asyncio.to_thread(self.store.answered, list(due))
            self.tally.unasked += len(due) - len(answered)
            granted, waiting = set[str](), frozenset[str]()
        else:
            answered, granted, waiting = await asyncio.to_thread(self.store.claim, list(due), self.clock(), self.lease)
        self.claimed |= granted
        self.tally.cached += len(answered)
        self.tally.waiting += len(waiting)
        mine = [ask for request_hash, ask in due.items() if request_hash in granted]
        for request_hash in list(due) if self.budget_spent else answered | granted | waiting:
            del due[request_hash]
        self._show()
        return mine

    async def _work(self, ready: asyncio.Queue[Ask | None]) -> None:
        """Answer one question after the other until there are none, or until the teacher answers nobody.

        Raises:
            TeacherStoppedError: by whoever hears of it first, when the others have ended or the grace is over.
        """
        while not self.stopped and (ask := await ready.get()) is not None:
            self.under_way += 1
            try:
                await self._answer(ask)
            except TeacherStoppedError:
                if self.stopped:
                    return
                self.stopped = True
                await self._others_ended()
                raise
            finally:
                self.under_way -= 1
                self.ended.set()
        if not self.stopped:
            ready.put_nowait(None)  # for the next worker

    async def _answer(self, ask: Ask) -> None:
        if self.budget_spent or self.stopped:
            self.tally.unasked += 1
            return
        try:
            answer = await self.teacher.answer(ask, self.arrived.put_nowait)
        except BudgetSpentError:
            self.budget_spent = True
            self.tally.unasked += 1
        except TeacherError as error:
            await self._set_aside(ask, error)
        else:
            self.failures_in_row = 0
            await self._commit(answer)

    async def _others_ended(self) -> None:
        """Wait for the requests under way: cut off, each would be lost if answered, and counted at its worst if not."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self.grace_seconds):
                while self.under_way > 1:  # this one
                    self.ended.clear()
                    await self.ended.wait()

    async def write(self) -> None:
        """Commit whatever has arrived, one transaction for all of it, until closed."""
        closed = False
        while not closed:
            batch = [await self.arrived.get()]
            while not self.arrived.empty():
                batch.append(self.arrived.get_nowait())
            answers = [one for one in batch if isinstance(one, Answer)]
            failed = [one for one in batch if isinstance(one, FailedTry)]
            closed = None in batch
            if answers or failed:
                await asyncio.to_thread(self.store.add, answers, failed)
                self._count(answers, failed)

    async def renew(self) -> None:
        """Keep the claims alive for as long as this run is."""
        while True:
            await asyncio.sleep(self.lease.total_seconds() / 3)
            if self.claimed:
                await asyncio.to_thread(self.store.renew, list(self.claimed), self.clock(), self.lease)

    def close(self) -> None:
        """Let the writer end once it has committed what arrived before."""
        self.arrived.put_nowait(None)

    def _unseen(self, chunk: Sequence[Ask]) -> dict[str, Ask]:
        distinct: dict[str, Ask] = {}
        for ask in chunk:
            request_hash = self.teacher.request_hash(ask)
            identity = bytes.fromhex(request_hash)
            if identity in self.seen:
                self.tally.repeated += 1
            else:
                self.seen.add(identity)
                distinct[request_hash] = ask
        return distinct

    async def _commit(self, answer: Answer) -> None:
        """Leave it to the writer; only where the store cannot keep up, wait for it before asking on."""
        self.arrived.put_nowait(answer)
        self.uncommitted += 1
        if self.uncommitted >= self.concurrency:
            self.committed.clear()
            await self.committed.wait()

    async def _set_aside(self, ask: Ask, error: TeacherError) -> None:
        self.failures_in_row += 1
        failure = failed_answer(self.teacher, ask, str(error), self.clock())
        rule = TEACHER_BUSY if isinstance(error, TeacherBusyError) else TEACHER_ERROR
        self.tally.rejected.append(Rejected(failure.request_hash, ask.purpose.stage, rule, str(error)))
        await self._commit(failure)
        if self.failures_in_row >= self.max_failures_in_row:
            raise TeacherStoppedError(
                f"{self.failures_in_row} requests in a row to {self.teacher.name} failed, the last with: {error}"
            )

    def _count(self, answers: Sequence[Answer], failed_tries: Sequence[FailedTry]) -> None:
        self.tally.count(answers, failed_tries)
        self.uncommitted -= len(answers)
        self.committed.set()
        for answer in answers:
            self.claimed.discard(answer.request_hash)
        self._show()

    def _show(self) -> None:
        if self.on_answer is not None:
            self.on_answer(self.tally.progress())


def _chunks(asks: Iterable[Ask], size: int) -> Iterator[list[Ask]]:
    source = iter(asks)
    while chunk := list(islice(source, size)):
        yield chunk
