"""Situations to families: newcomers to what they are like, before any of them lies in a split."""

from dataclasses import dataclass

from flows import progress
from flows.settings import Settings
from flows.storage import Storage
from valueprism_build.situations.families import Families, FamilyThresholds, update
from warehouse import families


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
        with storage.open(read_only=True) as db:
            newcomers, before = families.newcomers(db), families.read(db)
        if not newcomers:
            return _counted(before.families, before.families)
        with progress.stage("grouping situations", len(newcomers)) as advance:
            after = update(before.families, newcomers, storage.encoder(), _thresholds(settings))
            with storage.open() as db:
                stored = families.store(db, run_id, before, after)
            advance(len(newcomers), "" if stored else "another process was first; again")
        if stored:
            return _counted(before.families, after)


def families_now(settings: Settings) -> Families:
    """Return the families of every situation of the warehouse, as `group` would make them; nothing is stored.

    Raises:
        WarehouseError: there is no warehouse, or it cannot be read.
    """
    storage = Storage(settings)
    with storage.open(read_only=True) as db:
        newcomers, before = families.newcomers(db), families.read(db)
    return update(before.families, newcomers, storage.encoder(), _thresholds(settings))


def grouped_line(grouped: Grouped) -> str:
    """Return the counts in one line."""
    return (
        f"families: {grouped.situations} situations ({grouped.added} new) in {grouped.families} families; "
        f"{grouped.merged} merged into another"
    )


def _thresholds(settings: Settings) -> FamilyThresholds:
    return FamilyThresholds(settings.release.family_similarity, settings.release.family_cosine)


def _counted(before: Families, after: Families) -> Grouped:
    merged = [sum(family.into_id is not None for family in each.families) for each in (before, after)]
    return Grouped(
        situations=len(after.members),
        families=len(after.families) - merged[1],
        added=len(after.members) - len(before.members),
        merged=merged[1] - merged[0],
    )
