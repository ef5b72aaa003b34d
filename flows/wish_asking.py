"""The questions to a teacher about what people say is missing, and what they will take."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from itertools import zip_longest
from typing import NamedTuple

from flows.estimating import Forecast
from flows.settings import Settings
from flows.storage import Storage
from flows.wishing import Gathered, Heard, gather
from valueprism_build.records import Consideration, Purpose
from valueprism_build.teachers import forecast
from valueprism_build.teachers.chat_request import ChatRequests
from valueprism_build.teachers.local_server import local_settings
from valueprism_build.teachers.prices import price_of
from valueprism_build.teachers.prompts import build_missing_ask, missing_version
from valueprism_build.teachers.teacher import LOCAL, Ask, TeacherSettings
from valueprism_build.wishes import MOST_WISHED, Outcome
from warehouse import considerations, situations, wishes
from warehouse.usage import read_history
from warehouse.wishes import Fate


class Questions(NamedTuple):
    """The wishes that are left to ask a teacher about, and how many of its questions are answered."""

    left: list[Heard]
    known: int


def questions(settings: Settings, teacher: TeacherSettings, gathered: Gathered) -> Questions:
    """Return each wish that enough people voiced and nothing stands for, unless the teacher was asked about it before.

    What the teacher answered before, with its present model, parameters and prompt, counts, whatever came of it, what
    the list was then, and who has joined the wish since.
    """
    with Storage(settings).open(read_only=True) as db:
        fates = wishes.fates(db, gathered.situation_ids)
    answered = _answered(settings, teacher, gathered)
    left = [
        one
        for one in gathered.heard
        if one.cluster.wish_id not in answered
        and len(one.people) >= settings.missing.least_people
        and _is_open(one, fates)
    ]
    return Questions(left, len(answered & {one.cluster.wish_id for one in gathered.heard}))


def rounds(settings: Settings, left: Sequence[Heard]) -> list[list[Heard]]:
    """Return the wishes in the order in which they are asked about, no two of one situation in one round.

    Embeddings leave apart most of what people say in different words. A teacher tells that two wishes are one, if the
    list that it is shown with the second holds what the first has brought: so one waits for the other, what most people
    want first. Batches do not wait for each other, for each may take a day: there all is one round.
    """
    if settings.batch.enabled:
        return [list(left)] if left else []
    by_situation: defaultdict[str, list[Heard]] = defaultdict(list)
    for one in sorted(left, key=lambda one: -len(one.people)):
        by_situation[one.situation_id].append(one)
    return [[one for one in some if one is not None] for some in zip_longest(*by_situation.values())]


def put(settings: Settings, teacher: TeacherSettings, some: Sequence[Heard]) -> list[Ask]:
    """Return the question about each of these wishes, with the list of its situation as it stands now."""
    ids = sorted({one.situation_id for one in some})
    with Storage(settings).open(read_only=True) as db:
        about, lists = {row.id: row for row in situations.read(db, ids)}, _lists(considerations.read(db, ids))
    return [
        build_missing_ask(
            about[one.situation_id],
            lists[one.situation_id],
            one.cluster.wish_id,
            [phrase.text for phrase in one.cluster.phrases[: settings.missing.shown]],
            structured=_is_structured(teacher),
        )
        for one in some
    ]


def estimate(settings: Settings, campaign: str, at: datetime) -> list[Forecast]:
    """Return what enriching would ask of each teacher; nothing is sent and nothing stored.

    Each of several teachers is counted as if the others made nothing of any wish, and each question as if none before
    it had lengthened the list.

    Raises:
        BuildError: as of `wishing.gather`.
    """
    gathered = gather(settings, campaign)
    teachers = [local_settings(LOCAL) if one.name == LOCAL else one for one in settings.chosen]
    return [_forecast(settings, one, questions(settings, one, gathered), at) for one in teachers]


def _forecast(settings: Settings, teacher: TeacherSettings, asked: Questions, at: datetime) -> Forecast:
    with Storage(settings).open(read_only=True) as db:
        history = read_history(db, teacher.name, teacher.model, Purpose.MISSING)
    chat, n, known, longest = ChatRequests(teacher), len(asked.left), history.answers, teacher.max_tokens
    price, bound = price_of(teacher, at), None if longest is None else n * longest
    if price and settings.batch.enabled:
        price = price.in_batch()
    most = sum(chat.at_most(ask, chat.body(ask)).prompt for ask in put(settings, teacher, asked.left))
    prompt = forecast.tokens(n, known, history.prompt_mean, history.prompt_variance, most)
    completion = forecast.tokens(n, known, history.completion_mean, history.completion_variance, bound)
    return Forecast(
        teacher=teacher.name,
        model=teacher.model,
        purpose=Purpose.MISSING,
        requests=n,
        cached=asked.known,
        waiting=0,  # they are in the requests: to look for them takes the journal that a dry run does not open
        prompt_tokens=prompt,
        completion_tokens=completion,
        cost=forecast.cost(price, prompt, completion),
        known=known,
        price_source=price.source if price else "unknown",
        most_items=(n + asked.known) * MOST_WISHED,
    )


def _is_open(one: Heard, fates: Mapping[str, Fate]) -> bool:
    """Return whether nothing says what the wish says, neither as it was gathered nor as a teacher put it."""
    fate = fates.get(one.cluster.wish_id)
    return one.listed is None and (fate is None or fate.outcome in (Outcome.OPEN, Outcome.NOTHING))


def _answered(settings: Settings, teacher: TeacherSettings, gathered: Gathered) -> set[str]:
    version = missing_version(structured=_is_structured(teacher))
    wanted = (teacher.name, teacher.model, ChatRequests(teacher).params(Purpose.MISSING), version)
    with Storage(settings).journal_if_any() as journal:
        answers = [] if journal is None else journal.for_situations(gathered.situation_ids, (Purpose.MISSING,))
    return {one.subject for one in answers if (one.teacher, one.model, one.params, one.prompt_version) == wanted}


def _lists(rows: Collection[Consideration]) -> defaultdict[str, list[Consideration]]:
    lists: defaultdict[str, list[Consideration]] = defaultdict(list)
    for item in rows:
        lists[item.situation_id].append(item)
    return lists


def _is_structured(teacher: TeacherSettings) -> bool:
    return teacher.structured == "json_schema"
