"""What people say is missing and what became of it, as a person and a program are told."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final, NamedTuple

from annotation.wishes.counting import cells
from annotation.wishes.wishes_file import Row, write
from flows.canonical_shown import canonical_line
from flows.enriching import Enriched, Look
from flows.settings import Settings
from flows.spending import in_words, read_spent, spending_data
from flows.storage import Storage
from flows.tables import Data, Summary, table
from valueprism_build.records import Consideration
from valueprism_build.wishes import Outcome
from warehouse import situations

COLUMNS: Final = ("situation", "wish", "people", "groups", "outcome", "considerations")


class Added(NamedTuple):
    """A consideration that came in because people of the campaign asked for it, and how many of them did."""

    situation: str
    consideration: str
    people: int


def of_look(settings: Settings, found: Look, *, most: int, out: Path | None) -> Summary:
    """Return what is missing, most people first, and write all of it to a file if one is named.

    Args:
        settings: where the warehouse is, and from how many people on a group's count is shown.
        found: what was gathered.
        most: rows to show; the file has all.
        out: where to write them.

    Raises:
        BuildError: the file cannot be written.
    """
    rows = _rows(settings, found)
    if out is not None:
        write(out, rows)
    shown = [[getattr(row, name) for name in COLUMNS] for row in rows[:most]]
    lines = [*_lines(found, rows), *([f"all {len(rows)} wishes are in {out}"] if out else [])]
    return Summary([table("what people say is missing", COLUMNS, shown), *lines], _data(found, rows))


def of_enriched(settings: Settings, done: Enriched) -> Summary:
    """Return what was asked, what it brought, and what it cost."""
    asked, spent = done.asked, read_spent(Storage(settings)).by_run.get(done.run_id, [])
    rows, added = _rows(settings, done.look), _added(settings, done.look)
    lines = [
        f"run {done.run_id}: {asked.answered} asked, {asked.cached} known, {asked.failed} failed; "
        f"{done.derived.kept} considerations came in; {in_words(spent)}",
        *_lines(done.look, rows),
        *([canonical_line(done.canonical)] if done.canonical else []),
    ]
    if asked.unasked:
        lines.append(f"the budget is spent: {asked.unasked} questions are left; the same command goes on with them")
    if asked.waiting:
        lines.append(f"{asked.waiting} questions wait in batches, or with another process: run it again")
    data = _data(done.look, rows) | {
        "run_id": done.run_id,
        "asked": asked.answered,
        "known": asked.cached,
        "failed": asked.failed,
        "unasked": asked.unasked,
        "waiting": asked.waiting,
        "considerations": done.derived.kept,
        "added": [row._asdict() for row in added],
        "teachers": {name: asdict(one) for name, one in done.by_teacher.items()},
        "spent": spending_data(spent),
    }
    return Summary([table("what people asked for", Added._fields, added), *lines], data)


def _added(settings: Settings, found: Look) -> list[Added]:
    """Return what came into the dataset for the people of the campaign, whichever of their wishes came to it."""
    gathered, people = found.gathered, defaultdict[str, set[str]](set)
    for one in gathered.heard:
        for id_ in found.fates[one.cluster.wish_id].considerations:
            people[id_] |= {voice.annotator_id for voice in one.voices if voice.campaign_id == gathered.campaign}
    new = {id_ for one in gathered.heard for id_ in found.fates[one.cluster.wish_id].added}
    texts = _texts(settings, gathered.situation_ids)
    items = [found.listed[id_] for id_ in new if id_ in found.listed and people[id_]]
    rows = [Added(texts[item.situation_id], _in_words(item), len(people[item.id])) for item in items]
    return sorted(rows, key=lambda row: (row.situation, -row.people, row.consideration))


def _texts(settings: Settings, ids: Sequence[str]) -> dict[str, str]:
    with Storage(settings).open(read_only=True) as db:
        return {row.id: row.text for row in situations.read(db, ids)}


def _in_words(item: Consideration) -> str:
    return f"{item.vrd}: {item.text} [{item.valence.lower()}]"


def _rows(settings: Settings, found: Look) -> list[Row]:
    """Return a row for each wish of the campaign, most people first."""
    gathered = found.gathered
    texts = _texts(settings, gathered.situation_ids)
    annotators, rows = {one.id: one for one in gathered.people}, []
    for one in gathered.heard:
        people = {voice.annotator_id for voice in one.voices if voice.campaign_id == gathered.campaign}
        if not people:  # another campaign's
            continue
        fate = found.fates[one.cluster.wish_id]
        says = [found.listed[id_] for id_ in fate.considerations if id_ in found.listed]
        row = Row(
            situation=texts[one.situation_id],
            wish=max(one.cluster.phrases, key=lambda phrase: phrase.people).text,
            people=len(people),
            phrasings=len(one.cluster.phrases),
            groups="; ".join(
                f"{cell.dimension}: {cell.category} {cell.people}"
                for cell in cells(people, annotators, least=settings.missing.least_cell)
            ),
            outcome=fate.outcome,
            considerations="; ".join(map(_in_words, says)),
            known_as=one.known_as,
        )
        rows.append(row)
    return sorted(rows, key=lambda row: (-row.people, row.situation, row.wish))


def _lines(found: Look, rows: Sequence[Row]) -> list[str]:
    gathered, outcomes = found.gathered, Counter(row.outcome for row in rows)
    own = [one for one in gathered.written if one.campaign_id == gathered.campaign]
    aside = sum(_set_aside(found).values())
    return [
        f"{len(own)} answers by {len({one.annotator_id for one in own})} people: {len(rows)} wishes "
        f"({', '.join(f'{outcomes[outcome]} {outcome}' for outcome in Outcome)}), {aside} phrases set aside"
        + "".join(f", {rule} {count}" for rule, count in sorted(_set_aside(found).items()))
    ]


def _set_aside(found: Look) -> Counter[str]:
    uids = {one.uid for one in found.gathered.written if one.campaign_id == found.gathered.campaign}
    rows = (row for of_situation in found.gathered.rejected.values() for row in of_situation)
    return Counter(row.rule for row in rows if row.subject_id.partition(":")[0] in uids)


def _data(found: Look, rows: Sequence[Row]) -> Data:
    outcomes = Counter(row.outcome for row in rows)
    return {
        "campaign": found.gathered.campaign,
        "answers": sum(one.campaign_id == found.gathered.campaign for one in found.gathered.written),
        "outcomes": {outcome.value: outcomes[outcome] for outcome in Outcome},
        "set_aside": dict(_set_aside(found)),
        "wishes": [row._asdict() for row in rows],
    }
