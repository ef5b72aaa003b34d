"""The end of a campaign: what came last is pulled, and nobody sits down any more. A later pull still finds answers."""

from annotation.exchange.server import AnnotationServer
from flows.campaign_pulling import Pulled, pull_campaign
from flows.settings import Settings
from flows.storage import Storage
from valueprism_build.campaigns import CampaignState, SeatState
from warehouse import campaigns


def end(settings: Settings, name: str, server: AnnotationServer) -> Pulled:
    """Pull once more, close the seats that nobody has taken, and say that the campaign is over.

    Raises:
        BuildError: as of `pull_campaign`.
    """
    pulled = pull_campaign(settings, name, server)
    with Storage(settings).open() as db:
        free = [seat.id for seat in campaigns.seats(db, name) if seat.state is SeatState.FREE]
        campaigns.set_seats(db, name, free, SeatState.CLOSED)
        campaigns.set_state(db, name, CampaignState.ENDED)
    return pulled
