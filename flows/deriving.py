"""Replies in the journal to considerations in the warehouse, for one chunk of situations."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import datetime
from itertools import groupby

from flows import progress
from flows.settings import LOCAL, Settings
from flows.storage import Storage
from valueprism_build.considerations import derivation
from valueprism_build.records import Answer, Stage
from valueprism_build.teachers.prompts import example_explanations
from warehouse import considerations, derived


@dataclass(frozen=True, slots=True)
class Derivation:
    """Counts of situations and of items; a `current` situation was derived before, its items are not counted again.

    parsed + unparsed items came in; of the parsed ones kept + repeated.
    """

    situations: int = 0
    current: int = 0
    parsed: int = 0
    unparsed: int = 0
    kept: int = 0
    repeated: int = 0

    def __add__(self, other: "Derivation") -> "Derivation":
        """Return the sum, count by count."""
        return Derivation(*(mine + theirs for mine, theirs in zip(astuple(self), astuple(other), strict=True)))


def derive(settings: Settings, ids: Sequence[str], run_id: str) -> Derivation:
    """Parse and deduplicate all replies about these situations, and replace what was derived of them before.

    Situations whose replies, parser and thresholds are those of the last time are left as they are.
    """
    storage = Storage(settings)
    encoder = storage.encoder()
    echoes = example_explanations()
    with storage.journal() as journal:
        answers = journal.for_situations(ids)
    groups = {id_: tuple(sorted(group, key=_precedence)) for id_, group in groupby(answers, key=_situation)}
    marks = {id_: derivation.fingerprint(group, echoes, settings.dedup, encoder.model) for id_, group in groups.items()}
    with storage.open() as db:
        known = derived.fingerprints(db, list(groups))
    stale = [id_ for id_ in groups if known.get(id_) != marks[id_]]
    if not stale:
        return Derivation(situations=len(groups), current=len(groups))
    with progress.stage("deriving considerations", len(stale)) as advance:
        results = derivation.derive(
            [groups[id_] for id_ in stale], echoes=echoes, encoder=encoder, thresholds=settings.dedup
        )
        batch = [
            considerations.Derived(id_, marks[id_], groups[id_], tuple(result.kept), tuple(result.rejected))
            for id_, result in zip(stale, results, strict=True)
        ]
        with storage.open() as db:
            considerations.replace(db, run_id, batch)
        counts = _counted(results)
        advance(len(stale), f"{counts.kept} considerations")
    return counts + Derivation(situations=len(groups), current=len(groups) - len(stale))


def _situation(answer: Answer) -> str:
    return answer.situation_id


def _precedence(answer: Answer) -> tuple[bool, datetime, str]:
    """Order the replies about one situation: of what several say, the row is the first one's, and never the demo's."""
    return (answer.teacher == LOCAL, answer.created_at, answer.request_hash)


def _counted(results: Sequence[derivation.Derived]) -> Derivation:
    kept = sum(len(result.kept) for result in results)
    repeated = sum(result.rejected_at(Stage.DEDUP) for result in results)
    unparsed = sum(result.rejected_at(Stage.PARSE) for result in results)
    return Derivation(parsed=kept + repeated, unparsed=unparsed, kept=kept, repeated=repeated)
