"""Questions that nobody has answered into batches, each into one.

Whatever moment a process dies at, the next one goes on: a file that was sent and not noted is never used, costs nothing
and expires; a noted file without a noted batch is looked up before a batch is made of it.
"""

import asyncio
from collections.abc import AsyncIterator, Collection, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from itertools import islice
from typing import Final

from flows import progress
from flows.settings import Settings
from flows.storage import Storage
from flows.unanswered import forget_failures
from valueprism_build.teachers.batches import Batch, BatchFile, BatchLine, BatchRequest, batch_files, batch_line
from valueprism_build.teachers.budget import NOTHING, Budget
from valueprism_build.teachers.chat_request import ChatRequests
from valueprism_build.teachers.meter import require_bound
from valueprism_build.teachers.openai_batches import OpenAIBatches, RefusedError
from valueprism_build.teachers.prices import Price, price_of
from valueprism_build.teachers.teacher import Ask, TeacherSettings, utc_now
from warehouse.batch_journal import BatchJournal
from warehouse.journal import AnswerJournal

LOOKUP: Final = 500
"""Questions that are looked up in the journal, and claimed, at a time."""
POLL_SECONDS: Final = 0.2  # between two looks at whether another process still makes batches; nobody can wake us
# While a file is made and sent, five times if need be; the claims of a process that is gone fall at once.
LEASE: Final = timedelta(hours=3)


@dataclass(slots=True)
class Sending:
    """What one run puts into batches of one teacher.

    Attributes:
        endpoint: the teacher's.
        budget: of the run.
        cached: questions whose reply was stored before the run.
        unasked: questions that are left because they might cost more than the budget.
        wanted: request hashes of all others.
        reserved: US dollars set aside for each file of this run.
    """

    settings: Settings
    teacher: TeacherSettings
    endpoint: OpenAIBatches
    budget: Budget
    cached: int = 0
    unasked: int = 0
    wanted: list[str] = field(default_factory=list)
    reserved: dict[str, Decimal] = field(default_factory=dict)
    _seen: set[bytes] = field(default_factory=set)
    _claimed: list[str] = field(default_factory=list)

    def price(self, model: str) -> Price | None:
        """Return the price of tokens of one of the teacher's models in a batch, or None where nobody knows it."""
        price = price_of(replace(self.teacher, model=model), utc_now())
        return price and price.in_batch()

    async def send(self, asks: Iterable[Ask], run_id: str) -> None:
        """Put every question without a reply that waits in no batch into one; one process at a time.

        What another process is asking at this moment is left to it.

        Args:
            asks: the questions; taken as they are needed.
            run_id: under which earlier failures are forgotten.

        Raises:
            SettingsError: there is a budget, and the worst case of a request cannot be told.
            BuildError: the endpoint or the journal cannot be used.
        """
        price = self.price(self.teacher.model)
        require_bound(self.budget, price, name=self.teacher.name, max_tokens=self.teacher.max_tokens)
        limits = self.settings.batch
        async with self._turn() as batches:
            with Storage(self.settings).journal() as journal:
                lines = self._lines(asks, journal, price)
                files = batch_files(lines, max_requests=limits.max_requests, max_bytes=limits.max_bytes)
                try:
                    with closing(files), progress.stage(f"sending to {self.teacher.name}", None) as advance:
                        for number, part in enumerate(files, 1):
                            batch = await self._upload(part)
                            batches.add(batch, part.requests)
                            self._forget_failures(part.requests, run_id)
                            await self._make(batches, batch, fresh=True)
                            advance(len(part.requests), f"batch {number} made, {self.cached} known")
                finally:
                    journal.release(self._claimed)

    async def finish(self) -> None:
        """Make a batch of every file that has none yet, as a killed process leaves it; one process at a time."""
        async with self._turn() as batches:
            for batch in batches.under_way(self.teacher.endpoint, self.teacher.name):
                if batch.batch_id is None:
                    await self._make(batches, batch, fresh=False)

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[BatchJournal]:
        """Wait until no other process makes batches."""
        with Storage(self.settings).batches() as batches:
            while True:
                with batches.turn() as mine:
                    if mine:
                        yield batches
                        return
                await asyncio.sleep(POLL_SECONDS)

    def under_way(self, only: Collection[str] = ()) -> list[Batch]:
        """Return the teacher's batches, or those of some ids, whose results are not all in the answer journal."""
        with Storage(self.settings).batches() as batches:
            found = batches.under_way(self.teacher.endpoint, self.teacher.name)
        return [batch for batch in found if not only or batch.batch_id in only]

    async def _upload(self, part: BatchFile) -> Batch:
        batch = Batch(
            endpoint=self.teacher.endpoint,
            file_id=await self.endpoint.upload(part.file),
            teacher=self.teacher.name,
            model=self.teacher.model,
            requests=len(part.requests),
            created_at=utc_now(),
        )
        self.reserved[batch.file_id] = sum((request.worst or NOTHING for request in part.requests), start=NOTHING)
        return batch

    async def _make(self, batches: BatchJournal, batch: Batch, *, fresh: bool) -> None:
        try:
            state = await self.endpoint.create(batch.file_id, fresh=fresh)
        except RefusedError as error:
            if error.method == "POST":  # the making itself, so there is no such batch
                batches.forget(batch)
            raise
        batches.seen(batch, state.batch_id, state.status)

    def _forget_failures(self, requests: Sequence[BatchRequest], run_id: str) -> None:
        """Take away why these were not answered before: they are asked again."""
        about, stages = {one.situation_id for one in requests}, {one.purpose.stage for one in requests}
        forget_failures(Storage(self.settings), run_id, self.teacher.name, about, stages)

    def _lines(self, asks: Iterable[Ask], journal: AnswerJournal, price: Price | None) -> Iterator[BatchLine]:
        chat, source = ChatRequests(self.teacher), iter(asks)
        while chunk := list(islice(source, LOOKUP)):
            hashed = self._unseen({chat.identity(ask): ask for ask in chunk})
            answered, granted, _ = journal.claim(list(hashed), utc_now(), LEASE)
            self._claimed += granted
            self.cached += len(answered)
            left = set[str]()
            for request_hash in [one for one in hashed if one in granted]:
                ask = hashed[request_hash]
                body = chat.body(ask)
                worst = None if price is None else price.of(chat.at_most(ask, body))
                if self.budget.take(worst or NOTHING):
                    yield batch_line(ask, request_hash, body, params=chat.params(ask.purpose), worst=worst)
                else:
                    left.add(request_hash)
            self.unasked += len(left)
            self.wanted += [one for one in hashed if one not in answered | left]

    def _unseen(self, hashed: dict[str, Ask]) -> dict[str, Ask]:
        unseen = {one: ask for one, ask in hashed.items() if bytes.fromhex(one) not in self._seen}
        self._seen.update(map(bytes.fromhex, unseen))
        return unseen
