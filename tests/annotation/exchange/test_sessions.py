"""People's sessions on a small server of the tests, which gives everybody cookies in every reply."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from annotation.exchange.server import ServerRefusedError
from annotation.exchange.sessions import Sessions
from annotation.pseudonyms import Account
from tests.annotation.exchange.small_server import SmallServer

ANN, BOB = (Account(f"{name}@participants.invalid", f"word of {name}") for name in ("ann", "bob"))


@asynccontextmanager
async def sessions_at(server: SmallServer, at_once: int = 8) -> AsyncIterator[Sessions]:
    async with server.running() as url:
        yield Sessions(url, "0" * 40, at_once, writes_at_once=1)


async def ask(sessions: Sessions, who: Account, method: str = "GET") -> httpx.Response:
    return await sessions.ask(who, method, "/say", query={}, headers={}, body=b"")


async def test_no_cookie_of_one_person_goes_with_the_request_of_another() -> None:
    server = SmallServer()
    async with sessions_at(server) as sessions:
        for who in (ANN, BOB, ANN):
            await ask(sessions, who)
        await sessions.ask_as_admin("/say")
    assert server.cookies == ["sessionid=ann1", "sessionid=bob2", "sessionid=ann1", ""]


async def test_a_page_that_asks_for_much_at_once_logs_its_person_in_once() -> None:
    server = SmallServer()
    async with sessions_at(server) as sessions:
        await asyncio.gather(*(ask(sessions, ANN) for _ in range(6)))
    assert (server.logins, len(server.cookies)) == (["ann"], 6)


async def test_a_session_that_has_ended_is_begun_anew_once() -> None:
    server = SmallServer()
    async with sessions_at(server) as sessions:
        await ask(sessions, ANN)
        server.ended = {"ann1"}
        replies = await asyncio.gather(*(ask(sessions, ANN) for _ in range(6)))
        assert ({reply.status_code for reply in replies}, server.logins) == ({200}, ["ann", "ann"])
        server.ended |= {"ann2", "ann3"}
        assert (await ask(sessions, ANN)).status_code == 401


async def test_no_more_requests_than_so_many_are_at_the_server_at_once() -> None:
    server = SmallServer()
    async with sessions_at(server, at_once=3) as sessions:
        await asyncio.gather(*(ask(sessions, who) for who in (ANN, BOB) * 10))
    assert (server.most, len(server.cookies)) == (3, 20)


async def test_one_request_at_a_time_changes_something() -> None:
    server = SmallServer()
    async with sessions_at(server) as sessions:
        await asyncio.gather(*(ask(sessions, ANN, "POST") for _ in range(5)))
    assert (server.most, server.asked) == (1, ["POST /say"] * 5)


async def test_who_cannot_log_in_is_told_by_the_server() -> None:
    async with sessions_at(SmallServer()) as sessions:
        with pytest.raises(ServerRefusedError, match=r"does not let cem@participants\.invalid log in"):
            await ask(sessions, Account("cem@participants.invalid", "a word"))
