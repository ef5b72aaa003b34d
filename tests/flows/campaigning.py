"""Campaigns for tests: a warehouse to draw from, people who sit down, and what they answer."""

import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from annotation.pseudonyms import accounts, pseudonyms
from annotation.vocabulary import Study, load_study
from flows.campaign_creating import OnServer, create
from flows.campaign_planning import Wanted
from flows.campaign_pulling import Pulled, pull_campaign
from flows.settings import Settings, load
from tests.annotation.exchange.scripted_server import ScriptedServer
from tests.annotation.exchange.test_study_on_server import as_result
from tests.flows.building import WAREHOUSE
from tests.warehouse.rows import answer, consideration, said, situation
from valueprism_build.campaigns import Page, Seat, SeatPerson, SeatState
from valueprism_build.records import Valence
from warehouse import campaign_people, campaigns, considerations, situations
from warehouse.connect import open_warehouse
from warehouse.considerations import Derived

WORDS = ("Courage", "Mercy", "Thrift", "Beauty", "Privacy", "Honour", "Freedom", "Loyalty", "Candor", "Zeal")
KEY = "the-key-of-the-tests"
STUDY = load_study("agreement")[0]
WANTED = Wanted("agreement", {"left": 2, "right": 2}, 4, 2, None, 0)
URL = "http://server.test"
# Pages go to and fro a few at a time, and one in five is shown again.
IN_PARTS = f'''
[label_studio]
base_url = "{URL}"
push_tasks = 7
pull_tasks = 5
store_tasks = 5
[planting]
gold = 0
repeats = 0.2
apart = 1
'''


def configured(tables: str) -> Settings:
    """Write `valueprism.toml` and the items to draw from; return the settings that are in force then."""
    Path("valueprism.toml").write_text(tables)
    write_items()
    return load({"warehouse": str(WAREHOUSE)})


def write_items() -> list[str]:
    """Store ten situations of three items each, two of them said by two teachers; return the ids of the items."""
    ids = []
    with open_warehouse(WAREHOUSE) as db:
        places = [situation(number) for number in range(10)]
        situations.add(db, places)
        for number, place in enumerate(places):
            one, other = answer(place, "one"), answer(place, "other")
            words = [WORDS[(number + step) % 10] for step in (0, 3, 6)]
            kept = [consideration(one, at, word, list(Valence)[at]) for at, word in enumerate(words)]
            again = [replace(consideration(other, at, words[at]), valence=kept[at].valence) for at in (0, 1)]
            sayings = [*map(said, kept), *(said(item, kept[at]) for at, item in enumerate(again))]
            considerations.replace(db, "run", [Derived(place.id, "1", (one, other), tuple(kept), (), tuple(sayings))])
            ids += [item.id for item in kept]
    return ids


def sit(campaign: str, participant: str, stratum: str, person: int) -> Seat:
    """Give somebody a seat, as a link would."""
    [annotator_id], [account] = pseudonyms(participant, [KEY]), accounts(participant, [KEY])
    with open_warehouse(WAREHOUSE) as db:
        seat = campaigns.take_seat(db, campaign, stratum, annotator_id)
        assert seat is not None
        campaign_people.set_person(db, campaign, SeatPerson(seat.id, person, account.email, datetime.now(UTC)))
    return seat


def pages_of(campaign: str, seat: Seat) -> list[Page]:
    with open_warehouse(WAREHOUSE, read_only=True) as db:
        return [page for page in campaigns.pages(db, campaign) if page.seat_id == seat.id]


def result_on(study: Study, page: Page) -> str:
    """What somebody answers who always takes the first answer."""
    return json.dumps(list(as_result(study, page)))


def created(settings: Settings, server: ScriptedServer, wanted: Wanted = WANTED) -> OnServer:
    return create(settings, "pilot", wanted, server)


def pulled(settings: Settings, server: ScriptedServer) -> Pulled:
    return pull_campaign(settings, "pilot", server)


def dealt() -> list[str]:
    with open_warehouse(WAREHOUSE, read_only=True) as db:
        return sorted(page.uid for page in campaigns.pages(db, "pilot"))


def seat_states() -> Counter[SeatState]:
    with open_warehouse(WAREHOUSE, read_only=True) as db:
        return Counter(seat.state for seat in campaigns.seats(db, "pilot"))


def answer_all(server: ScriptedServer, seat: Seat, person: int) -> int:
    """Let the seat's person answer everything, and return how many pages that is."""
    pages = pages_of("pilot", seat)
    for page in pages:
        server.answer(page.uid, result_on(STUDY, page), person=person)
    return len(pages)
