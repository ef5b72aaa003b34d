"""A campaign that has ended."""

from datetime import UTC, datetime

import pytest

from flows.campaign_ending import end
from flows.campaign_redealing import redeal_campaign
from tests.annotation.exchange.scripted_server import ScriptedServer
from tests.flows.campaigning import IN_PARTS, answer_all, configured, created, pulled, seat_states, sit
from valueprism_build.campaigns import SeatState
from valueprism_build.errors import BuildError


def test_a_campaign_that_has_ended_seats_nobody_and_takes_late_answers_but_no_more_pages() -> None:
    settings, server = configured(IN_PARTS), ScriptedServer()
    created(settings, server)
    seat = sit("pilot", "p1", "left", 1)
    assert end(settings, "pilot", server).projects == 4
    assert seat_states() == {SeatState.TAKEN: 1, SeatState.CLOSED: 3}
    answer_all(server, seat, 1)
    assert pulled(settings, server).done == 1
    with pytest.raises(BuildError, match="'pilot' has ended"):
        created(settings, server)
    with pytest.raises(BuildError, match="'pilot' has ended"):
        redeal_campaign(settings, "pilot", server, people={}, stopped_after=None, now=datetime.now(UTC))
