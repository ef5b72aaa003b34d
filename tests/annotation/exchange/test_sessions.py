"""People's sessions on a small server of the tests, which gives everybody cookies in every reply."""

import asyncio
import itertools
import socket
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from annotation.exchange.server import ServerRefusedError
from annotation.exchange.sessions import Sessions
from annotation.pseudonyms import Account

ANN, BOB = (Account(f"{name}@participants.invalid", f"word of {name}") for name in ("ann", "bob"))
FORM = '<form><input name="csrfmiddlewaretoken" value="t"></form>'


class Server:
    """Knows ann and bob; a session of `ended` has run out."""

    def __init__(self) -> None:
        self.logins: list[str] = []
        self.ended: set[str] = set()
        self.cookies: list[str] = []
        self.busy = self.most = 0
        self._numbers = itertools.count(1)

    async def log_in(self, request: Request) -> Response:
        if request.method == "GET":
            return HTMLResponse(FORM)
        email = str((await request.body()).partition(b"email=")[2].partition(b"%40")[0], "ascii")
        if email not in ("ann", "bob"):
            return HTMLResponse(FORM)
        self.logins.append(email)
        reply = RedirectResponse("/", 302)
        reply.set_cookie("sessionid", f"{email}{len(self.logins)}")
        return reply

    async def say(self, request: Request) -> Response:
        self.busy += 1
        self.most = max(self.most, self.busy)
        await asyncio.sleep(0.01)
        self.busy -= 1
        self.cookies.append(request.headers.get("cookie", ""))
        reply = JSONResponse({}, 401 if request.cookies.get("sessionid", "") in self.ended else 200)
        reply.set_cookie("leak", str(next(self._numbers)))
        return reply

    @asynccontextmanager
    async def running(self, at_once: int = 8) -> AsyncIterator[Sessions]:
        routes = [Route("/user/login/", self.log_in, methods=["GET", "POST"]), Route("/say", self.say)]
        with socket.create_server(("127.0.0.1", 0)) as listener:
            config = uvicorn.Config(Starlette(routes=routes), log_level="warning", lifespan="off")
            server = uvicorn.Server(config)
            thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
            thread.start()
            try:
                yield Sessions(f"http://127.0.0.1:{listener.getsockname()[1]}", "0" * 40, at_once)
            finally:
                server.should_exit = True
                await asyncio.to_thread(thread.join)


async def ask(sessions: Sessions, who: Account) -> httpx.Response:
    return await sessions.ask(who, "GET", "/say", query={}, headers={}, body=b"")


async def test_no_cookie_of_one_person_goes_with_the_request_of_another() -> None:
    server = Server()
    async with server.running() as sessions:
        for who in (ANN, BOB, ANN):
            await ask(sessions, who)
        await sessions.ask_as_admin("/say")
    assert server.cookies == ["sessionid=ann1", "sessionid=bob2", "sessionid=ann1", ""]


async def test_a_page_that_asks_for_much_at_once_logs_its_person_in_once() -> None:
    server = Server()
    async with server.running() as sessions:
        await asyncio.gather(*(ask(sessions, ANN) for _ in range(6)))
    assert (server.logins, len(server.cookies)) == (["ann"], 6)


async def test_a_session_that_has_ended_is_begun_anew_once() -> None:
    server = Server()
    async with server.running() as sessions:
        await ask(sessions, ANN)
        server.ended = {"ann1"}
        replies = await asyncio.gather(*(ask(sessions, ANN) for _ in range(6)))
        assert ({reply.status_code for reply in replies}, server.logins) == ({200}, ["ann", "ann"])
        server.ended |= {"ann2", "ann3"}
        assert (await ask(sessions, ANN)).status_code == 401


async def test_no_more_requests_than_so_many_are_at_the_server_at_once() -> None:
    server = Server()
    async with server.running(at_once=3) as sessions:
        await asyncio.gather(*(ask(sessions, who) for who in (ANN, BOB) * 10))
    assert (server.most, len(server.cookies)) == (3, 20)


async def test_who_cannot_log_in_is_told_by_the_server() -> None:
    async with Server().running() as sessions:
        with pytest.raises(ServerRefusedError, match=r"does not let cem@participants\.invalid log in"):
            await ask(sessions, Account("cem@participants.invalid", "a word"))
