"""The relevance of what was listed about one chunk of situations, asked of one teacher."""

from collections.abc import Sequence

from flows.asked import Asked
from flows.asking import ask_each
from flows.deriving import quoted, replies
from flows.settings import Settings
from flows.storage import Storage
from valueprism_build.considerations.derivation import listed
from valueprism_build.teachers.budget import Budget
from valueprism_build.teachers.prompts import example_explanations
from valueprism_build.teachers.relevance_prompt import relevance_ask
from valueprism_build.teachers.teacher import Ask, TeacherSettings
from valueprism_build.teachers.throttle import Throttle
from warehouse import situations


def measure(
    settings: Settings,
    teacher: TeacherSettings,
    ids: Sequence[str],
    run_id: str,
    *,
    throttle: Throttle | None = None,
    budget: Budget | None = None,
) -> Asked:
    """Ask once about each distinct value, right or duty of each situation that the journal holds no reply for.

    It goes before deduplication, which is to keep the more relevant wording; on 2,212 items of 316 real answers that
    is 2,211 questions instead of 2,208. The arguments and the errors are those of `asking.ask`; the counts are of
    questions.
    """
    storage = Storage(settings)
    with storage.open(read_only=True) as db:
        rows = situations.read(db, ids)
    groups, echoes, runs = replies(storage, ids), example_explanations(), quoted(storage, ids)
    asks: dict[str, Ask] = {}
    for row in rows:
        for item in listed(groups.get(row.id, ()), echoes, runs).kept:
            ask = relevance_ask(row, item.vrd, item.text)
            asks.setdefault(ask.subject, ask)
    if not asks:
        return Asked()
    return ask_each(settings, teacher, list(asks.values()), run_id, throttle=throttle, budget=budget)
