"""Situations to families: newcomers to what they are like, before any of them lies in a split."""

from dataclasses import dataclass
from typing import NamedTuple

from flows import progress
from flows.settings import Settings
from flows.storage import Storage
from valueprism_build.situations.families import Families, FamilyThresholds, Related, update
from warehouse import contrasts, families
from warehouse.families import Stored


@dataclass(frozen=True, slots=True)
class Grouped:
    """What the families are after an update.

    Attributes:
        added: situations that were not in them before.
        merged: families that a newcomer has merged into an elder one.
    """

    situations: int
    families: int
    added: int
    merged: int


def group(settings: Settings, run_id: str) -> Grouped:
    """Give every situation of the warehouse its family.

    Raises:
        WarehouseError: there is no warehouse, or it cannot be read or written.
    """
    storage = Storage(settings)
    while True:
        before, after = _updated(settings)
        if after == before.families:
            return _counted(after, after)
        with storage.open() as db:
            stored = families.store(db, run_id, before, after)
        if stored:
            return _counted(before.families, after)


def families_now(settings: Settings) -> Families:
    """Return the families of every situation of the warehouse, as `group` would make them, and store none.

    Raises:
        WarehouseError: there is no warehouse, or it cannot be read.
    """
    return _updated(settings).after


class _Update(NamedTuple):
    before: Stored
    after: Families


def _updated(settings: Settings) -> _Update:
    storage = Storage(settings)
    least = FamilyThresholds(settings.release.family_similarity, settings.release.family_cosine)
    with storage.open(read_only=True) as db:
        newcomers, before = families.newcomers(db), families.read(db)
        related = [Related(*link) for link in contrasts.links(db)]
    if not newcomers:
        return _Update(before, update(before.families, [], storage.encoder(), least, related))
    with progress.stage("grouping situations", len(newcomers)) as advance:
        after = update(before.families, newcomers, storage.encoder(), least, related)
        advance(len(newcomers), "")
    return _Update(before, after)


def grouped_line(grouped: Grouped) -> str:
    """Return the counts in one line."""
    return (
        f"families: {grouped.situations} situations ({grouped.added} new) in {grouped.families} families; "
        f"{grouped.merged} merged into another"
    )


def _counted(before: Families, after: Families) -> Grouped:
    merged = [sum(family.into_id is not None for family in each.families) for each in (before, after)]
    return Grouped(
        situations=len(after.members),
        families=len(after.families) - merged[1],
        added=len(after.members) - len(before.members),
        merged=merged[1] - merged[0],
    )
