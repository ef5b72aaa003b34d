"""The door before a small server of the tests: more people at once than can be let in, and what it need not ask."""

import asyncio
import threading

import httpx

from annotation.exchange.gateway import ADMITTED_AT_ONCE, AGAIN_SECONDS, OF_ONE_AT_ONCE, Gateway, Place
from annotation.exchange.links import Entrant, Links
from tests.annotation.exchange.small_server import ANSWER, OTHERS_TASK, PROJECT, TASK, SmallServer
from valueprism_build.errors import BuildError

LINKS = Links(["a key of the tests"], "pilot", ["left"])
NOWHERE = "http://127.0.0.1:9"


async def test_who_waits_too_long_at_the_door_is_told_so_kindly_and_knocks_again_by_themselves() -> None:
    opened, told, came = threading.Event(), list[BuildError](), list[str]()

    def admit(entrant: Entrant) -> Place:
        assert opened.wait(60)
        came.append(entrant.participant)
        return Place(7, f"{entrant.participant}@participants.invalid", "a word")

    door = Gateway(NOWHERE, "0" * 40, admit, LINKS, wait_seconds=0.05, on_trouble=told.append)
    links = [LINKS.personal("", Entrant(f"p{number}", "left")) for number in range(ADMITTED_AT_ONCE + 3)]
    transport = httpx.ASGITransport(door.application())
    async with httpx.AsyncClient(transport=transport, base_url="http://study.test") as client:
        first = [asyncio.create_task(client.get(link)) for link in links[:ADMITTED_AT_ONCE]]
        await asyncio.sleep(0)
        late = await asyncio.gather(*map(client.get, links[ADMITTED_AT_ONCE:]))
        opened.set()
        entered = [*await asyncio.gather(*first), *[await client.get(link) for link in links[ADMITTED_AT_ONCE:]]]
    again = str(AGAIN_SECONDS)
    for reply in late:
        assert (reply.status_code, reply.headers["retry-after"], reply.headers["refresh"]) == (503, again, again)
        assert "Many people are here just now" in reply.text
    assert [reply.status_code for reply in entered] == [307] * len(links)
    assert (len(came), len(told)) == (len(links), 1)  # and we are told once, not of each


async def test_whose_a_page_is_that_the_server_has_given_and_an_answer_to_it_is_not_asked_for() -> None:
    server = SmallServer()
    async with server.running() as url:
        door = Gateway(url, "0" * 40, lambda _: Place(PROJECT, "ann@participants.invalid", "a word"), LINKS)
        transport = httpx.ASGITransport(door.application())
        async with httpx.AsyncClient(transport=transport, base_url="http://study.test") as ann:
            await ann.get(LINKS.personal("", Entrant("ann", "left")))
            for method, path in [
                ("POST", f"/api/dm/actions?id=next_task&project={PROJECT}"),
                ("POST", f"/api/tasks/{TASK}/annotations?project={PROJECT}"),
                ("PATCH", f"/api/annotations/{ANSWER}/"),
            ]:
                assert (await ann.request(method, path, json={})).is_success
            asked = list(server.asked)
            assert (
                await ann.post(f"/api/tasks/{OTHERS_TASK}/annotations?project={PROJECT}", json={})
            ).status_code == 403
    assert asked == ["POST /api/dm/actions", f"POST /api/tasks/{TASK}/annotations", f"PATCH /api/annotations/{ANSWER}/"]
    assert server.asked[len(asked) :] == [f"GET /api/tasks/{OTHERS_TASK}/"]


async def test_what_the_page_is_built_of_is_asked_for_once_for_everybody() -> None:
    server = SmallServer()
    async with server.running() as url:
        accounts = {name: Place(PROJECT, f"{name}@participants.invalid", "a word") for name in ("ann", "bob")}
        door = Gateway(url, "0" * 40, lambda who: accounts[who.participant], LINKS).application()
        for name in accounts:
            async with httpx.AsyncClient(transport=httpx.ASGITransport(door), base_url="http://study.test") as person:
                await person.get(LINKS.personal("", Entrant(name, "left")))
                for path in (f"/react-app/main.js?v={name}", f"/api/projects/{PROJECT}"):
                    assert (await person.get(path)).is_success
    assert server.asked == ["GET /react-app/main.js", *[f"GET /api/projects/{PROJECT}"] * 2]


async def test_who_asks_for_very_much_at_once_keeps_nobody_waiting() -> None:
    server = SmallServer()
    async with server.running() as url:
        accounts = {name: Place(PROJECT, f"{name}@participants.invalid", "a word") for name in ("ann", "bob")}
        door = Gateway(url, "0" * 40, lambda who: accounts[who.participant], LINKS).application()
        async with (
            httpx.AsyncClient(transport=httpx.ASGITransport(door), base_url="http://study.test") as ann,
            httpx.AsyncClient(transport=httpx.ASGITransport(door), base_url="http://study.test") as bob,
        ):
            for name, person in (("ann", ann), ("bob", bob)):
                await person.get(LINKS.personal("", Entrant(name, "left")))
                await person.get(f"/api/projects/{PROJECT}")
            server.most = 0
            flood = [asyncio.create_task(ann.get(f"/api/projects/{PROJECT}")) for _ in range(100)]
            await asyncio.sleep(0)
            await bob.get(f"/api/projects/{PROJECT}")
            left = sum(not one.done() for one in flood)
            await asyncio.gather(*flood)
    assert left > 50
    assert server.most <= OF_ONE_AT_ONCE + 1


async def test_of_an_id_that_the_server_writes_otherwise_nothing_is_asked_or_kept() -> None:
    server = SmallServer()
    async with server.running() as url:
        door = Gateway(url, "0" * 40, lambda _: Place(PROJECT, "ann@participants.invalid", "a word"), LINKS)
        transport = httpx.ASGITransport(door.application())
        async with httpx.AsyncClient(transport=transport, base_url="http://study.test") as ann:
            await ann.get(LINKS.personal("", Entrant("ann", "left")))
            for written in (f"0{TASK}", "0", "9" * 19, "\N{ARABIC-INDIC DIGIT FIVE}"):
                for path in (f"/api/tasks/{written}", f"/api/annotations/{written}", f"/api/drafts/{written}"):
                    assert (await ann.get(path)).status_code == 403, path
    assert server.asked == []


async def test_the_place_of_somebody_whose_account_is_gone_is_looked_up_anew() -> None:
    server, places = SmallServer(), iter(("nobody", "ann"))
    async with server.running() as url:
        door = Gateway(url, "0" * 40, lambda _: Place(PROJECT, f"{next(places)}@participants.invalid", "word"), LINKS)
        transport = httpx.ASGITransport(door.application())
        async with httpx.AsyncClient(transport=transport, base_url="http://study.test") as ann:
            await ann.get(LINKS.personal("", Entrant("ann", "left")))
            replies = [await ann.get(f"/api/projects/{PROJECT}") for _ in range(3)]
    assert [reply.status_code for reply in replies] == [503, 200, 200]
