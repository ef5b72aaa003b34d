"""The whole journal through the present parser again: nothing is asked, and it is said what has changed."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple
from uuid import uuid4

from flows import progress
from flows.canonicalising import canonicalise
from flows.deriving import Derivation, counted, derive_anew, replies
from flows.recording import recorded
from flows.settings import Settings
from flows.storage import Storage
from valueprism_build.records import Consideration
from warehouse import considerations, derived, rejected, situations
from warehouse.rejected import Rule


class RuleChange(NamedTuple):
    """How many items one rule set aside before and after."""

    stage: str
    rule: str
    before: int
    after: int


@dataclass(slots=True)
class Reparsed:
    """What parsing again came to.

    Attributes:
        replies: that were parsed.
        unclaimed: replies about situations that the warehouse does not hold; a build collects these.
        lost: situations that stay as they are, since the journal no longer holds what they were derived from.
        added: considerations that were not there before; likewise removed.
        changed: considerations of the same id and another explanation, wording, teacher, place or conflict.
        stored: whether it took the place of what was there.
    """

    stored: bool
    replies: int = 0
    unclaimed: int = 0
    lost: int = 0
    added: int = 0
    removed: int = 0
    changed: int = 0
    derived: Derivation = field(default_factory=Derivation)
    before: Counter[Rule] = field(default_factory=Counter)
    after: Counter[Rule] = field(default_factory=Counter)

    def rules(self) -> list[RuleChange]:
        """Return the rules of both times, ordered by stage and name."""
        return [RuleChange(*rule, self.before[rule], self.after[rule]) for rule in sorted({*self.before, *self.after})]

    def count(self, batch: Sequence[considerations.Derived], before: Sequence[Consideration]) -> None:
        """Add one chunk of situations: what was derived now, and what was stored of them before."""
        old = {row.id: row for row in before}
        new = {row.id: row for one in batch for row in one.considerations}
        self.replies += sum(len(one.answers) for one in batch)
        self.added += len(new.keys() - old.keys())
        self.removed += len(old.keys() - new.keys())
        self.changed += sum(replace(old[id_], canonical_id=None) != new[id_] for id_ in old.keys() & new.keys())
        self.derived += counted(batch)
        self.after.update(Rule(reject.stage, reject.rule) for one in batch for reject in one.rejected)


def reparse(settings: Settings, *, dry_run: bool) -> Reparsed:
    """Derive everything anew from the journal, a chunk of situations at a time.

    Args:
        settings: where the journal is, and the thresholds of deduplication.
        dry_run: store nothing but the vectors of new texts.

    Raises:
        WarehouseError: there is no warehouse, or it cannot be read or written.
    """
    storage, run_id = Storage(settings), uuid4().hex[:12]
    with storage.open(read_only=True) as db:
        ids = situations.ids(db)
    done = Reparsed(stored=not dry_run)
    if dry_run:
        _reparse(settings, ids, done, run_id)
    else:
        with recorded(settings, "reparse", run_id, lambda: done.derived.stages()):
            _reparse(settings, ids, done, run_id)
            canonicalise(settings, run_id)
    with storage.journal() as journal:
        done.unclaimed = journal.count() - done.replies
    return done


def _reparse(settings: Settings, ids: Sequence[str], done: Reparsed, run_id: str) -> None:
    storage = Storage(settings)
    with progress.stage("parsing again", len(ids)) as advance:
        for start in range(0, len(ids), settings.chunk_size):
            chunk = ids[start : start + settings.chunk_size]
            groups = replies(storage, chunk)
            batch = derive_anew(settings, groups)
            with storage.open() as db:
                done.lost += len(derived.fingerprints(db, chunk).keys() - groups.keys())
                done.count(batch, considerations.read(db, list(groups)))
                done.before.update(rejected.by_rule(db, list(groups)))
                if done.stored:
                    considerations.replace(db, run_id, batch)
            advance(len(chunk), f"{done.added} added, {done.removed} removed, {done.changed} changed")
