"""Who comes gets a seat of their stratum, once and for ever."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from annotation.exchange.gateway import NoPlaceError
from annotation.exchange.links import Entrant
from annotation.exchange.server import ServerBusyError
from annotation.pseudonyms import pseudonyms
from flows.campaign_admission import CLOSED, FORGOTTEN, FULL, Admission
from flows.campaign_creating import create
from flows.campaign_planning import Wanted
from flows.settings import Settings, load
from tests.annotation.exchange.scripted_server import ScriptedServer
from tests.flows.building import WAREHOUSE
from tests.flows.campaigning import write_items
from valueprism_build.campaigns import SeatState
from valueprism_build.errors import SettingsError
from warehouse import campaign_people, campaigns, votes
from warehouse.connect import open_warehouse

KEY, NEW_KEY = "a-key-of-the-tests", "a-newer-key-of-the-tests"
URL = "http://server.test"


class Members:
    """A server that people join; it may be busy for a while."""

    def __init__(self, busy: int = 0) -> None:
        self.busy = busy
        self.emails: list[str] = []

    def join(self, base_url: str, token: str, email: str, password: str) -> int:
        if self.busy:
            self.busy -= 1
            raise ServerBusyError(f"{base_url} does not answer")
        self.emails.append(email)
        return 100 + len(self.emails)


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Settings]:
    """The settings under these keys, with a campaign that has two seats on the left and one on the right."""
    Path("valueprism.toml").write_text(f'[label_studio]\nbase_url = "{URL}"\n[planting]\ngold = 0\nrepeats = 0\n')
    write_items()

    def under(keys: str = KEY) -> Settings:
        monkeypatch.setenv("VALUEPRISM_CAMPAIGN__PARTICIPANT_KEYS", keys)
        return load({"warehouse": str(WAREHOUSE)})

    create(under(), "pilot", Wanted("agreement", {"left": 2, "right": 1}, 3, 3, None, 0), ScriptedServer())
    return under


def taken() -> dict[str, str | None]:
    with open_warehouse(WAREHOUSE, read_only=True) as db:
        return {seat.id: seat.annotator_id for seat in campaigns.seats(db, "pilot") if seat.annotator_id}


def test_a_person_has_one_place_however_often_and_wherever_they_come_in(settings: Callable[[], Settings]) -> None:
    members = Members()
    first = Admission(settings(), "pilot", join=members.join).admit(Entrant("ann", "left"))
    again = Admission(settings(), "pilot", join=members.join)
    # The stratum of their first link holds: somebody who has a seat is not asked for another.
    assert [again.admit(Entrant("ann", stratum)) for stratum in ("left", "right")] == [first, first]
    assert len(members.emails) == 1
    assert list(taken().values()) == pseudonyms("ann", [KEY])
    with open_warehouse(WAREHOUSE, read_only=True) as db:
        [person] = campaign_people.people(db, "pilot")
        assert campaign_people.projects(db, "pilot")[person.seat_id] == first.project_id
    assert (person.person, person.email) == (101, first.email)


def test_the_way_back_is_that_of_the_stratum_in_which_somebody_sits(settings: Callable[[], Settings]) -> None:
    with Path("valueprism.toml").open("a") as lines:
        lines.write('[live]\ncompletion_url = "https://all.test/?cc=1"\n')
        lines.write('[live.completion_urls]\nright = "https://right.test/?cc=2"\n')
    admission = Admission(settings(), "pilot", join=Members().join)
    # Ann has both links of the platform, and one questionnaire: she is paid for it once.
    came = [Entrant("ann", "left"), Entrant("ann", "right"), Entrant("bob", "right")]
    ways = [admission.admit(one).completion_url for one in came]
    assert ways == ["https://all.test/?cc=1", "https://all.test/?cc=1", "https://right.test/?cc=2"]


def test_many_who_click_at_once_and_twice_get_a_seat_each(settings: Callable[[], Settings]) -> None:
    members = Members()
    admission = Admission(settings(), "pilot", join=members.join)
    with ThreadPoolExecutor(4) as crowd:
        places = list(crowd.map(admission.admit, [Entrant(one, "left") for one in ("ann", "bob")] * 3))
    assert len({place.project_id for place in places}) == len(members.emails) == 2
    assert places[:2] == places[2:4] == places[4:]


def test_while_the_server_makes_an_account_for_one_another_is_let_in(settings: Callable[[], Settings]) -> None:
    members, both = Members(), threading.Barrier(2)

    def join(base_url: str, token: str, email: str, password: str) -> int:
        both.wait(30)  # neither goes on before the other has come so far
        return members.join(base_url, token, email, password)

    admission = Admission(settings(), "pilot", join=join)
    with ThreadPoolExecutor(2) as crowd:
        places = list(crowd.map(admission.admit, [Entrant(one, "left") for one in ("ann", "bob")]))
    assert len({place.project_id for place in places}) == len(members.emails) == 2


def test_when_the_seats_of_a_stratum_are_taken_who_comes_is_told_and_the_others_go_on(
    settings: Callable[[], Settings],
) -> None:
    admission = Admission(settings(), "pilot", join=Members().join)
    admission.admit(Entrant("ann", "right"))
    for late in (Entrant("bob", "right"), Entrant("cem", "nowhere")):
        with pytest.raises(NoPlaceError, match="Everybody we need") as raised:
            admission.admit(late)
        assert str(raised.value) == FULL
    assert admission.admit(Entrant("bob", "left")).project_id


def test_who_could_not_join_the_server_comes_to_the_same_seat_later(settings: Callable[[], Settings]) -> None:
    admission = Admission(settings(), "pilot", join=Members(busy=1).join)
    with pytest.raises(ServerBusyError):
        admission.admit(Entrant("ann", "right"))
    assert admission.admit(Entrant("ann", "right")).project_id
    assert len(taken()) == 1


def test_who_came_under_an_older_key_keeps_their_place(settings: Callable[[str], Settings]) -> None:
    members = Members()
    place = Admission(settings(KEY), "pilot", join=members.join).admit(Entrant("ann", "left"))
    assert Admission(settings(f"{NEW_KEY} {KEY}"), "pilot", join=members.join).admit(Entrant("ann", "left")) == place
    assert len(members.emails) == 1


def test_who_was_forgotten_or_whose_seat_was_closed_is_not_seated_again(settings: Callable[[], Settings]) -> None:
    admission = Admission(settings(), "pilot", join=Members().join)
    for one in ("ann", "bob"):
        admission.admit(Entrant(one, "left"))
    [ann], [bob] = pseudonyms("ann", [KEY]), pseudonyms("bob", [KEY])
    with open_warehouse(WAREHOUSE) as db:
        votes.forget(db, ann, at=datetime.now(UTC))
        [seat] = [seat.id for seat in campaigns.seats(db, "pilot") if seat.annotator_id == bob]
        campaigns.set_seats(db, "pilot", [seat], SeatState.CLOSED)
    for gone, words in [("ann", FORGOTTEN), ("bob", CLOSED)]:
        with pytest.raises(NoPlaceError) as raised:
            admission.admit(Entrant(gone, "left"))
        assert str(raised.value) == words


def test_without_a_key_nobody_can_be_let_in(settings: Callable[[str], Settings]) -> None:
    with pytest.raises(SettingsError, match="VALUEPRISM_CAMPAIGN__PARTICIPANT_KEYS"):
        Admission(settings(""), "pilot")
