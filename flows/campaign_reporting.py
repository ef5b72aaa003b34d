"""The report of a campaign: its votes, from the warehouse or from files, to tables and a page in a folder."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from annotation.report.analysis import analysed
from annotation.report.campaign_material import campaign_material
from annotation.report.files import spare, write_tables
from annotation.report.page import write_page
from annotation.report.settings import Exclusion, Material, Part, ReportSettings
from annotation.report.tables import Report
from annotation.vocabulary import Place, Study, parse_study
from annotation.votes.files import VoteFiles, read_votes
from annotation.wishes.open_answers import OpenAnswers
from flows import progress
from flows.asked_openly import asked_openly
from flows.settings import Settings
from flows.storage import Storage
from valueprism_build.campaigns import Exclusion as Decided
from valueprism_build.campaigns import PageKind
from valueprism_build.errors import BuildError
from warehouse import campaign_answers, campaigns, exclusions, votes

ASKED_AT = {Place.BEFORE: "asked openly", Place.AFTER: "after the list"}
"""What a question on a page of the situation is called where it asks whether a perspective is missing."""
ANSWERED = (PageKind.BEFORE, PageKind.ITEM, PageKind.AFTER, PageKind.GOLD, PageKind.REPEAT)


@dataclass(frozen=True, slots=True)
class Written:
    """A report and the page, in the folder where its tables are."""

    report: Report
    folder: Path
    page: Path


def of_files(files: VoteFiles, wanted: ReportSettings, out: Path) -> Written:
    """Report on votes that were gathered elsewhere.

    Raises:
        BuildError: a file cannot be read or would be replaced, or a setting does not fit what is in it.
    """
    spare([each for each in (files.votes, files.annotators, files.items) if each], out)
    with progress.stage("reading votes", None) as advance:
        gathered = read_votes(files)
        advance(sum(len(question.code) for question in gathered.votes.questions), "")
    return _reported(Material(gathered, declared=frozenset(files.scales)), wanted, out)


def of_campaign(settings: Settings, name: str, wanted: ReportSettings, out: Path) -> Written:
    """Report on a campaign that is in the warehouse.

    Raises:
        WarehouseError: there is no warehouse, or it cannot be read.
        BuildError: there is no such campaign, or a setting does not fit its votes.
    """
    with progress.stage("reading votes", None) as advance, Storage(settings).open(read_only=True) as db:
        campaign = campaigns.find(db, name)
        if campaign is None:
            raise BuildError(f"{settings.warehouse} has no campaign {name!r}; see `valueprism campaign --help`")
        study = parse_study(campaign.study, f"of campaign {name}")
        answers = campaign_answers.answers(db, name, ANSWERED)
        gold = {item.id: item.gold for item in campaigns.items(db, name) if item.gold is not None}
        people, items = votes.read_annotators(db, name), campaign_answers.asked_about(db, name)
        left_out = _left_out(exclusions.read(db, name))
        advance(answers.num_rows, "")
    openly = _openly(settings, name, study, wanted)
    material = campaign_material(study, answers, people, items, gold, left_out, openly)
    missing = wanted.missing or _missing(study, material)
    return _reported(material, replace(wanted, missing=missing, title=f"{study.title} ({name})"), out)


def _left_out(rows: Sequence[Decided]) -> list[Exclusion]:
    """Return who is left out now, each once, with all rules that stand against them."""
    by_person: dict[str, list[Decided]] = {}
    for row in rows:
        if row.readmitted_at is None:
            by_person.setdefault(row.annotator_id, []).append(row)
    return [
        Exclusion(id_, ", ".join(row.rule for row in own), "; ".join(row.detail for row in own))
        for id_, own in by_person.items()
    ]


def _openly(settings: Settings, name: str, study: Study, wanted: ReportSettings) -> OpenAnswers | None:
    """Return what people wrote before they saw a list; None if nobody did, or it is left out of the report."""
    written = {each.id for each in study.at(Place.BEFORE) if not each.answers}
    if wanted.missing:
        written &= set(wanted.missing)
    return asked_openly(settings, name, written) if written and Part.OPEN_ANSWERS not in wanted.skip else None


def _missing(study: Study, material: Material) -> Mapping[str, str]:
    """Return the questions on the situation's pages of whose answers something is known, and how they are asked."""
    answered = {question.question for question in (*material.gathered.votes.questions, *material.read)}
    return {each.id: ASKED_AT[each.place] for each in study.questions if each.id in answered and each.place in ASKED_AT}


def _reported(material: Material, wanted: ReportSettings, out: Path) -> Written:
    with progress.stage("analysing", None) as advance:
        report = analysed(material, wanted, lambda stage: advance(1, stage))
    with progress.stage("writing tables", None) as advance:
        advance(len(write_tables(report, out)), "")
    with progress.stage("writing the page", None) as advance:
        page = write_page(report, out)
        advance(1, page.name)
    return Written(report, out, page)
