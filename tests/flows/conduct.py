"""A campaign that three people have answered: with care, without, and against everybody."""

from collections.abc import Iterator
from typing import Final

from annotation.vocabulary import load_study
from tests.annotation.pages_made import item
from tests.flows.building import WAREHOUSE
from tests.warehouse.rows import DAY
from valueprism_build.campaigns import AnsweredPage, Campaign, CampaignState, Gold, Page, PageKind, Seat
from valueprism_build.records import Annotator, Vote
from warehouse import campaigns, votes
from warehouse.connect import open_warehouse

CAREFUL, CARELESS, ALONE = "careful", "careless", "alone"
ITEMS: Final = [
    *(item(f"s{number}.0") for number in range(4)),
    *(item(f"valid{number}", Gold.VALID) for number in range(2)),
    *(item(f"foreign{number}", Gold.FOREIGN) for number in range(2)),
]
SAID: Final = {  # to items, to gold items that are valid, to those that are foreign
    CAREFUL: ("Yes", "Yes", "No"),
    CARELESS: ("Yes", "No", "Yes"),
    ALONE: ("No", "Yes", "No"),
}


def store_conduct(campaign: str, situation: str = "s0") -> None:
    """Store the campaign, its three people, whether they found each item relevant, and what the situation lacks."""
    text = load_study("quality")[1]
    seats = [Seat(f"{campaign}-{who}", "everybody") for who in sorted(SAID)]
    pages = [page for seat in seats for page in _pages(seat.id, situation)]
    with open_warehouse(WAREHOUSE) as db:
        campaigns.add(db, Campaign(campaign, text, 0, "", CampaignState.RUNNING, DAY), ITEMS, seats, pages)
        for who in sorted(SAID):
            campaigns.take_seat(db, campaign, "everybody", who)
        votes.add_annotators(db, [Annotator(who, ()) for who in SAID])
        votes.store(db, [_answered(page, who) for who in SAID for page in pages if page.seat_id.endswith(f"-{who}")])


def _pages(seat: str, situation: str) -> Iterator[Page]:
    for position, one in enumerate(ITEMS):
        kind = PageKind.ITEM if one.gold is None else PageKind.GOLD
        yield Page(f"{seat}-{one.id}", seat, position, kind, one.id, one.situation_id)
    yield Page(f"{seat}-after", seat, len(ITEMS), PageKind.AFTER, "", situation)


def _answered(page: Page, who: str) -> AnsweredPage:
    if page.kind is PageKind.AFTER:
        return AnsweredPage(page.uid, who, (Vote(page.situation_id, who, "missing_listed", "Privacy", 9.0),), DAY)
    to_items, to_valid, to_foreign = SAID[who]
    gold = {one.id: one.gold for one in ITEMS}[page.item_id]
    said = {None: to_items, Gold.VALID: to_valid, Gold.FOREIGN: to_foreign}[gold]
    seconds = 1.0 if who == CARELESS else 9.0
    return AnsweredPage(page.uid, who, (Vote(page.item_id, who, "relevant", said, seconds),), DAY)
