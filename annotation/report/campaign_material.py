"""From the answers of a campaign that was run here to what a report is made from."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from annotation.report.settings import Exclusion, Gold, Material
from annotation.vocabulary import Study
from annotation.votes.coding import REQUIRED, SECONDS, Gathered, code_votes
from annotation.votes.scales import AFFIRMATIVE, Declared, Level, folded
from annotation.votes.text_table import TextTable
from annotation.votes.traits import TraitTable, trait_table
from valueprism_build.campaigns import Gold as GoldKind
from valueprism_build.campaigns import PageKind
from valueprism_build.records import Annotator

VOTES = "votes"
"""What the subjects of rows begin with that do not fit."""


def campaign_material(
    study: Study,
    answers: pa.Table,
    people: Sequence[Annotator],
    asked_about: pa.Table,
    gold: Mapping[str, GoldKind],
    exclusions: Sequence[Exclusion] = (),
) -> Material:
    """Return the study as it was gathered.

    Answers in people's own words are counted and in no figure. Answers to gold items and to repeats tell of quality
    only; that a repeat is no vote is no refusal.

    Args:
        study: whose questions were asked.
        answers: item_id, annotator_id, question, answer, seconds (float), kind (`PageKind`), in the order of answering.
        people: who agreed to take part.
        asked_about: item_id, text, and a column for each trait; "" where it is not known.
        gold: the kind of each gold item, by id.
        exclusions: people whose votes are not to count.

    Raises:
        BuildError: an answer's scale contradicts itself.
    """
    written = {question.id for question in study.questions if not question.answers}
    in_words = pc.is_in(answers["question"], pa.array(sorted(written), pa.string()))
    unread = Counter(answers["question"].filter(in_words).to_pylist())
    chosen = answers.filter(pc.invert(in_words))
    kind = chosen["kind"]
    on_gold, repeats = (chosen.filter(pc.equal(kind, str(each))) for each in (PageKind.GOLD, PageKind.REPEAT))
    votes = chosen.filter(pc.invert(pc.is_in(kind, pa.array([str(PageKind.GOLD), str(PageKind.REPEAT)]))))
    gathered = code_votes(
        _text_table(pa.concat_tables([votes, repeats])),
        _people(people),
        _items(asked_about),
        _declared(study, set(chosen["question"].to_pylist())),
    )
    return Material(
        _without_repeats(gathered, votes.num_rows, repeats.num_rows),
        asked={question.id: question.ask for question in study.questions},
        declared=frozenset(question.id for question in study.questions),
        gold=_gold(study, on_gold, gold),
        exclusions=tuple(exclusions),
        unread=unread,
    )


def _without_repeats(gathered: Gathered, votes: int, repeats: int) -> Gathered:
    """Take the planted repeats, the last of the rows, out of what was refused: they are a second vote by design."""
    planted = {f"{VOTES}:{number}" for number in range(votes + 1, votes + repeats + 1)}
    refused = [row for row in gathered.rejected if not (row.rule == "second_vote" and row.subject_id in planted)]
    return Gathered(gathered.votes, refused)


def _text_table(rows: pa.Table) -> TextTable:
    columns = {name: rows[name].combine_chunks().cast(pa.string()) for name in REQUIRED}
    columns[SECONDS] = pc.fill_null(rows[SECONDS].combine_chunks().cast(pa.string()), "")
    return TextTable(VOTES, columns, np.arange(1, rows.num_rows + 1))


def _people(people: Sequence[Annotator]) -> TraitTable:
    dimensions = list(dict.fromkeys(dimension for one in people for dimension, _ in one.demographics))
    said = [dict(one.demographics) for one in people]
    columns = {"annotator_id": pa.array([one.id for one in people], pa.string())}
    columns |= {name: pa.array([each.get(name, "") for each in said], pa.string()) for name in dimensions}
    return trait_table(TextTable("people", columns, np.arange(1, len(people) + 1)), "annotator_id")


def _items(asked_about: pa.Table) -> TraitTable:
    columns = {name: asked_about[name].combine_chunks().cast(pa.string()) for name in asked_about.column_names}
    return trait_table(
        TextTable("items", columns, np.arange(1, asked_about.num_rows + 1)), "item_id", text="text", unstated=()
    )


def _declared(study: Study, answered: set[str]) -> dict[str, Declared]:
    """Return the scales of the questions that were answered; of two answers the affirmative one is last."""
    declared = {}
    for question in study.questions:
        if question.id not in answered or not question.answers:
            continue
        answers = tuple(sorted(question.answers, key=lambda answer: folded(answer) in AFFIRMATIVE))
        decided = len(answers) == 2 and folded(answers[-1]) in AFFIRMATIVE
        declared[question.id] = Declared(Level.BINARY if decided else Level.NOMINAL, answers)
    return declared


def _gold(study: Study, rows: pa.Table, kinds: Mapping[str, GoldKind]) -> dict[tuple[str, str], Gold]:
    """Return how many answers to gold items each person gave to each question, and how many are not wrong."""
    by_id = {question.id: question for question in study.questions}
    found = defaultdict[tuple[str, str], list[bool]](list)
    columns = (rows[name].to_pylist() for name in ("item_id", "annotator_id", "question", "answer"))
    for item_id, annotator_id, question, answer in zip(*columns, strict=True):
        kind, right = kinds.get(item_id), by_id[question].gold if question in by_id else None
        if kind is not None and right and kind in right:
            found[annotator_id, question].append(answer in right[kind])
    return {key: Gold(len(told), sum(told)) for key, told in found.items()}
