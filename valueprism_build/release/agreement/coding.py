"""Answers by name to numbers: who answered which question about what with which of its answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from valueprism_build.release.agreement.cohorts import People
from valueprism_build.release.agreement.counted import Counts
from valueprism_build.release.agreement.opinions import AskedCampaign, ClosedQuestion, Dimension, Opinions
from valueprism_build.release.agreement.rows import Subject, UnitKey
from valueprism_build.release.agreement.tally import Rule, Tally

_UNIT: Final = ["question", "subject_id"]


@dataclass(frozen=True, slots=True)
class Answered:
    """All answers to one question about something.

    Attributes:
        people: who answered, ascending.
        given: what each of them answered, as a place in the question's list.
    """

    key: UnitKey
    question: ClosedQuestion
    subject: Subject
    people: People
    given: Counts


class Coded(NamedTuple):
    """The answers of one campaign, ordered by question and subject, and what its people say of themselves.

    Attributes:
        categories: for each dimension, the place of each person's category; -1 for who does not say.
    """

    units: list[Answered]
    categories: dict[str, Counts]


def code(campaign: AskedCampaign, opinions: Opinions, tally: Tally) -> Coded:
    """Return the answers to the campaign's closed questions about what it lists; all others are counted."""
    mine = opinions.answers.filter(pc.equal(opinions.answers["campaign"], campaign.id)).combine_chunks()
    names = pc.unique(mine["person"]).sort()
    people = pc.index_in(mine["person"], value_set=names).to_numpy()
    questions = {question.id: question for question in campaign.questions}
    subjects = _subjects(campaign)
    order = mine.append_column("row", pa.array(np.arange(mine.num_rows))).sort_by(
        [(name, "ascending") for name in (*_UNIT, "person")]
    )
    units = []
    for (asked, subject_id), rows in _groups(order):
        question, subject = questions.get(asked), subjects.get(subject_id)
        if question is None or subject is None:
            tally.answers[Rule.NOT_IN_RELEASE if question else Rule.NO_CLOSED_QUESTION] += rows.num_rows
            continue
        places = pc.fill_null(pc.index_in(rows["answer"], value_set=pa.array(question.answers)), -1).to_numpy()
        known = places >= 0
        tally.answers[Rule.NO_CLOSED_QUESTION] += int((~known).sum())
        who = people[rows["row"].to_numpy()].astype(np.int64)
        key = UnitKey(campaign.id, asked, subject_id)
        units.append(Answered(key, question, subject, who[known], places[known].astype(np.int64)))
    said = opinions.people
    return Coded(units, {dimension.id: _categories(dimension, said, names) for dimension in campaign.dimensions})


def _subjects(campaign: AskedCampaign) -> Mapping[str, Subject]:
    situations = {item.situation_id: Subject(item.situation_id, item.situation) for item in campaign.items}
    items = {
        item.id: Subject(item.situation_id, item.situation, item.id, item.vrd, item.text, item.valence)
        for item in campaign.items
    }
    return {**situations, **items}


def _groups(table: pa.Table) -> Sequence[tuple[tuple[str, str], pa.Table]]:
    """Return the rows of each question and subject, which stand together."""
    table = table.combine_chunks()
    if not table.num_rows:
        return []
    keys = pc.binary_join_element_wise(*(table[name] for name in _UNIT), "\x1f").combine_chunks()
    codes = pc.dictionary_encode(keys).indices.to_numpy()
    starts = np.flatnonzero(np.diff(codes, prepend=-1))
    ends = [*starts[1:].tolist(), table.num_rows]
    parts = [table.slice(start, end - start) for start, end in zip(starts.tolist(), ends, strict=True)]
    return [((part["question"][0].as_py(), part["subject_id"][0].as_py()), part) for part in parts]


def _categories(dimension: Dimension, said: pa.Table, names: pa.Array) -> Counts:
    mine = said.filter(pc.equal(said["dimension"], dimension.id))
    places = pc.fill_null(pc.index_in(mine["category"], value_set=pa.array(dimension.categories, pa.string())), -1)
    who = pc.fill_null(pc.index_in(mine["person"], value_set=names), -1).to_numpy()
    coded = np.full(len(names), -1, dtype=np.int64)
    coded[who[who >= 0]] = places.to_numpy()[who >= 0]
    return coded
