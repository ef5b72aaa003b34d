"""From the answers of a campaign that was run here to what a report is made from."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from annotation.report.settings import Exclusion, Gold, Material
from annotation.vocabulary import Study
from annotation.votes.coded_votes import CodedVotes
from annotation.votes.coding import REQUIRED, SECONDS, Gathered, code_votes
from annotation.votes.scales import AFFIRMATIVE, Declared, Level, folded
from annotation.votes.text_table import TextTable
from annotation.votes.traits import TraitTable, trait_table
from annotation.wishes.open_answers import OpenAnswers
from valueprism_build.campaigns import Gold as GoldKind
from valueprism_build.campaigns import PageKind
from valueprism_build.records import Annotator, Rejected

VOTES: Final = "votes"
"""What the subjects of rows begin with that do not fit."""
READ: Final = Declared(Level.BINARY, ("No", "Yes"))
"""The scale of what was read from people's own words: whether something is missing."""


def campaign_material(
    study: Study,
    answers: pa.Table,
    people: Sequence[Annotator],
    asked_about: pa.Table,
    gold: Mapping[str, GoldKind],
    exclusions: Sequence[Exclusion] = (),
    openly: OpenAnswers | None = None,
) -> Material:
    """Return the study as it was gathered.

    Answers in people's own words are counted and in no figure, but those that were read. Answers to gold items and to
    repeats tell of quality only; that a repeat is no vote is no refusal.

    Args:
        study: whose questions were asked.
        answers: item_id, annotator_id, question, answer, seconds (float), kind (`PageKind`), in the order of answering.
        people: who agreed to take part.
        asked_about: item_id, text, and a column for each trait; "" where it is not known.
        gold: the kind of each gold item, by id.
        exclusions: people whose votes are not to count.
        openly: what answers in people's own words say, where they were read.

    Raises:
        BuildError: an answer's scale contradicts itself.
    """
    piles = _piles(study, answers)
    chosen = pa.concat_tables([piles.votes, piles.repeats])
    rows = chosen if openly is None else pa.concat_tables([chosen, _read(openly, chosen.schema)])
    coded = code_votes(_text_table(rows), _people(people), _items(asked_about), _declared(study, piles, openly))
    return Material(
        Gathered(_of(coded.votes, openly, read=False), _refused(coded.rejected, piles, openly)),
        asked={question.id: question.ask for question in study.questions},
        declared=frozenset(question.id for question in study.questions),
        gold=_gold(study, piles.gold, gold),
        exclusions=tuple(exclusions),
        unread=Counter(one for one in piles.in_words if openly is None or one not in openly.questions),
        read=_of(coded.votes, openly, read=True).questions,
        reading=openly.reading if openly and openly.said else "",
    )


class _Piles(NamedTuple):
    """The answers of a campaign by what they are good for; of those in people's own words the questions only."""

    votes: pa.Table
    repeats: pa.Table
    gold: pa.Table
    in_words: list[str]


def _piles(study: Study, answers: pa.Table) -> _Piles:
    written = {question.id for question in study.questions if not question.answers}
    in_words = pc.is_in(answers["question"], pa.array(sorted(written), pa.string()))
    chosen = answers.filter(pc.invert(in_words))
    kind = chosen["kind"]
    gold, repeats = (chosen.filter(pc.equal(kind, str(each))) for each in (PageKind.GOLD, PageKind.REPEAT))
    votes = chosen.filter(pc.invert(pc.is_in(kind, pa.array([str(PageKind.GOLD), str(PageKind.REPEAT)]))))
    return _Piles(votes, repeats, gold, answers["question"].filter(in_words).to_pylist())


def _read(openly: OpenAnswers, schema: pa.Schema) -> pa.Table:
    """Return what was read as answers like any other; its columns are those of the schema."""
    rows = [
        {
            "item_id": one.situation_id,
            "annotator_id": one.annotator_id,
            "question": one.question,
            "answer": READ.answers[one.missing],
        }
        for one in openly.said
    ]
    return pa.Table.from_pylist(rows, schema)


def _of(votes: CodedVotes, openly: OpenAnswers | None, *, read: bool) -> CodedVotes:
    """Return the votes on the questions whose answers were read from people's own words, or on the others."""
    questions = openly.questions if openly else frozenset()
    return replace(votes, questions=tuple(one for one in votes.questions if (one.question in questions) == read))


def _refused(rejected: Sequence[Rejected], piles: _Piles, openly: OpenAnswers | None) -> list[Rejected]:
    first, repeats = piles.votes.num_rows + 1, piles.repeats.num_rows
    planted = {f"{VOTES}:{number}" for number in range(first, first + repeats)}
    refused = [row for row in rejected if not (row.rule == "second_vote" and row.subject_id in planted)]
    return [*refused, *(openly.rejected if openly else ())]


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


def _declared(study: Study, piles: _Piles, openly: OpenAnswers | None) -> dict[str, Declared]:
    """Return the scales of the questions that were answered; of two answers the affirmative one is last."""
    declared = {one.question: READ for one in (openly.said if openly else ())}
    chosen = (piles.votes, piles.repeats, piles.gold)
    answered = {question for rows in chosen for question in rows["question"].to_pylist()}
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
