"""People who do not exist, to try a campaign on: they answer pages as a server would report it.

The log-odds that somebody gives a question's first answer are a constant, plus the effect of their stratum, plus one
normal draw for the person and one for the item. Who pays attention is right on gold items and says the same twice;
speeders answer anything, at once; leavers stop on the way.
"""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np

from annotation.answers import FIRST, Asked, asked_on
from annotation.exchange.server import Annotation, TaskState
from annotation.pages import FORM_OF
from annotation.vocabulary import Place, Study
from valueprism_build.campaigns import CampaignItem, Page, PageKind
from valueprism_build.errors import SettingsError


@dataclass(frozen=True, slots=True)
class Crowd:
    """How people answer.

    Attributes:
        constant: log-odds of the first answer; 1.45 is 81 %, as the original study found of agreement.
        effects: of strata, on the log-odds.
        person_sd: of the draw for a person; `item_sd` likewise.
        speeders: share of people.
        leavers: share of people.
        seconds: median of a page's, of who does not speed.
        attentive: chance that who pays attention is right on a gold item, and says the same twice.
    """

    constant: float = 1.45
    effects: Mapping[str, float] = field(default_factory=dict)
    person_sd: float = 0.7
    item_sd: float = 0.7
    speeders: float = 0.0
    leavers: float = 0.0
    seconds: float = 8.0
    attentive: float = 0.95

    def __post_init__(self) -> None:
        """Refuse shares that are none.

        Raises:
            SettingsError: names the share.
        """
        for name in ("speeders", "leavers", "attentive"):
            if not 0 <= getattr(self, name) <= 1:
                raise SettingsError(f"{name} of a simulated crowd is {getattr(self, name)}; give a share from 0 to 1")


@dataclass(frozen=True, slots=True)
class Person:
    """One of a crowd.

    Attributes:
        number: by which the server would know them.
        leaning: log-odds of the first answer, before the item's draw.
        pages: how many they answer before they leave; None for all.
    """

    number: int
    leaning: float
    speeds: bool
    pages: int | None


class SimulatedPeople:
    """A crowd that answers the pages of one campaign."""

    def __init__(self, study: Study, items: Mapping[str, CampaignItem], crowd: Crowd, rng: np.random.Generator) -> None:
        """Draw the items' part of the log-odds; `rng` draws everything else, too, in the order of the calls."""
        self._study = study
        self._items = items
        self._crowd = crowd
        self._rng = rng
        self._of_item = dict(zip(items, crowd.item_sd * rng.standard_normal(len(items)), strict=True))

    def person(self, number: int, stratum: str, block: int) -> Person:
        """Return somebody of the stratum who is to answer `block` pages."""
        crowd, rng = self._crowd, self._rng
        leaning = crowd.constant + crowd.effects.get(stratum, 0.0) + crowd.person_sd * rng.standard_normal()
        pages = int(rng.integers(block)) if rng.random() < crowd.leavers else None
        return Person(number, leaning, bool(rng.random() < crowd.speeders), pages)

    def answered(self, who: Person, pages: Sequence[Page], start: datetime) -> list[TaskState]:
        """Return the tasks of a seat as a server would have them, up to where the person leaves."""
        said: dict[tuple[str, str], str] = {}
        now, tasks = start, []
        for page in pages[: who.pages]:
            seconds = 1.0 if who.speeds else float(self._rng.lognormal(math.log(self._crowd.seconds), 0.4))
            now += timedelta(seconds=seconds)
            result = json.dumps(list(self._result(who, page, said)))
            annotation = Annotation(page.position, who.number, result, seconds, skipped=False, updated_at=now)
            tasks.append(TaskState(page.position, page.uid, now, (annotation,)))
        return tasks

    def _result(self, who: Person, page: Page, said: dict[tuple[str, str], str]) -> Iterator[Mapping[str, object]]:
        given: dict[str, str] = {}
        for asked in asked_on(self._study, FORM_OF[page.kind]):
            if asked.asked_if is None or given.get(asked.asked_if[0]) == asked.asked_if[1]:
                before = said.get((page.item_id, asked.id)) if page.kind is PageKind.REPEAT else None
                given[asked.id] = self._answer(who, page, asked, before)
                said.setdefault((page.item_id, asked.id), given[asked.id])
                value = {"choices": [given[asked.id]]} if asked.answers else {"text": [given[asked.id]]}
                yield {"from_name": f"{asked.id}{FIRST}", "value": value}

    def _answer(self, who: Person, page: Page, asked: Asked, before: str | None) -> str:
        if not asked.answers:
            return "Mercy"
        if page.kind is PageKind.INTRO or who.speeds:
            return str(self._rng.choice(asked.answers))
        known = [before] if before else self._not_wrong(page, asked)
        if known and self._rng.random() < self._crowd.attentive:
            return str(self._rng.choice(known))
        if self._rng.random() < 1 / (1 + math.exp(-who.leaning - self._of_item.get(page.item_id, 0.0))):
            return asked.answers[0]
        return str(self._rng.choice(asked.answers[1:] or asked.answers))

    def _not_wrong(self, page: Page, asked: Asked) -> Sequence[str]:
        """Return the answers that are not wrong on a gold item; none where gold says nothing of it."""
        item = self._items.get(page.item_id)
        if item is None or item.gold is None:
            return ()
        gold = next(question.gold for question in self._study.at(Place.ITEM) if question.id == asked.id)
        return (gold or {}).get(item.gold, ())
