"""The Batch API as the commands use it: half the price, an answer within a day, in the same answer journal."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AsyncExitStack
from typing import NamedTuple
from uuid import uuid4

from flows.asked import Asked
from flows.batch_sending import Sending
from flows.batch_taking import Taking
from flows.recording import recorded
from flows.settings import Settings
from flows.storage import Storage
from flows.terminating import run_to_its_end
from valueprism_build.errors import BuildError
from valueprism_build.teachers.batches import Batch
from valueprism_build.teachers.budget import Budget
from valueprism_build.teachers.openai_batches import NOT_FOUND, OpenAIBatches, RefusedError
from valueprism_build.teachers.prompts import build_ask
from valueprism_build.teachers.teacher import Ask, TeacherSettings
from warehouse import situations
from warehouse.journal import JOURNAL_FILE

COUNT_ROWS = 10_000
"""Questions that are looked up in the journal at a time, to count them."""


class Questions(NamedTuple):
    """What one teacher is to be asked; taken as it is needed, never all at once."""

    teacher: TeacherSettings
    asks: Iterable[Ask]


def ask_in_batches(
    settings: Settings, teachers: Sequence[TeacherSettings], ids: Sequence[str], run_id: str, budget: Budget
) -> dict[str, Asked]:
    """Ask each teacher for considerations about situations, as `batch_each` does.

    Args:
        settings: of the run.
        teachers: whom to ask.
        ids: of situations in the warehouse.
        run_id: under which rejects are recorded.
        budget: what the run may still spend.

    Raises:
        BuildError: as of `batch_each`.
    """
    questions = [Questions(teacher, _asks(settings, teacher, ids)) for teacher in teachers]
    return batch_each(settings, questions, run_id, budget)


def batch_each(settings: Settings, questions: Sequence[Questions], run_id: str, budget: Budget) -> dict[str, Asked]:
    """Put what the journal holds no reply for into batches, and take the results of those that have ended.

    All teachers' requests are sent before any is waited for. Batches of earlier runs are waited for and taken too.

    Args:
        settings: of the run.
        questions: of any purpose, by teacher.
        run_id: under which rejects are recorded.
        budget: what the run may still spend. The worst case of a file is set aside before it is sent; what earlier runs
            have sent was theirs to set aside.

    Returns:
        what became of the questions, by the teacher's name.

    Raises:
        SettingsError: there is a budget, and the price of a teacher's tokens is unknown.
        BuildError: an endpoint cannot be used; run the same command again to go on.
    """
    return run_to_its_end(_ask(settings, questions, run_id, budget))


def cancel_batches(settings: Settings, batch_ids: Sequence[str]) -> list[Batch]:
    """Cancel batches under way, all of the chosen teachers' when none is named, and take what was answered until then.

    A batch that the endpoint does not know is forgotten: its requests are asked again by the next build.

    Returns:
        the teachers' batches that are still under way: cancelling takes minutes.

    Raises:
        BuildError: a named batch is not under way, those under way are of other teachers, or an endpoint cannot be
            used.
    """
    under_way = [one for one in list_batches(settings) if not one.taken]
    mine = [one for one in under_way if one.teacher in settings.teacher]
    others = {one.teacher for one in under_way} - set(settings.teacher)
    strange = set(batch_ids) - {one.batch_id for one in mine}
    if strange or (others and not mine):
        which = f" {', '.join(sorted(strange))}" if strange else ""
        hint = f"name {' or '.join(sorted(others))} with --teacher" if others else "see `valueprism batches list`"
        raise BuildError(f"no batch{which} of {', '.join(settings.teacher)} is under way; {hint}")
    if not mine:
        return []
    run_id = uuid4().hex[:12]
    teachers = [settings.teachers[name] for name in dict.fromkeys(one.teacher for one in mine)]
    with recorded(settings, "batches cancel", run_id, list):
        return run_to_its_end(_cancel(settings, teachers, batch_ids, run_id))


def list_batches(settings: Settings) -> list[Batch]:
    """Return every batch that was made, the first first, as last seen."""
    if not (settings.warehouse / JOURNAL_FILE).exists():  # opening it would make it
        return []
    with Storage(settings).batches() as batches:
        return batches.all()


def _asks(settings: Settings, teacher: TeacherSettings, ids: Sequence[str]) -> Iterator[Ask]:
    for start in range(0, len(ids), settings.chunk_size):
        with Storage(settings).open(read_only=True) as db:
            rows = situations.read(db, ids[start : start + settings.chunk_size])
        for row in rows:
            yield build_ask(row, structured=teacher.structured == "json_schema")


async def _ask(settings: Settings, questions: Sequence[Questions], run_id: str, budget: Budget) -> dict[str, Asked]:
    async with AsyncExitStack() as stack:
        taken = []
        for teacher, asks in questions:
            endpoint = await stack.enter_async_context(OpenAIBatches(teacher))
            sending = Sending(settings, teacher, endpoint, budget)
            await sending.send(asks, run_id)
            taken.append(Taking(sending, run_id))
        for taking in taken:
            await taking.take_all()
    return {taking.sending.teacher.name: _counted(taking) for taking in taken}


def _counted(taking: Taking) -> Asked:
    """Count what became of this run's questions; what was neither answered nor refused waits."""
    sending, tally = taking.sending, taking.tally
    wanted, answered = sending.wanted, 0
    with Storage(sending.settings).journal() as journal:
        for start in range(0, len(wanted), COUNT_ROWS):
            answered += len(journal.answered(wanted[start : start + COUNT_ROWS]))
    failed = sum(request_hash in taking.failed for request_hash in wanted)
    return Asked(
        asked=sending.cached + len(wanted) + sending.unasked,
        answered=answered,
        cached=sending.cached,
        failed=failed,
        unasked=sending.unasked,
        waiting=len(wanted) - answered - failed,
        prompt_tokens=tally.prompt_tokens,
        completion_tokens=tally.completion_tokens,
        cost=tally.cost,
        last_failure=taking.last_failure,
    )


async def _cancel(
    settings: Settings, teachers: Sequence[TeacherSettings], batch_ids: Sequence[str], run_id: str
) -> list[Batch]:
    async with AsyncExitStack() as stack:
        sent = []
        for teacher in teachers:
            endpoint = await stack.enter_async_context(OpenAIBatches(teacher))
            sent.append(Sending(settings, teacher, endpoint, Budget(None)))
            await sent[-1].finish()
        for sending in sent:
            for batch in sending.under_way(batch_ids):
                await _cancel_one(sending, batch)
            await Taking(sending, run_id).take_all(batch_ids)
        return [batch for sending in sent for batch in sending.under_way()]


async def _cancel_one(sending: Sending, batch: Batch) -> None:
    if batch.batch_id is None:  # another process is about to make it
        return
    try:
        await sending.endpoint.cancel(batch.batch_id)
    except RefusedError as error:
        if error.status != NOT_FOUND:
            raise
        with Storage(sending.settings).batches() as batches:
            batches.forget(batch)
