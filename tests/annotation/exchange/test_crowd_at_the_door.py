"""More people at the door at once than can be let in."""

import asyncio
import threading

import httpx

from annotation.exchange.gateway import ADMITTED_AT_ONCE, AGAIN_SECONDS, Gateway, Place
from annotation.exchange.links import Entrant, Links
from valueprism_build.errors import BuildError

LINKS = Links(["a key of the tests"], "pilot")
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
