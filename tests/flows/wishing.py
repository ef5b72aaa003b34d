"""A campaign in a warehouse whose people say what is missing."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from annotation.vocabulary import load_study
from flows.canonicalising import canonicalise
from flows.deriving import derive
from flows.settings import load
from flows.storage import Storage
from tests.flows.jobs import good_reply
from tests.warehouse.rows import DAY
from tests.warehouse.rows import answer as rows_answer
from valueprism_build.campaigns import AnsweredPage, Campaign, CampaignState, Page, PageKind, Seat
from valueprism_build.ids import page_uid, situation_id
from valueprism_build.records import Annotator, Situation, Vote
from warehouse import campaigns, situations, votes
from warehouse.connect import open_warehouse

Answers = Mapping[str, Mapping[str, str]]
"""What people wrote when they had seen the list: person -> situation text -> answer."""
OPEN: Final = "missing_open"
LISTED: Final = "missing_listed"


def stock(warehouse: Path, texts: Sequence[str]) -> None:
    """Store situations, each with the list that a teacher gave, as a build leaves them."""
    settings = load({"warehouse": str(warehouse)})
    rows = [Situation(situation_id(text), text, "mine", str(n), "CC0-1.0", "en") for n, text in enumerate(texts)]
    with Storage(settings).journal() as journal:
        journal.add([replace(rows_answer(row), text=good_reply(row.text)) for row in rows])
    with open_warehouse(warehouse) as db:
        situations.add(db, rows)
    derive(settings, [row.id for row in rows], "stock")
    canonicalise(settings, "stock")


def answer(
    warehouse: Path, answers: Answers, *, campaign: str = "pilot", question: str = LISTED, leaning: str = "Liberal"
) -> None:
    """Store a campaign in which each of these people has a seat of their own and has answered; more may come later."""
    with open_warehouse(warehouse) as db:
        _, study = load_study("agreement")
        seats = [Seat(f"{campaign} of {person}", "everybody") for person in answers]
        kind = PageKind.BEFORE if question == OPEN else PageKind.AFTER
        pages = [
            Page(_uid(campaign, person, kind, text), f"{campaign} of {person}", place, kind, "", situation_id(text))
            for person, said in answers.items()
            for place, text in enumerate(said)
        ]
        campaigns.add(db, Campaign(campaign, study, 1, "", CampaignState.RUNNING, DAY), [], seats, pages)
        for person in answers:
            campaigns.take_seat(db, campaign, "everybody", person)
        votes.add_annotators(db, [Annotator(person, (("politics", leaning),)) for person in answers])
        votes.store(
            db, [_page(campaign, person, kind, question, said) for person, of in answers.items() for said in of.items()]
        )


def people(count: int, text: str, said: str) -> dict[str, dict[str, str]]:
    """Return so many people who all say one thing of one situation."""
    return {f"p{number:02}": {text: said} for number in range(count)}


def _page(campaign: str, person: str, kind: PageKind, question: str, said: Sequence[str]) -> AnsweredPage:
    text, wrote = said
    vote = Vote(situation_id(text), person, question, wrote, 20.0)
    return AnsweredPage(_uid(campaign, person, kind, text), person, (vote,), DAY)


def _uid(campaign: str, person: str, kind: PageKind, text: str) -> str:
    return page_uid(campaign, person, kind, situation_id(text))
