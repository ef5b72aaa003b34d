"""The pages of one seat, in order: consent, then situation by situation, with gold items and repeats among them.

A situation's pages stay together: alone, item by item, with its list. Which situation comes when, and which item of it,
is drawn for each seat by itself, so a seat that is dealt later moves no other.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple, TypeAlias, TypeVar

import numpy as np

from annotation.dealing import Unit
from annotation.settings import PlantingSettings
from annotation.vocabulary import Place, Study
from valueprism_build.campaigns import CampaignItem, Page, PageKind
from valueprism_build.ids import page_uid

_Any = TypeVar("_Any")
_Stop: TypeAlias = list[Page]  # pages that stay together


class Block(NamedTuple):
    """The pages of a seat, in order, and how many gold items and repeats there was nothing or no place for."""

    pages: tuple[Page, ...]
    lacking: int


def lay_out(
    study: Study,
    campaign: str,
    seat: str,
    units: Sequence[Unit],
    gold: Sequence[CampaignItem],
    planting: PlantingSettings,
    *,
    seed: int,
    had: Sequence[Page] = (),
) -> Block:
    """Return the pages that a seat gets, or gets in addition.

    Args:
        study: which questions there are, and so which pages.
        campaign: its id.
        seat: its id.
        units: what was dealt to it, each situation once.
        gold: to draw from; those of a situation that the seat has are left out.
        planting: how many gold items and repeats.
        seed: of the campaign.
        had: pages that the seat has already; where there are any, no other consent page comes.
    """
    digest = hashlib.blake2b(f"{seat}\x1f{len(had)}".encode(), digest_size=8).digest()
    rng = np.random.default_rng([seed, int.from_bytes(digest)])
    made = _Maker(campaign, seat)
    stops = [_visit(study, unit, made, rng) for unit in _shuffled(units, rng)]
    items = sum(len(unit.items) for unit in units)
    met = {unit.situation_id for unit in units} | {page.situation_id for page in had}
    fit = [one for one in gold if one.situation_id not in met]
    planted = _shuffled(fit, rng)[: round(planting.gold * items)]
    for one in planted:  # never first: a person should have met an item before
        stops.insert(int(rng.integers(1, len(stops) + 1)), [made.page(PageKind.GOLD, one.id, one.situation_id)])
    repeats = _repeats(stops, round(planting.repeats * items), planting.apart, rng)
    for place, page in sorted(repeats, key=lambda repeat: repeat[0], reverse=True):  # the last first: no place moves
        stops.insert(place, [made.page(PageKind.REPEAT, page.item_id, page.situation_id)])
    intro = [] if had else [made.page(PageKind.INTRO)]
    pages = [*intro, *(page for stop in stops for page in stop)]
    lacking = round(planting.gold * items) - len(planted) + round(planting.repeats * items) - len(repeats)
    return Block(tuple(replace(page, position=len(had) + number) for number, page in enumerate(pages)), lacking)


class _Maker(NamedTuple):
    campaign: str
    seat: str

    def page(self, kind: PageKind, item: str = "", situation: str = "") -> Page:
        """Return a page that has no place yet."""
        return Page(page_uid(self.campaign, self.seat, kind, item or situation), self.seat, -1, kind, item, situation)


def _visit(study: Study, unit: Unit, made: _Maker, rng: np.random.Generator) -> _Stop:
    """Return all pages of a situation, its items in any order."""
    before = [made.page(PageKind.BEFORE, situation=unit.situation_id)] if study.at(Place.BEFORE) else []
    after = [made.page(PageKind.AFTER, situation=unit.situation_id)] if study.at(Place.AFTER) else []
    items = [made.page(PageKind.ITEM, item, unit.situation_id) for item in _shuffled(unit.items, rng)]
    return [*before, *items, *after]


def _repeats(stops: Sequence[_Stop], count: int, apart: int, rng: np.random.Generator) -> list[tuple[int, Page]]:
    """Return `count` items, or as many as have a place to be repeated at, each with the stop that it comes before."""
    early = [
        (number, page)
        for number, stop in enumerate(stops)
        for page in stop
        if page.kind is PageKind.ITEM and number + apart < len(stops)
    ]
    return [
        (int(rng.integers(number + apart + 1, len(stops) + 1)), page) for number, page in _shuffled(early, rng)[:count]
    ]


def _shuffled(values: Sequence[_Any], rng: np.random.Generator) -> list[_Any]:
    return [values[place] for place in rng.permutation(len(values))]
