"""A study of the original's measure to deal, and a loop that deals it as one would write it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from annotation.dealing import Demand, Unit
from annotation.planning import Design
from annotation.settings import PlantingSettings
from annotation.vocabulary import Study
from valueprism_build.campaigns import CampaignItem
from valueprism_build.records import Valence, Vrd

ITEMS: Final = 7
"""Of a situation, as in the original study."""


def design(study: Study, people: int, each: int, overlap: int) -> Design:
    """Return what is dealt: situations for so many people, `each` a person, `overlap` people a situation."""
    situations = [f"s{number}" for number in range(people * each // overlap)]
    units = tuple(Unit(one, one, tuple(f"{one}.{number}" for number in range(ITEMS))) for one in situations)
    halves = {"one": people // 2, "other": people - people // 2}
    return Design("benchmark", study, units, halves, overlap, None, (), PlantingSettings(gold=0.0), seed=0)


def item(id_: str) -> CampaignItem:
    """Return an item as long as items are; s1.0 is of situation s1."""
    situation = id_.partition(".")[0]
    told = f"Telling a friend, for the {situation[1:]}th time, that the soup which they cook on Sundays is good"
    why = f"Number {id_}: it matters to people that what others tell them is true, and that they can rely on it."
    return CampaignItem(id_, situation, told, Vrd.DUTY, "Duty to be honest", why, Valence.OPPOSES)


def fewest_first(demands: Sequence[Demand], people: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    """Yield who gets which unit in a loop as one would write it."""
    loads = {stratum: dict.fromkeys((f"{stratum}{number}" for number in range(n)), 0) for stratum, n in people.items()}
    for demand in demands:
        load = loads[demand.stratum]
        for seat in sorted(load, key=lambda one: load[one])[: demand.people]:
            load[seat] += 1
            yield demand.unit.id, seat
