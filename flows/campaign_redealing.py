"""Pages of people who have stopped, dealt again to those who go on and to new ones, and pushed."""

import shlex
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from annotation.dealing import ShortageError
from annotation.exchange.server import AnnotationServer
from annotation.planning import redeal, still_wanted
from annotation.standing import Stopped, stopped
from flows.campaign_creating import OnServer, to_server
from flows.campaign_pulling import Pulled, pull_campaign
from flows.campaign_server import refuse_ended, stored
from flows.campaign_shape import design_of
from flows.campaign_status import seen
from flows.settings import Settings
from flows.storage import Storage
from valueprism_build.campaigns import SeatState
from valueprism_build.errors import BuildError
from warehouse import campaign_people, campaigns, exclusions, votes


@dataclass(frozen=True, slots=True)
class Redealt:
    """What has been done.

    Attributes:
        pulled: before anything else, so that nobody is taken for gone who has just answered; of those who had
            answered all of their pages already, nothing.
        stopped: people whose seats were closed.
        seats: new ones.
        pages: that were dealt; 0 where nothing was left to deal, and then there are no new seats either.
        lacking: gold items and repeats that there was nothing or no place for.
    """

    pulled: Pulled
    stopped: tuple[Stopped, ...]
    seats: int
    pages: int
    lacking: int
    on_server: OnServer


def redeal_campaign(
    settings: Settings,
    name: str,
    server: AnnotationServer,
    *,
    people: Mapping[str, int],
    stopped_after: timedelta | None,
    now: datetime,
) -> Redealt:
    """Close the seats of people who have stopped, and deal again what these, and people left out, should have answered.

    Killed at any moment, the same command goes on: what was dealt is not dealt again.

    Args:
        settings: where the warehouse is.
        name: of the campaign.
        server: where it runs.
        people: new seats of each stratum; none are made where nothing is left to deal.
        stopped_after: who has answered nothing for longer has stopped; None closes no seat.
        now: the moment.

    Raises:
        BuildError: there is too little room; the line says for every stratum what is short, and nothing is changed. Or
            new seats are of a stratum that the campaign does not have.
    """
    campaign = stored(settings, name)
    refuse_ended(campaign)
    storage = Storage(settings)
    with storage.open() as db:
        unfinished = campaign_people.unfinished_projects(db, name)
    pulled = pull_campaign(settings, name, server, projects=unfinished)
    with storage.open() as db:
        items, found, usable = campaigns.items(db, name), seen(db, name), votes.usable_pages(db, name)
        design = design_of(campaign, items)
        gone = () if stopped_after is None else tuple(stopped(found, now - stopped_after))
        closed, left_out = {one.seat_id for one in gone}, exclusions.excluded(db, name)
        # Who is excluded keeps the seat, for they may be readmitted; what they answered is asked of others meanwhile.
        seats = [
            replace(seat, state=SeatState.CLOSED) if seat.id in closed or seat.annotator_id in left_out else seat
            for seat in found.seats
        ]
        _refuse_strangers(name, people, design.people)
        wanted = still_wanted(design, seats, found.pages, usable)
        try:
            plan = redeal(design, seats, found.pages, usable, people) if wanted else None
        except ShortageError as error:
            raise BuildError(f"{error}; give new seats by {_as_flags(error.strata)}") from error
        campaigns.set_seats(db, name, closed, SeatState.CLOSED)
        if plan is not None:
            campaigns.add(db, campaign, [], plan.seats, plan.pages)
    return Redealt(
        pulled=pulled,
        stopped=gone,
        seats=len(plan.seats) if plan else 0,
        pages=len(plan.pages) if plan else 0,
        lacking=plan.lacking if plan else 0,
        on_server=to_server(settings, name, server),
    )


def _refuse_strangers(name: str, people: Collection[str], strata: Collection[str]) -> None:
    """Refuse seats that no page could be dealt to."""
    if strange := sorted(set(people) - set(strata)):
        raise BuildError(f"campaign {name!r} has no stratum {', '.join(strange)}; give {_as_flags(sorted(strata))}")


def _as_flags(strata: Collection[str]) -> str:
    return " ".join(f"--people {shlex.quote(f'{stratum}=N')}" for stratum in strata)
