"""How far a campaign is, as the warehouse has it; nothing is asked of the server."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from annotation.attention import Attention, attention
from annotation.standing import Seen, Standing, standing
from flows.campaign_server import refuser, stored
from flows.campaign_shape import design_of
from flows.settings import Settings
from flows.storage import Storage
from valueprism_build.campaigns import Campaign, CampaignItem, PageKind
from warehouse import campaign_people, campaigns, rejected, votes
from warehouse.connect import Connection


@dataclass(frozen=True, slots=True)
class Status:
    """How far a campaign is.

    Attributes:
        base_url: of its server; None before it was pushed.
        at: the moment that is told of.
        items: all of the campaign, by id.
        attention: of everybody who has answered anything.
        refused: parts of what was pulled that were refused, by rule.
    """

    campaign: Campaign
    base_url: str | None
    at: datetime
    items: Mapping[str, CampaignItem]
    standing: Standing
    attention: tuple[Attention, ...]
    refused: Mapping[str, int]


def status(settings: Settings, name: str, *, now: datetime, stopped_after: timedelta) -> Status:
    """Return how far the campaign is.

    Args:
        settings: where the warehouse is.
        name: of the campaign.
        now: the moment.
        stopped_after: who has answered nothing for longer has stopped.

    Raises:
        BuildError: there is no such campaign.
    """
    campaign = stored(settings, name)
    with Storage(settings).open(read_only=True) as db:
        items = campaigns.items(db, name)
        design = design_of(campaign, items)
        told = [votes.read(db, name, [kind]) for kind in (PageKind.ITEM, PageKind.GOLD, PageKind.REPEAT)]
        what_is_seen, by_id = seen(db, name), {item.id: item for item in items}
        return Status(
            campaign=campaign,
            base_url=campaign_people.server(db, name),
            at=now,
            items=by_id,
            standing=standing(design, what_is_seen, now=now, stopped_after=stopped_after),
            attention=tuple(attention(design.study, by_id, *told)),
            refused=rejected.of_pages(db, refuser(name)),
        )


def seen(db: Connection, name: str) -> Seen:
    """Return what the warehouse knows of the campaign now."""
    return Seen(
        seats=campaigns.seats(db, name),
        pages=campaigns.pages(db, name),
        seated={one.seat_id: one.since for one in campaign_people.people(db, name)},
        answered=campaign_people.answered(db, name),
        votes=votes.read(db, name, [PageKind.ITEM], without_excluded=True),
    )
