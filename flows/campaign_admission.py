"""Who comes to a campaign gets a place: a seat of their stratum, and an account on the server, once and for ever."""

import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple

from annotation.exchange.accounts import sign_up
from annotation.exchange.gateway import NoPlaceError, Place
from annotation.exchange.links import Entrant
from annotation.pseudonyms import accounts, pseudonyms
from flows.settings import Settings
from flows.storage import Storage
from valueprism_build.campaigns import Seat, SeatPerson, SeatState
from warehouse import campaign_people, campaigns, votes

FULL: Final = "Thank you for coming. Everybody we need has taken part already, so there is nothing left to answer."
CLOSED: Final = "Thank you for taking part. Your questionnaire has been closed."
FORGOTTEN: Final = "You asked us to forget your answers, and we did; so you cannot take part once more."
TURNS: Final = 64
"""Of so many people who come at once hardly two meet in one turn; a turn for each would never be thrown away."""

SignUp = Callable[[str, str, str, str], int]
"""Makes somebody a member of a server, by its address, the administrator's token, their e-mail and password."""


class _Sitting(NamedTuple):
    seat: Seat
    project_id: int
    key: int  # which of the keys they are known under
    known: bool  # to the server


class Admission:
    """Gives people their places; what it knows is in the warehouse, so it may be ended and begun anew."""

    def __init__(self, settings: Settings, name: str, *, join: SignUp = sign_up) -> None:
        """Prepare.

        Args:
            settings: where warehouse and server are, and the keys to the pseudonyms.
            name: of the campaign.
            join: makes an account.

        Raises:
            SettingsError: there is no key, or one that does not serve.
        """
        self._settings = settings
        self._name = name
        self._join = join
        self._keys: Sequence[str] = settings.campaign.participant_keys.split()
        self._turns = [threading.Lock() for _ in range(TURNS)]
        pseudonyms("anybody", self._keys)  # a key that does not serve is said at once

    def admit(self, entrant: Entrant) -> Place:
        """Return where somebody works; for the same person it is always the same place.

        Raises:
            NoPlaceError: all seats of their stratum are taken, or theirs was closed, or they were forgotten.
            ServerBusyError: likewise ServerRefusedError: the server makes no account.
            WarehouseError: the warehouse cannot be opened in time.
        """
        with self._turn_of(entrant):
            sitting = self._sit(entrant)
            account = accounts(entrant.participant, self._keys)[sitting.key]
            if not sitting.known:
                there = self._settings.label_studio
                person = self._join(there.base_url, there.token, account.email, account.password)
                one = SeatPerson(sitting.seat.id, person, account.email, datetime.now(UTC))
                with Storage(self._settings).open() as db:
                    campaign_people.set_person(db, self._name, one)
        ways = self._settings.live
        # By the seat, not by the link: who comes by two links answers once, and has one code.
        way = ways.completion_urls.get(sitting.seat.stratum, ways.completion_url)
        return Place(sitting.project_id, account.email, account.password, way)

    def _turn_of(self, entrant: Entrant) -> threading.Lock:
        """Return what two clicks of one person wait for, so that they make one account; other people rarely do."""
        return self._turns[int(pseudonyms(entrant.participant, self._keys)[0], 16) % TURNS]

    def _sit(self, entrant: Entrant) -> _Sitting:
        ids = pseudonyms(entrant.participant, self._keys)
        with Storage(self._settings).open() as db:
            if votes.is_forgotten(db, ids):
                raise NoPlaceError(FORGOTTEN)
            theirs = next((seat for seat in campaigns.seats(db, self._name) if seat.annotator_id in ids), None)
            seat = theirs or campaigns.take_seat(db, self._name, entrant.stratum, ids[0])
            project_id = campaign_people.projects(db, self._name).get(seat.id) if seat else None
            if seat is None or project_id is None:
                raise NoPlaceError(FULL)
            if seat.state is SeatState.CLOSED:
                raise NoPlaceError(CLOSED)
            known = any(one.seat_id == seat.id for one in campaign_people.people(db, self._name))
        return _Sitting(seat, project_id, ids.index(seat.annotator_id or ids[0]), known)
