"""Small campaigns as a release takes them in, written the way a person would list them."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import pyarrow as pa

from valueprism_build.campaigns import CampaignItem
from valueprism_build.records import Valence, Vrd
from valueprism_build.release.agreement.opinions import (
    ANSWERS,
    PEOPLE,
    AskedCampaign,
    ClosedQuestion,
    Dimension,
    Opinions,
)

CAMPAIGN = "pilot"
UNSAID = "Prefer not to say"
AGREE = ClosedQuestion("agree", "Do you agree?", ("Yes", "No", "Not sure"))
MISSING = ClosedQuestion("missing", "Is your perspective missing?", ("Yes", "No"))
POLITICS = Dimension("politics", ("Liberal", "Moderate", "Conservative"), UNSAID)
FAITH = Dimension("faith", ("None", "Christian", "Muslim"), UNSAID)

Given = Mapping[tuple[str, str], Mapping[str, str]]
"""The answer of each person, by question and subject."""
People = Mapping[str, Mapping[str, str]]
"""The category of each dimension, by person."""


def item(id_: str, situation_id: str = "s1") -> CampaignItem:
    return CampaignItem(id_, situation_id, f"Situation {situation_id}", Vrd.VALUE, f"Text {id_}", "So.", Valence.EITHER)


def asked(
    given: Given,
    people: People,
    items: Sequence[CampaignItem] = (item("i1"),),
    *,
    dimensions: Sequence[Dimension] = (POLITICS,),
    questions: Sequence[ClosedQuestion] = (AGREE, MISSING),
    removed_at: Sequence[datetime] = (),
) -> Opinions:
    answers = [
        {"campaign": CAMPAIGN, "question": question, "subject_id": subject, "person": person, "answer": answer}
        for (question, subject), of_people in given.items()
        for person, answer in of_people.items()
    ]
    said = [
        {"person": person, "dimension": dimension, "category": category}
        for person, of_dimension in people.items()
        for dimension, category in of_dimension.items()
    ]
    return Opinions(
        (AskedCampaign(CAMPAIGN, tuple(questions), tuple(dimensions), tuple(items)),),
        pa.Table.from_pylist(answers, ANSWERS),
        pa.Table.from_pylist(said, PEOPLE),
        tuple(removed_at),
    )


def full(items: Sequence[CampaignItem]) -> pa.Table:
    """Return as much of a full table as is looked at."""
    return pa.table({"consideration_id": pa.array([one.id for one in items], pa.string())})


def people(counts: Mapping[tuple[str, str], int], start: int = 0) -> tuple[dict[str, dict[str, str]], dict[str, str]]:
    """Return people of each political category who gave each answer, so many of each, and what they answered."""
    said: dict[str, dict[str, str]] = {}
    answers: dict[str, str] = {}
    for (category, answer), count in counts.items():
        for _ in range(count):
            name = f"p{start + len(said):04d}"
            said[name] = {"politics": category} if category else {}
            answers[name] = answer
    return said, answers
