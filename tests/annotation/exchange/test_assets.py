import asyncio

import httpx
import pytest

from annotation.exchange.assets import Assets


class Server:
    """Answers each question in turn by what it is given, and counts them."""

    def __init__(self, *statuses: int) -> None:
        self.statuses = list(statuses)
        self.asked = 0

    async def ask(self) -> httpx.Response:
        self.asked += 1
        await asyncio.sleep(0)
        status = self.statuses.pop(0) if self.statuses else 200
        if not status:
            raise httpx.ReadTimeout("")
        return httpx.Response(status, content=b"x" * 100)


async def test_of_many_who_ask_at_once_and_later_one_asks_the_server() -> None:
    server, assets = Server(), Assets()
    replies = await asyncio.gather(*(assets.get("/main.js", server.ask) for _ in range(20)))
    replies.append(await assets.get("/main.js", server.ask))
    assert ({reply.content for reply in replies}, server.asked) == ({b"x" * 100}, 1)
    await assets.get("/main.js?v=2", server.ask)
    assert server.asked == 2


async def test_what_is_not_there_is_asked_for_again() -> None:
    server, assets = Server(404, 200), Assets()
    assert [(await assets.get("/main.js", server.ask)).status_code for _ in range(3)] == [404, 200, 200]
    assert server.asked == 2


async def test_when_who_asks_fails_the_next_one_asks() -> None:
    server, assets = Server(0, 200), Assets()
    found = await asyncio.gather(*(assets.get("/main.js", server.ask) for _ in range(3)), return_exceptions=True)
    assert [isinstance(one, httpx.ReadTimeout) for one in found] == [True, False, False]
    assert server.asked == 2


@pytest.mark.parametrize(("seconds", "most_bytes", "asked"), [(60.0, 100, 1), (60.0, 99, 2), (0.0, 100, 2)])
async def test_what_is_too_old_or_too_much_is_not_kept(seconds: float, most_bytes: int, asked: int) -> None:
    server, assets = Server(), Assets(seconds=seconds, most_bytes=most_bytes)
    for _ in range(2):
        await assets.get("/main.js", server.ask)
    assert server.asked == asked


async def test_what_is_too_old_gives_way_to_what_is_new() -> None:
    server, assets = Server(), Assets(seconds=0.0, most_bytes=100)
    for address in ("/one.js", "/two.js"):
        await assets.get(address, server.ask)
    assert assets.bytes == 100
