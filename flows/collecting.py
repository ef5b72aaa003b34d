"""Situations of every source through the sieve into the warehouse, batch by batch."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from flows import progress
from flows.settings import Settings
from flows.storage import Storage
from valueprism_build.records import Stage
from valueprism_build.situations.reading import read
from valueprism_build.situations.sieve import Sieve
from valueprism_build.situations.sifted import Sifted
from valueprism_build.situations.sources import Source
from warehouse import rejected, situations
from warehouse.runs import StageCount

BATCH_ROWS: Final = 1000


@dataclass(slots=True)
class Collected:
    """What the sources gave: every row that was read is kept, held or rejected.

    Attributes:
        ids: of the situations that passed, in the order of the sources.
        sources: names that rows carry as their source.
    """

    ids: list[str] = field(default_factory=list)
    kept: int = 0
    held: int = 0
    unreadable: int = 0
    filtered: int = 0
    sources: set[str] = field(default_factory=set)

    def count(self, batch: Sifted) -> None:
        """Add one batch."""
        unreadable = sum(reject.stage is Stage.READ for reject in batch.rejected)
        self.ids.extend(situation.id for situation in (*batch.held, *batch.kept))
        self.kept += len(batch.kept)
        self.held += len(batch.held)
        self.unreadable += unreadable
        self.filtered += len(batch.rejected) - unreadable
        self.sources.update(situation.source for situation in (*batch.kept, *batch.held))
        self.sources.update(reject.subject_id.rpartition(":")[0] for reject in batch.rejected)

    def stages(self) -> list[StageCount]:
        """Return the funnel so far."""
        readable = self.kept + self.held + self.filtered
        return [
            StageCount(Stage.READ, readable + self.unreadable, readable, 0, self.unreadable),
            StageCount(Stage.FILTER, readable, self.kept, self.held, self.filtered),
        ]


def collect(settings: Settings, run_id: str) -> Collected:
    """Read, clean and filter every source; store what is kept and what is set aside.

    With a limit, reading ends when so many situations have passed.

    Raises:
        SourceError: a source cannot be read at all; what came before it is stored.
    """
    storage = Storage(settings)
    with storage.open() as db:
        sieve = Sieve(settings.filters, situations.held(db))
    collected = Collected()
    with progress.stage("collecting situations", None) as advance:
        for batch in sifted(settings, sieve, collected):
            with storage.open() as db:
                situations.add(db, batch.kept)
                situations.relabel(db, batch.held)
                rejected.add(db, run_id, batch.rejected)
            advance(sum(len(pile) for pile in batch), f"{len(collected.ids)} passed")
    if _missing(settings, collected) != 0:  # else the sources were not read to their end
        with storage.open() as db:
            for source in sorted(collected.sources):
                rejected.sweep(db, run_id, source)
    return collected


def sifted(settings: Settings, sieve: Sieve, collected: Collected) -> Iterator[Sifted]:
    """Yield what the sources hold, batch by batch, counted in `collected`, until the limit is reached.

    Raises:
        SourceError: a source cannot be read at all.
    """
    for location in dict.fromkeys(settings.situations):  # what is named twice is read once
        for batch in _batches(settings, location, sieve, collected):
            collected.count(batch)
            yield batch
        if _missing(settings, collected) == 0:
            return


def _missing(settings: Settings, collected: Collected) -> int | None:
    """Return how many situations the limit still admits, or None without one."""
    return None if settings.limit is None else max(0, settings.limit - len(collected.ids))


def _batches(settings: Settings, location: str, sieve: Sieve, collected: Collected) -> Iterator[Sifted]:
    """Yield sifted batches to store.

    Under a limit rows are read one by one, so that no row is taken beyond it, and still stored many at a time.
    """
    source = Source(
        location,
        text_column=settings.text_column,
        text_template=settings.text_template,
        split=settings.split,
        config=settings.config,
        licence=settings.licence,
        language=settings.language,
    )
    missing = _missing(settings, collected)
    waiting = Sifted([], [], [])
    for arrived in read(source, batch_size=BATCH_ROWS if missing is None else 1):
        now = sieve.sift(arrived)
        waiting = Sifted(waiting.kept + now.kept, waiting.held + now.held, waiting.rejected + now.rejected)
        if missing is not None and len(waiting.kept) + len(waiting.held) >= missing:
            break
        if sum(len(pile) for pile in waiting) >= BATCH_ROWS:
            yield waiting
            missing = _missing(settings, collected)
            waiting = Sifted([], [], [])
    if any(waiting):
        yield waiting
