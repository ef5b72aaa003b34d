"""The questions to a teacher about what people say is missing, and what they will take."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from flows.estimating import Forecast
from flows.settings import Settings
from flows.storage import Storage
from flows.wishing import Gathered, Heard, gather
from valueprism_build.records import Consideration, Purpose, Situation
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
    """What is left to ask a teacher about wishes, and how many of its questions are answered."""

    left: list[Ask]
    known: int


class _Standing(NamedTuple):
    """Where the situations stand, by their ids, and the wishes by theirs."""

    situations: Mapping[str, Situation]
    lists: Mapping[str, list[Consideration]]
    fates: Mapping[str, Fate]


def questions(settings: Settings, teacher: TeacherSettings, gathered: Gathered) -> Questions:
    """Return a question for each wish that enough people voiced and nothing stands for, unless it was asked before.

    What the teacher answered before, with its present model, parameters and prompt, counts, whatever came of it, what
    the list was then, and who has joined the wish since.
    """
    standing, answered = _standing(settings, gathered), _answered(settings, teacher, gathered)
    left = [
        one
        for one in gathered.heard
        if one.cluster.wish_id not in answered
        and len(one.people) >= settings.missing.least_people
        and _is_open(one, standing.fates)
    ]
    asks = [
        build_missing_ask(
            standing.situations[one.situation_id],
            standing.lists.get(one.situation_id, ()),
            one.cluster.wish_id,
            [phrase.text for phrase in one.cluster.phrases[: settings.missing.shown]],
            structured=_is_structured(teacher),
        )
        for one in left
    ]
    return Questions(asks, len(answered & {one.cluster.wish_id for one in gathered.heard}))


def estimate(settings: Settings, campaign: str, at: datetime) -> list[Forecast]:
    """Return what enriching would ask of each teacher; nothing is sent and nothing stored.

    Each of several teachers is counted as if the others made nothing of any wish.

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
    most = sum(chat.at_most(ask, chat.body(ask)).prompt for ask in asked.left)
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


def _standing(settings: Settings, gathered: Gathered) -> _Standing:
    ids = gathered.situation_ids
    with Storage(settings).open(read_only=True) as db:
        lists: dict[str, list[Consideration]] = {}
        for item in considerations.read(db, ids):
            lists.setdefault(item.situation_id, []).append(item)
        return _Standing({row.id: row for row in situations.read(db, ids)}, lists, wishes.fates(db, ids))


def _is_structured(teacher: TeacherSettings) -> bool:
    return teacher.structured == "json_schema"
