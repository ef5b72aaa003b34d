"""One chunk of situations to the teacher, with every reply in the journal before it counts."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext

from flows import progress
from flows.asked import Asked
from flows.batching import Questions, batch_each
from flows.settings import Settings
from flows.storage import Storage
from flows.terminating import run_to_its_end
from flows.unanswered import forget_failures
from valueprism_build.records import Purpose, Rejected
from valueprism_build.teachers.asking import ask_all
from valueprism_build.teachers.budget import Budget
from valueprism_build.teachers.local_server import local_teacher
from valueprism_build.teachers.openai_teacher import OpenAITeacher
from valueprism_build.teachers.prompts import build_ask
from valueprism_build.teachers.tally import AskProgress, AskReport
from valueprism_build.teachers.teacher import LOCAL, Ask, TeacherSettings
from valueprism_build.teachers.throttle import Throttle
from warehouse import rejected, situations
from warehouse.journal import AnswerJournal


def ready(teacher: TeacherSettings) -> AbstractContextManager[TeacherSettings]:
    """Return how to ask a teacher; the local one is served as long as the context is open."""
    return local_teacher(name=LOCAL) if teacher.name == LOCAL else nullcontext(teacher)


def refuse_unusable(settings: Settings) -> None:
    """Refuse teachers that could not be asked, while nothing is paid: each is made here only to be checked.

    Raises:
        SettingsError: a base URL or a key cannot be used, or the budget cannot be kept.
    """
    for teacher in settings.teachers.values():
        if teacher.name != LOCAL:  # its address is known when it is served
            OpenAITeacher(teacher, budget=Budget(settings.budget_usd))


def ask(
    settings: Settings,
    teacher: TeacherSettings,
    ids: Sequence[str],
    run_id: str,
    *,
    throttle: Throttle | None = None,
    budget: Budget | None = None,
) -> Asked:
    """Ask about those situations that the journal holds no reply for, and store what could not be answered.

    Args:
        settings: of the run.
        teacher: whom to ask.
        ids: of situations in the warehouse.
        run_id: under which rejects are recorded.
        throttle: the teacher's pace, shared by the chunks of a run: each alone would begin with full buckets.
        budget: what the run may still spend.

    Raises:
        SettingsError: there is a budget, and the price of the teacher's tokens is unknown.
        TeacherStoppedError: no request can succeed; replies that arrived before are in the journal.
    """
    with Storage(settings).open(read_only=True) as db:
        rows = situations.read(db, ids)
    asks = [build_ask(row, structured=teacher.structured == "json_schema") for row in rows]
    return ask_each(settings, teacher, asks, run_id, throttle=throttle, budget=budget)


def ask_each(
    settings: Settings,
    teacher: TeacherSettings,
    asks: Sequence[Ask],
    run_id: str,
    *,
    throttle: Throttle | None = None,
    budget: Budget | None = None,
) -> Asked:
    """Ask those questions that the journal holds no reply for; store what got none, in place of earlier runs' failures.

    Args:
        settings: of the run.
        teacher: whom to ask.
        asks: all of one purpose.
        run_id: under which rejects are recorded.
        throttle: as of `ask`.
        budget: as of `ask`.

    Raises:
        BuildError: as of `ask`.
    """
    if settings.batch.enabled:
        return batch_each(settings, [Questions(teacher, asks)], run_id, budget or Budget(None))[teacher.name]
    storage = Storage(settings)
    with storage.journal(run_id) as journal:
        report, failed = run_to_its_end(_ask(settings, teacher, asks, journal, throttle, budget))
    about, stages = {ask.situation_id for ask in asks}, {ask.purpose.stage for ask in asks}
    forget_failures(storage, run_id, teacher.name, about, stages)
    if failed:
        with storage.open() as db:
            rejected.add_about(db, run_id, failed)
    return Asked(
        asked=len(asks),
        answered=report.answered,
        cached=report.cached,
        failed=len(report.rejected),
        unasked=report.unasked,
        waiting=report.waiting,
        prompt_tokens=report.prompt_tokens,
        completion_tokens=report.completion_tokens,
        cost=report.cost,
        last_failure=report.rejected[-1].detail if report.rejected else "",
    )


async def _ask(
    settings: Settings,
    teacher: TeacherSettings,
    asks: Sequence[Ask],
    journal: AnswerJournal,
    throttle: Throttle | None,
    budget: Budget | None,
) -> tuple[AskReport, dict[str, list[Rejected]]]:
    """Return the report, and what failed by situation."""
    done = 0
    what = {f" for {ask.purpose}" for ask in asks if ask.purpose is not Purpose.CONSIDERATIONS}
    with progress.stage(f"asking {teacher.name}{''.join(what)}", len(asks)) as advance:

        def show(so_far: AskProgress) -> None:
            nonlocal done
            now = so_far.answered + so_far.cached + so_far.rejected
            tokens = so_far.prompt_tokens + so_far.completion_tokens
            money = "price unknown" if so_far.cost is None else f"US$ {so_far.cost:.4f}"
            advance(now - done, f"{so_far.cached} known, {so_far.rejected} failed, {tokens} tokens, {money}")
            done = now

        async with OpenAITeacher(
            teacher, throttle=throttle, budget=budget, connections=settings.concurrency
        ) as openai_teacher:
            report = await ask_all(openai_teacher, asks, journal, concurrency=settings.concurrency, on_answer=show)
            if not report.rejected:
                return report, {}
            owner = {openai_teacher.request_hash(ask): ask.situation_id for ask in asks}
            failed: dict[str, list[Rejected]] = {}
            for reject in report.rejected:
                failed.setdefault(owner[reject.subject_id], []).append(reject)
            return report, failed
