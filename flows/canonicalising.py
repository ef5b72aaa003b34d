"""Considerations to canonical ids: new wordings into the inventory, judgements heeded, every row told its id."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import numpy as np

from flows import progress
from flows.recording import recorded
from flows.settings import Settings
from flows.storage import Storage
from valueprism_build.canonical.borderline import draw
from valueprism_build.canonical.inventory import Change, update
from valueprism_build.canonical.judged import latest
from valueprism_build.canonical.pairs_file import read_pairs, write_pairs
from valueprism_build.canonical.quality import Quality, measure
from valueprism_build.errors import BuildError
from valueprism_build.records import Canonical, SamePair
from warehouse import canonical


@dataclass(frozen=True, slots=True)
class Canonicalised:
    """What the inventory holds after an update.

    Attributes:
        added: wordings that were not in it before.
        changes: wordings that a judgement has moved.
    """

    wordings: int
    considerations: int
    concerns: int
    added: int
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Audited:
    """What came of judged pairs.

    Attributes:
        quality: of the inventory before the judgements were heeded.
        blank: rows that nobody has judged.
        after: the inventory that heeds them; None where nothing was to be stored.
    """

    quality: Quality
    blank: int
    after: Canonicalised | None


def canonicalise(settings: Settings, run_id: str, judgements: Sequence[SamePair] = ()) -> Canonicalised:
    """Take new wordings into the inventory, heed new judgements, and give every consideration its canonical id.

    Raises:
        WarehouseError: there is no warehouse, or it cannot be read or written.
        BuildError: judgements contradict each other; nothing is stored.
    """
    storage = Storage(settings)
    while True:
        with storage.open(read_only=True) as db:
            surfaces, before = canonical.new_surfaces(db), canonical.read(db)
        if not surfaces and not judgements:
            return _counted(before.inventory.canonicals(), 0)
        with progress.stage("canonicalising wordings", len(surfaces)) as advance:
            heeded = latest([*before.judgements, *judgements])
            after = update(before.inventory, surfaces, heeded, storage.encoder())
            with storage.open() as db:
                stored = canonical.store(db, run_id, before, after, heeded)
            advance(len(surfaces), "" if stored else "another process was first; again")
        if stored:
            return _counted(after.inventory.canonicals(), len(surfaces), after.changes)


def update_inventory(settings: Settings) -> Canonicalised:
    """Take every consideration of the warehouse into the inventory.

    Raises:
        WarehouseError: there is no warehouse, or it cannot be read or written.
    """
    with Storage(settings).open(read_only=True):  # a record of the run would make a warehouse where there is none
        pass
    run_id = uuid4().hex[:12]
    with recorded(settings, "canonical update", run_id, list):
        return canonicalise(settings, run_id)


def draw_pairs(settings: Settings, path: Path, *, pairs: int, seed: int) -> int:
    """Write borderline pairs for a person to judge and return how many.

    Raises:
        BuildError: the inventory is empty, or the file cannot be written.
    """
    storage = Storage(settings)
    with storage.open(read_only=True) as db:
        inventory = canonical.read(db).inventory
    if not inventory.members:
        raise BuildError(f"{settings.warehouse} holds no canonical inventory; run `valueprism canonical update` first")
    drawn = draw(inventory, storage.encoder(), pairs=pairs, rng=np.random.default_rng(seed))
    write_pairs(path, drawn)
    return len(drawn)


def audit(settings: Settings, path: Path, *, dry_run: bool) -> Audited:
    """Measure the inventory by judged pairs, then heed them.

    Args:
        settings: where the warehouse is.
        path: the file that `draw_pairs` wrote, judged.
        dry_run: measure only.

    Raises:
        BuildError: the file cannot be used, or judgements contradict each other; nothing is stored.
    """
    judged = read_pairs(path)
    with Storage(settings).open(read_only=True) as db:
        inventory = canonical.read(db).inventory
    quality = measure(inventory, judged.pairs)
    if dry_run:
        return Audited(quality, judged.blank, None)
    run_id = uuid4().hex[:12]
    with recorded(settings, "canonical audit", run_id, list):
        after = canonicalise(settings, run_id, [each.pair for each in judged.pairs])
    return Audited(quality, judged.blank, after)


def _counted(canonicals: Sequence[Canonical], added: int, changes: tuple[Change, ...] = ()) -> Canonicalised:
    return Canonicalised(
        wordings=sum(len(canonical.members) for canonical in canonicals),
        considerations=len(canonicals),
        concerns=len({canonical.concern_id for canonical in canonicals}),
        added=added,
        changes=changes,
    )
