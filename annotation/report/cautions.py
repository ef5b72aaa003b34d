"""What cannot be concluded, made from the data: each sentence is there because of something in them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from annotation.agreement.item_contrasts import Verdict
from annotation.report.asked import Asked
from annotation.report.items import VERDICTS
from annotation.report.people import Weighting, voters
from annotation.report.question_cautions import named, of_question
from annotation.report.settings import Material, ReportSettings
from annotation.votes.coded_votes import NONE, CodedVotes

FEW_PEOPLE: Final = 20
"""Below so many, a group's figures are called uncertain."""


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    """All that a caution may come from."""

    material: Material
    votes: CodedVotes
    questions: Sequence[Asked]
    tables: Mapping[str, pa.Table]
    settings: ReportSettings
    weighting: Weighting | None


def cautions(
    material: Material,
    votes: CodedVotes,
    questions: Sequence[Asked],
    tables: Mapping[str, pa.Table],
    settings: ReportSettings,
    weighting: Weighting | None,
) -> tuple[str, ...]:
    """Return the sentences, gravest first.

    Args:
        material: the study.
        votes: those that count.
        questions: as the statistics took them.
        tables: of the report.
        settings: of the report.
        weighting: by the target population, where there is one.
    """
    seen = _Seen(material, votes, questions, tables, settings, weighting)
    parts = (
        _of_votes, _of_looks, _of_models, _of_questions, _of_population, _of_people, _of_groups, _of_items, _of_conduct,
        _of_release,
    )  # fmt: skip
    return tuple(line for part in parts for line in part(seen))


def _of_votes(seen: _Seen) -> Iterator[str]:
    people, votes = len(voters(seen.votes)), sum(len(each.ratings.code) for each in seen.questions)
    if not votes:
        yield "Nobody answered: there is nothing to conclude."
        return
    if people == 1:
        yield "One person answered everything: nothing can be said of other people, and agreement is not defined."
    if len(seen.material.gathered.rejected):
        yield (
            f"Rows refused, which are in no figure: {len(seen.material.gathered.rejected):,}; the table refused says "
            "each one's reason."
        )
    if seen.material.exclusions:
        yield f"People excluded, who are in no figure but quality: {len(seen.material.exclusions):,}; see exclusions."
    for question, count in seen.material.unread.items():
        yield f"{count:,} answers to {question} are in people's own words: they are in no figure."
    if seen.material.read:
        yield (
            "Asked openly, a perspective counts as missing if what people wrote was not recognised on the list. A "
            "machine read it, so that rate may well be too high; the methods say how."
        )


def _of_questions(seen: _Seen) -> Iterator[str]:
    for question in seen.questions:
        yield from of_question(question)


def _of_population(seen: _Seen) -> Iterator[str]:
    if seen.weighting is None:
        yield (
            "No target population was given: the figures are of the people who answered, and how far they hold for "
            "anybody else is not known."
        )
        return
    raked = seen.weighting.raked
    for demographic, category in seen.weighting.unreached:
        yield f"Nobody who voted is {category!r} ({demographic}), whom the target has: weights cannot speak for them."
    if not raked.converged:
        yield (
            f"The weights do not meet the target: a share is off by up to {100 * raked.farthest:.1f} points, with "
            f"weights of at most {seen.settings.cap:g} times the mean ({raked.capped} people have it)."
        )
    if raked.design_effect > 2:
        yield f"Weighting costs much: a design effect of {raked.design_effect:.1f}; weighted intervals are wide."
    yield "Weights correct for the demographics of the target only; people may differ in what it does not have."


def _of_people(seen: _Seen) -> Iterator[str]:
    present = voters(seen.votes)
    if not seen.votes.demographics:
        yield "No demographics are known: nothing can be said of groups."
        return
    described = np.zeros(len(present), dtype=np.bool_)
    for trait in seen.votes.demographics:
        described |= trait.codes[present] != NONE
    if not described.all():
        missing = int((~described).sum())
        yield (
            f"Of {missing:,} of the {len(present):,} voters ({missing / len(present):.0%}) no demographic is known: "
            "they are in the overall figures and in those of items, and in none of a group."
        )
    unlisted = int((~seen.votes.listed[present]).sum())
    if unlisted:
        yield f"{unlisted:,} voters are not in the list of people."


def _of_models(seen: _Seen) -> Iterator[str]:
    table = seen.tables.get("group_effects")
    if table is None:
        return
    untold: dict[tuple[str, str], list[str]] = {}
    for row in table.filter(pc.invert(table["estimable"])).to_pylist():
        untold.setdefault((row["question"], row["reason"]), []).append(_group(row))
    for (question, reason), groups in untold.items():
        yield f"Question {question}: there is no effect of {named(groups)} to tell, for {reason}."


def _of_groups(seen: _Seen) -> Iterator[str]:
    table = seen.tables.get("group_effects")
    if table is None:
        return
    few = table.filter(pc.and_(table["estimable"], pc.less(table["people"], FEW_PEOPLE)))
    if few.num_rows:
        groups = [_group(row) for row in few.to_pylist()]
        yield (
            f"Groups of fewer than {FEW_PEOPLE} people are uncertain: {named(list(dict.fromkeys(groups)))}; read their "
            "pooled figures."
        )
    yield (
        "Groups that differ in one demographic may differ in others, too: differences are not effects of being of a "
        "group by itself."
    )


def _of_items(seen: _Seen) -> Iterator[str]:
    table = seen.tables.get("item_contrasts")
    if table is None:
        return
    verdict = pc.value_counts(table["verdict"].combine_chunks()).to_pylist()
    counts = {each["values"]: each["counts"] for each in verdict}
    few, shown = counts.get(VERDICTS[Verdict.TOO_FEW], 0), counts.get(VERDICTS[Verdict.DIFFERENT], 0)
    told = table.num_rows - few
    yield (
        f"Of {table.num_rows:,} contrasts of groups on single items, {few:,} have too few people to tell, {shown:,} "
        f"are different and {told - shown:,} are not shown to differ, which does not mean that they are equal."
    )
    if told:
        among = table.filter(pc.not_equal(table["verdict"].cast(pa.string()), VERDICTS[Verdict.TOO_FEW]))
        yield (
            f"Half of those that could be told would have shown, with {seen.settings.power:.0%} chance and one test "
            f"alone, differences of {np.median(among['detectable'].to_numpy()):.0f} points or more only; corrected for "
            "all tests, greater ones."
        )


def _of_looks(seen: _Seen) -> Iterator[str]:
    if seen.settings.looks and seen.settings.looks[-1] < 1:
        yield (
            f"This is a look at {seen.settings.looks[-1]:.0%} of the planned votes: only the table looks keeps its "
            "promise of few false alarms; other intervals and p-values are those of a study that ends here."
        )


def _of_conduct(seen: _Seen) -> Iterator[str]:
    questions = [each.votes for each in seen.questions if len(each.ratings.code)]
    if questions and all(np.isnan(each.seconds).all() for each in questions):
        yield "Nobody measured seconds: who hurried cannot be told."
    if questions and not any(len(each.repeats.item) for each in questions):
        yield "Nobody was asked anything twice: how consistent people are is not known."
    if questions and not seen.material.gold:
        yield "There were no gold items: who paid no attention cannot be told from right answers."
    withheld = seen.tables.get("intersections")
    if withheld is not None:
        hidden = withheld.filter(pc.invert(withheld["told"])).num_rows
        if hidden:
            yield (
                f"In {hidden} pairs of demographics some cells have fewer than {seen.settings.least_cell} people even "
                "together: they are withheld."
            )


def _of_release(seen: _Seen) -> Iterator[str]:
    if "item_answers" in seen.tables:
        yield (
            "The table item_answers holds counts down to 1, which may point to a person: it is for those who run the "
            "study, not for release."
        )


def _group(row: Mapping[str, object]) -> str:
    return f"{row['category']} ({row['demographic']}, {row['people']})"
