"""Replies in the journal to considerations in the warehouse, for one chunk of situations."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import datetime
from itertools import groupby
from typing import TypeAlias

from flows import contrast_taking, progress
from flows.settings import Settings
from flows.storage import Storage
from valueprism_build.considerations import derivation
from valueprism_build.considerations.relevance import IRRELEVANT
from valueprism_build.contrasts.asked import Taken
from valueprism_build.ids import request_hash
from valueprism_build.records import MAY_BE_EMPTY, Answer, Purpose, Stage
from valueprism_build.teachers.prompts import example_explanations
from valueprism_build.teachers.teacher import LOCAL
from warehouse import considerations, derived, rejected, wishes
from warehouse.rejected import Rule
from warehouse.runs import StageCount

Replies: TypeAlias = Mapping[str, tuple[Answer, ...]]
"""By situation id, in the order of the journal, which does not depend on time."""


@dataclass(frozen=True, slots=True)
class Derivation:
    """Counts of situations and of items; a `current` situation was derived before, its items are not counted again.

    parsed + unparsed items came in; of the parsed ones irrelevant + repeated + kept.

    Attributes:
        measured: kept ones whose relevance is known.
    """

    situations: int = 0
    current: int = 0
    parsed: int = 0
    unparsed: int = 0
    irrelevant: int = 0
    kept: int = 0
    repeated: int = 0
    measured: int = 0

    def __add__(self, other: "Derivation") -> "Derivation":
        """Return the sum, count by count."""
        return Derivation(*(mine + theirs for mine, theirs in zip(astuple(self), astuple(other), strict=True)))

    def __sub__(self, other: "Derivation") -> "Derivation":
        """Return what came to this since the other."""
        return Derivation(*(mine - theirs for mine, theirs in zip(astuple(self), astuple(other), strict=True)))

    def stages(self) -> list[StageCount]:
        """Return the funnel so far: items of replies; relevance is a stage of it where some was measured."""
        relevant = self.parsed - self.irrelevant
        sifted = [StageCount(Stage.RELEVANCE, self.parsed, relevant, 0, self.irrelevant)]
        return [
            StageCount(Stage.PARSE, self.parsed + self.unparsed, self.parsed, 0, self.unparsed),
            *(sifted if self.measured or self.irrelevant else []),
            StageCount(Stage.DEDUP, relevant, self.kept, 0, self.repeated),
        ]


def derive(settings: Settings, ids: Sequence[str], run_id: str) -> Derivation:
    """Parse and deduplicate all replies about these situations, and replace what was derived of them before.

    Situations whose replies, parser and thresholds are those of the last time are left as they are.
    """
    chunks = [ids[start : start + settings.chunk_size] for start in range(0, len(ids), settings.chunk_size)]
    return sum((_derive_chunk(settings, chunk, run_id) for chunk in chunks), start=Derivation())


def _derive_chunk(settings: Settings, ids: Sequence[str], run_id: str) -> Derivation:
    storage = Storage(settings)
    groups = replies(storage, ids)
    runs = quoted(storage, ids)
    marks = {id_: _mark(settings, group, runs) for id_, group in groups.items()}
    with storage.open() as db:
        known = derived.fingerprints(db, list(groups))
    stale = {id_: group for id_, group in groups.items() if known.get(id_) != marks[id_]}
    if not stale:
        return Derivation(situations=len(groups), current=len(groups))
    with progress.stage("deriving considerations", len(stale)) as advance:
        batch = derive_anew(settings, stale)
        with storage.open() as db:
            considerations.replace(db, run_id, batch)
        counts = counted(batch)
        advance(len(stale), f"{counts.kept} considerations")
    return counts + Derivation(situations=len(groups), current=len(groups) - len(stale))


def replies(storage: Storage, ids: Sequence[str]) -> Replies:
    """Return, for each of the situations that has any, its replies in the journal, to whatever was asked about it.

    Not those about what is foreign to it: they say nothing about its own considerations.
    """
    with storage.journal() as journal:
        answers = journal.for_situations(ids, tuple(set(Purpose) - {Purpose.NEGATIVES}))
    return {id_: tuple(sorted(group, key=_precedence)) for id_, group in groupby(answers, key=_situation)}


def quoted(storage: Storage, ids: Sequence[str]) -> derivation.Quoted:
    """Return what people wrote about these situations that no teacher may repeat."""
    with storage.open(read_only=True) as db:
        return wishes.runs(db, ids)


def derive_anew(settings: Settings, groups: Replies) -> list[considerations.Derived]:
    """Parse and deduplicate, and store nothing but the vectors of new texts."""
    runs = quoted(Storage(settings), list(groups))
    results = derivation.derive(
        list(groups.values()),
        echoes=example_explanations(),
        encoder=Storage(settings).encoder(),
        thresholds=settings.dedup,
        relevance=settings.relevance,
        quoted=runs,
    )
    taken, nothing = contrast_taking.take_contrasts(settings, groups), Taken([], [], [])
    return [
        considerations.Derived(
            id_,
            _mark(settings, group, runs),
            group,
            tuple(result.kept),
            (*result.rejected, *taken.get(id_, nothing).rejected),
            tuple(result.said),
            tuple(taken.get(id_, nothing).contrasts),
            tuple(taken.get(id_, nothing).changed),
        )
        for (id_, group), result in zip(groups.items(), results, strict=True)
    ]


def counted(batch: Sequence[considerations.Derived]) -> Derivation:
    """Return the counts of what was derived."""
    kept = sum(len(one.considerations) for one in batch)
    measured = sum(item.relevance is not None for one in batch for item in one.considerations)
    rules = Counter(Rule(reject.stage, reject.rule) for one in batch for reject in one.rejected)
    return _counts(kept, measured, rules)


def held(storage: Storage, ids: Sequence[str]) -> Derivation:
    """Return the counts of the items that the warehouse holds of these situations."""
    with storage.open(read_only=True) as db:
        rows = considerations.read(db, ids)
        rules = rejected.by_rule(db, ids)
    return _counts(len(rows), sum(row.relevance is not None for row in rows), rules)


def _counts(kept: int, measured: int, rules: Counter[Rule]) -> Derivation:
    stages = Counter[Stage]()
    for rule, times in rules.items():
        stages[rule.stage] += times
    irrelevant = rules[Rule(Stage.RELEVANCE, IRRELEVANT)]
    repeated, unparsed = stages[Stage.DEDUP], stages[Stage.PARSE]
    return Derivation(
        parsed=kept + repeated + irrelevant,
        unparsed=unparsed,
        irrelevant=irrelevant,
        kept=kept,
        repeated=repeated,
        measured=measured,
    )


def _mark(settings: Settings, answers: Sequence[Answer], runs: derivation.Quoted) -> str:
    of_lists = derivation.fingerprint(
        answers, example_explanations(), settings.dedup, settings.relevance, settings.embedding_model, runs
    )
    of_contrasts = contrast_taking.mark(settings, answers)
    return request_hash({"lists": of_lists, "contrasts": of_contrasts}) if of_contrasts else of_lists


def _situation(answer: Answer) -> str:
    return answer.situation_id


def _precedence(answer: Answer) -> tuple[bool, bool, datetime, str]:
    """Order the replies about one situation: of the same words the row is the first one's, and never the demo's.

    What a question for what is missing brings is new only if no first question, of whatever teacher, has brought it.
    """
    return (answer.teacher == LOCAL, answer.purpose in MAY_BE_EMPTY, answer.created_at, answer.request_hash)
