"""What people were asked who are left out now is asked of others."""

from datetime import UTC, datetime

import pytest

from flows.campaign_quality import exclude_by_hand, readmit
from flows.campaign_redealing import Redealt, redeal_campaign
from flows.campaign_status import seen
from flows.settings import Settings
from tests.annotation.exchange.scripted_server import ScriptedServer
from tests.flows.building import WAREHOUSE
from tests.flows.campaigning import IN_PARTS, answer_all, configured, created, pulled, sit
from valueprism_build.campaigns import PageKind, SeatState
from warehouse import campaigns
from warehouse.connect import open_warehouse

NOW = datetime(2026, 1, 2, tzinfo=UTC)


@pytest.fixture
def server() -> ScriptedServer:
    return ScriptedServer()


@pytest.fixture
def answered(server: ScriptedServer) -> Settings:
    """A campaign of two people a group that everybody has answered."""
    settings = configured(IN_PARTS)
    created(settings, server)
    for person, stratum in enumerate(["left", "left", "right", "right"], start=1):
        answer_all(server, sit("pilot", f"participant {person}", stratum, person), person)
    pulled(settings, server)
    return settings


def redealt(settings: Settings, server: ScriptedServer, new: int) -> Redealt:
    return redeal_campaign(settings, "pilot", server, people={"left": new}, stopped_after=None, now=NOW)


def somebody_left() -> tuple[str, str]:
    """Return the seat and the pseudonym of one of the left."""
    with open_warehouse(WAREHOUSE, read_only=True) as db:
        seat = next(seat for seat in campaigns.seats(db, "pilot") if seat.stratum == "left")
    assert seat.annotator_id is not None
    return seat.id, seat.annotator_id


def items_of(seat_id: str) -> set[str]:
    with open_warehouse(WAREHOUSE, read_only=True) as db:
        pages = campaigns.pages(db, "pilot")
    return {page.item_id for page in pages if page.seat_id == seat_id and page.kind is PageKind.ITEM}


def test_a_new_person_gets_what_who_is_left_out_was_asked_and_the_seat_stays_theirs(
    answered: Settings, server: ScriptedServer
) -> None:
    seat_id, annotator_id = somebody_left()
    assert redealt(answered, server, 1).seats == 0  # nothing is wanted yet
    exclude_by_hand(answered, "pilot", annotator_id, "asked to be left out", at=NOW)
    assert redealt(answered, server, 1).seats == 1
    with open_warehouse(WAREHOUSE, read_only=True) as db:
        seats = campaigns.seats(db, "pilot")
        # 4 situations of 3 items for one person of each group, less the 2 that are theirs.
        assert len(seen(db, "pilot").votes) == (4 + 2) * 3
    [new] = [seat for seat in seats if seat.state is SeatState.FREE]
    assert items_of(new.id) == items_of(seat_id)
    assert next(seat for seat in seats if seat.id == seat_id).annotator_id == annotator_id
    assert redealt(answered, server, 1).pages == 0  # it is asked of somebody already


def test_nothing_is_asked_again_of_who_is_readmitted(answered: Settings, server: ScriptedServer) -> None:
    _, annotator_id = somebody_left()
    exclude_by_hand(answered, "pilot", annotator_id, "a mistake", at=NOW)
    readmit(answered, "pilot", annotator_id, at=NOW)
    assert redealt(answered, server, 1).seats == 0
