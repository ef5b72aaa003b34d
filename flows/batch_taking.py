"""Results of batches into the answer journal, as soon as a batch has ended and whichever way it ended.

An outcome is stored in the transaction that ends its request's wait, so it counts once, however often it is taken.
"""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Final

from flows import progress
from flows.batch_sending import Sending
from flows.storage import Storage
from valueprism_build.errors import BuildError, TeacherBusyError, TeacherError
from valueprism_build.teachers.batch_results import BatchResults, Outcome, any_result
from valueprism_build.teachers.batches import ENDED, Batch, BatchState, scratch_file
from valueprism_build.teachers.openai_batches import NOT_FOUND, RefusedError
from valueprism_build.teachers.tally import Tally
from valueprism_build.teachers.teacher import utc_now
from warehouse import rejected

if TYPE_CHECKING:
    from valueprism_build.records import Rejected

COMMIT_ROWS: Final = 1000
"""Outcomes that are stored in one transaction."""


@dataclass(slots=True)
class Taking:
    """What one run takes out of batches of one teacher, its own and those of earlier runs.

    Attributes:
        failed: hashes of requests that got no reply.
        last_failure: why the last of them has none.
    """

    sending: Sending
    run_id: str
    tally: Tally = field(default_factory=Tally)
    failed: set[str] = field(default_factory=set)
    last_failure: str = ""

    async def take_all(self, only: Collection[str] = ()) -> None:
        """Look at every batch of the teacher until all have ended, or once if nobody is to wait.

        Nothing is open between two looks.

        Args:
            only: ids of the batches to look at; all if none is named.
        """
        limits, bad_looks = self.sending.settings.batch, 0
        with progress.stage(f"asking {self.sending.teacher.name}", None) as advance:
            while under_way := self.sending.under_way(only):
                try:
                    await self._look_at(under_way, advance)
                    bad_looks = 0
                except TeacherBusyError as error:  # it may be back at the next look
                    bad_looks += 1
                    if not limits.wait or bad_looks >= limits.bad_looks:
                        raise
                    advance(0, str(error))
                if not limits.wait:
                    return
                if self.sending.under_way(only):
                    await asyncio.sleep(limits.poll_seconds)

    async def _look_at(self, under_way: Sequence[Batch], advance: progress.Advance) -> None:
        """Look at batches once, and take what has ended."""
        taken = done = 0
        for batch in under_way:
            state = await self._look(batch)
            done += state.done if state else 0
            if state and state.status in ENDED:
                taken += await self._take(batch, state)
        requests = sum(batch.requests for batch in under_way)
        money = "price unknown" if self.tally.cost is None else f"US$ {self.tally.cost:.4f}"
        advance(taken, f"{done} of {requests} worked on in {len(under_way)} batches, {money}")

    async def _look(self, batch: Batch) -> BatchState | None:
        """Return how a batch is doing; None if it was only about to be made, and is looked at the next time."""
        if batch.batch_id is None:
            await self.sending.finish()  # waits for the process that is about to, and makes it if that was killed
            return None
        try:
            state = await self.sending.endpoint.state(batch.batch_id)
        except RefusedError as error:
            if error.status != NOT_FOUND:
                raise
            raise BuildError(f"{error}; to ask anew what is in it, run `valueprism batches cancel` first") from None
        with self._storage.batches() as batches:
            batches.seen(batch, state.batch_id, state.status)
        return state

    async def _take(self, batch: Batch, state: BatchState) -> int:
        """Store the results of a batch that has ended, and return how many there were."""
        endpoint = self.sending.endpoint
        results = BatchResults(batch, state, utc_now(), self.sending.price(batch.model))
        taken, before = 0, self.tally.cost
        with self._storage.batches(self.run_id) as batches, scratch_file() as file:
            there = await endpoint.download(state.output_file_id, file)
            there &= await endpoint.download(state.error_file_id, file)
            if there and state.done and not any_result(endpoint.lines(file)):
                raise TeacherError(f"the files of batch {state.batch_id} hold no result; run the same command again")
            outcomes = results.outcomes(batches.requests(batch), endpoint.lines(file))
            while some := list(islice(outcomes, COMMIT_ROWS)):
                tries = [one.failed_try for one in some if one.failed_try]
                mine = batches.take(batch, [one.answer for one in some], tries)
                self._count([one for one in some if one.answer.request_hash in mine])
                taken += len(mine)
        reserved = self.sending.reserved.get(batch.file_id)
        # What another process has taken of it stays reserved at its worst.
        if reserved is not None and taken == batch.requests and self.tally.cost is not None and before is not None:
            self.sending.budget.settle(reserved, self.tally.cost - before)
        return taken

    def _count(self, outcomes: Sequence[Outcome]) -> None:
        failures: dict[str, list[Rejected]] = {}
        for outcome in outcomes:
            if outcome.rejected:
                failures.setdefault(outcome.answer.situation_id, []).append(outcome.rejected)
                self.failed.add(outcome.answer.request_hash)
                self.last_failure = outcome.rejected.detail
        with self._storage.open() as db:
            rejected.forget_unanswered(db, [one.answer.request_hash for one in outcomes if not one.rejected])
            rejected.add_about(db, self.run_id, failures)
        self.tally.count([one.answer for one in outcomes], [one.failed_try for one in outcomes if one.failed_try])

    @property
    def _storage(self) -> Storage:
        return Storage(self.sending.settings)
