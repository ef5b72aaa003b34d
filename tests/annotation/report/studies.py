"""Small studies to report on."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow.csv import write_csv

from annotation.agreement.crossed_laplace import Answers
from annotation.report.analysis import analysed
from annotation.report.settings import Exclusion, Gold, Material, ReportSettings
from annotation.report.tables import Report
from annotation.simulation import ORIGINAL, Demographic, Design, simulate
from annotation.votes.coded_votes import CodedVotes, QuestionVotes, Repeats, Trait
from annotation.votes.coding import Gathered
from annotation.votes.scales import Level, Scale
from valueprism_build.records import Rejected, Stage

SMALL = Design(
    people=90,
    items=30,
    answers_each=20,
    constant=1.0,
    person_sd=0.6,
    item_sd=0.8,
    demographics=(
        Demographic("gender", (0.5, 0.45, 0.05), (0.0, 0.0, 0.0)),
        Demographic("politics", (0.4, 0.3, 0.3), (0.9, 0.0, -0.9), shifted=4, shift=4.0),
    ),
    unsaid=0.1,
)
CATEGORIES: Mapping[str, Sequence[str]] = {
    "gender": ("Woman", "Man", "Non-binary"),
    "politics": ("Liberal", "Moderate", "Conservative"),
}
TARGET = {"gender": {"Woman": 0.5, "Man": 0.49, "Non-binary": 0.01}}
YES_NO = Scale(Level.BINARY, ("No", "Yes"), (0.0, 1.0))


def question(
    name: str, item: Sequence[int], annotator: Sequence[int], code: Sequence[int], scale: Scale = YES_NO
) -> QuestionVotes:
    """Return votes without seconds and repeats."""
    of_item, of_annotator, codes = (np.array(each, dtype=np.int32) for each in (item, annotator, code))
    nothing = np.zeros(0, dtype=np.int32)
    repeats = Repeats(nothing, nothing, nothing, nothing)
    return QuestionVotes(name, scale, of_item, of_annotator, codes, np.full(len(code), np.nan), repeats)


def study(
    questions: Sequence[QuestionVotes],
    people: int,
    items: int,
    demographics: Sequence[Trait] = (),
    traits: Sequence[Trait] = (),
) -> Material:
    """Return a study of these votes in which nothing was refused."""
    votes = CodedVotes(
        items=tuple(f"item {number}" for number in range(items)),
        texts=tuple(f"Right to number {number}" for number in range(items)),
        annotators=tuple(f"person {number}" for number in range(people)),
        listed=np.ones(people, dtype=np.bool_),
        demographics=tuple(demographics),
        traits=tuple(traits),
        questions=tuple(questions),
    )
    return Material(Gathered(votes, []))


def trait(name: str, categories: Sequence[str], codes: Sequence[int]) -> Trait:
    return Trait(name, tuple(categories), np.array(codes, dtype=np.int32))


def simulated(design: Design = SMALL, seed: int = 0) -> Material:
    """Return a simulated study with two traits of the items and seconds for each vote."""
    rng = np.random.default_rng(seed)
    made = simulate(design, rng)
    demographics = [
        trait(
            each.name, CATEGORIES.get(each.name) or [f"{each.name} {n}" for n in range(len(each.shares))], list(group)
        )
        for each, group in zip(design.demographics, made.groups, strict=True)
    ]
    kinds = [
        trait("vrd", ["Duty", "Right", "Value"], list(np.arange(design.items) % 3)),
        trait("valence", ["Either", "Opposes", "Supports"], list(rng.integers(3, size=design.items))),
    ]
    return study([_voted(made.answers, rng)], design.people, design.items, demographics, kinds)


def _voted(answers: Answers, rng: np.random.Generator) -> QuestionVotes:
    found = question("agree", list(answers.item), list(answers.person), list(answers.yes.astype(int)))
    again = slice(0, 40, 2)
    repeats = Repeats(found.item[again], found.annotator[again], found.code[again], found.code[again])
    seconds = rng.lognormal(2.0, 0.5, len(found.code))
    return QuestionVotes(found.question, found.scale, found.item, found.annotator, found.code, seconds, repeats=repeats)


def sample_report(design: Design = SMALL, draws: int = 200) -> Report:
    """Return the report of a simulated study in which every table but item_scores has rows."""
    material = simulated(design)
    refused = [Rejected("votes.csv:7", Stage.READ, "unknown_answer", "row 7 has answer 'Perhaps'")]
    material = Material(
        Gathered(material.gathered.votes, refused),
        asked={"agree": "Do you agree with the value/right/duty?"},
        gold={("person 0", "agree"): Gold(3, 2)},
        exclusions=(Exclusion("person 1", "too_fast", "median of 1.2 seconds a page"),),
    )
    settings = ReportSettings(
        title="A simulated study",
        draws=draws,
        target=TARGET if design is SMALL else {},
        missing={"agree": "after the list"},  # any question will do to fill the table
        looks=(0.5, 1.0),
    )
    return analysed(material, settings)


def original_report(draws: int = 2000) -> Report:
    """Return the report of a simulated study of the size of the original one."""
    return sample_report(ORIGINAL, draws)


def written(material: Material, folder: Path) -> tuple[Path, Path, Path]:
    """Write the study as files of votes, annotators and items, and return their paths."""
    votes = material.gathered.votes
    paths = folder / "votes.csv", folder / "annotators.csv", folder / "items.csv"
    columns: dict[str, list[object]] = {name: [] for name in ("item_id", "annotator_id", "question", "answer")}
    for each in votes.questions:
        columns["item_id"] += [votes.items[place] for place in each.item]
        columns["annotator_id"] += [votes.annotators[place] for place in each.annotator]
        columns["question"] += [each.question] * len(each.code)
        columns["answer"] += [each.scale.answers[place] for place in each.code]
    write_csv(pa.table(columns), paths[0])
    write_csv(pa.table({"annotator_id": list(votes.annotators), **_said(votes.demographics)}), paths[1])
    items = {"item_id": list(votes.items), "text": list(votes.texts)}
    write_csv(pa.table({**items, **_said(votes.traits)}), paths[2])
    return paths


def _said(traits: Sequence[Trait]) -> dict[str, list[str]]:
    return {each.name: [(*each.categories, "")[place] for place in each.codes] for each in traits}
