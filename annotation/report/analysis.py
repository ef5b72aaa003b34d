"""From votes to the report: every table by the method that is for it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final, TypeAlias

import numpy as np
import pyarrow as pa

from annotation.report import agreement, conduct, groups, items, people
from annotation.report.asked import SCORED, Asked, asked, asked_openly, only_people
from annotation.report.cautions import cautions
from annotation.report.methods import methods
from annotation.report.settings import Material, Part, ReportSettings
from annotation.report.settings_told import settings_told
from annotation.report.tables import Report
from annotation.votes.coded_votes import CodedVotes, QuestionVotes

Told: TypeAlias = Callable[[str], None]
"""Hears what is computed next."""
Tables: TypeAlias = dict[str, pa.Table]


def _silent(stage: str) -> None:
    """Tell nobody."""


def analysed(material: Material, settings: ReportSettings, tell: Told = _silent) -> Report:
    """Return the report.

    Args:
        material: the study.
        settings: the choices.
        tell: is called before each stage, with what it does.

    Raises:
        BuildError: a setting does not fit the votes; the line says which.
    """
    votes = _counted(material, material.gathered.votes.questions)
    questions = asked(material, votes, settings)
    tell("counting people")
    weighting = people.weighting(votes, settings)
    tables = _people(material, votes, settings, weighting)
    tables |= _agreement(votes, questions, settings, weighting, tell)
    tables |= _groups(votes, questions, settings, tell)
    tables |= _items(votes, questions, settings, tell)
    if settings.missing:
        tell("missing perspectives")
        openly = asked_openly(material, _counted(material, material.read), settings)
        tables["missing_perspective"] = conduct.missing_table(votes, [*openly, *questions], settings)
    if Part.QUALITY not in settings.skip:
        tell("quality")
        tables["quality"] = conduct.quality_table(material)
    kept = {name: table for name, table in tables.items() if table.num_rows or name in ALWAYS}
    return Report(
        title=settings.title,
        questions=tuple(question.facts for question in questions),
        settings=settings_told(settings, questions, weighting),
        methods=methods(kept, settings, questions, material.reading),
        cautions=cautions(material, votes, questions, kept, settings, weighting),
        tables=kept,
    )


ALWAYS: Final = ("participation", "refused", "refused_counts", "people", "exclusions")
"""Tables that are there without a row: that nobody was refused is told by an empty one."""


def _counted(material: Material, questions: tuple[QuestionVotes, ...]) -> CodedVotes:
    """Return the votes on these questions of the people who are not excluded."""
    votes = replace(material.gathered.votes, questions=questions)
    if not material.exclusions:
        return votes
    excluded = {each.annotator_id for each in material.exclusions}
    return only_people(votes, np.array([each not in excluded for each in votes.annotators], dtype=np.bool_))


def _people(
    material: Material, votes: CodedVotes, settings: ReportSettings, weighting: people.Weighting | None
) -> Tables:
    weights = None if weighting is None else weighting.weights
    tables = {"participation": people.participation_table(material, votes), **people.refused_tables(material)}
    tables["people"] = people.people_table(votes, settings.target, weights)
    tables["exclusions"] = conduct.exclusions_table(material)
    if weighting is not None:
        tables["representativeness"] = people.representativeness_table(votes, settings.target)
    return tables


def _agreement(
    votes: CodedVotes,
    questions: Sequence[Asked],
    settings: ReportSettings,
    weighting: people.Weighting | None,
    tell: Told,
) -> Tables:
    tell("rates")
    weights = None if weighting is None else weighting.weights
    tables = {"rates": agreement.rates_table(votes, questions, settings, weights)}
    if Part.COEFFICIENTS not in settings.skip:
        tell("coefficients of agreement")
        tables["coefficients"] = agreement.coefficients_table(votes, questions, settings)
    return tables


def _groups(votes: CodedVotes, questions: Sequence[Asked], settings: ReportSettings, tell: Told) -> Tables:
    tables: Tables = {}
    if Part.GROUP_EFFECTS not in settings.skip:
        tell("group effects")
        found = groups.effects(votes, questions)
        tables["group_effects"] = groups.effects_table(votes, found)
        tables["pooled"] = groups.pooled_table(votes, found)
        tables["looks"] = conduct.looks_table(votes, found, settings)
    if Part.INTERSECTIONS not in settings.skip:
        tell("intersections")
        tables["intersections"] = groups.intersections_table(votes, questions, settings)
    return tables


def _items(votes: CodedVotes, questions: Sequence[Asked], settings: ReportSettings, tell: Told) -> Tables:
    tables: Tables = {}
    if Part.ITEMS not in settings.skip:
        tell("single items")
        tables["item_contrasts"] = items.contrasts_table(votes, questions, settings)
        scored = [question for question in questions if question.facts.level in SCORED]
        tables["item_scores"] = items.scores_table(votes, scored, settings)
        tables["item_answers"] = items.answers_table(votes, questions)
    if Part.LABELS not in settings.skip:
        tell("labels")
        tables["labels"] = items.labels_table(votes, questions)
    return tables
