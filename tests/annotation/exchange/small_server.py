"""A small annotation server: ann and bob log in, everybody gets cookies in every reply, task 5 is of project 7."""

import asyncio
import itertools
import socket
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

PROJECT, TASK, OTHERS_TASK, ANSWER = 7, 5, 6, 9
_FORM = '<form><input name="csrfmiddlewaretoken" value="t"></form>'


class SmallServer:
    """A session of `ended` has run out; `asked` is what was asked for, but for logging in."""

    def __init__(self) -> None:
        self.logins: list[str] = []
        self.ended: set[str] = set()
        self.cookies: list[str] = []
        self.asked: list[str] = []
        self.busy = self.most = 0
        self._numbers = itertools.count(1)

    async def log_in(self, request: Request) -> Response:
        if request.method == "GET":
            return HTMLResponse(_FORM)
        email = str((await request.body()).partition(b"email=")[2].partition(b"%40")[0], "ascii")
        if email not in ("ann", "bob"):
            return HTMLResponse(_FORM)
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
        self.asked.append(f"{request.method} {request.url.path}")
        reply = JSONResponse(self._said(request), 401 if request.cookies.get("sessionid", "") in self.ended else 200)
        reply.set_cookie("leak", str(next(self._numbers)))
        return reply

    def _said(self, request: Request) -> dict[str, int]:
        if request.url.path == "/api/dm/actions":
            return {"id": TASK, "project": PROJECT}
        if request.method == "POST":
            return {"id": ANSWER}
        return {"project": PROJECT + (str(OTHERS_TASK) in request.url.path)}

    @asynccontextmanager
    async def running(self) -> AsyncIterator[str]:
        """Serve on loopback; yields the address."""
        routes = [
            Route("/user/login/", self.log_in, methods=["GET", "POST"]),
            Route("/{path:path}", self.say, methods=["GET", "POST", "PATCH"]),
        ]
        with socket.create_server(("127.0.0.1", 0)) as listener:
            config = uvicorn.Config(Starlette(routes=routes), log_level="warning", lifespan="off")
            server = uvicorn.Server(config)
            thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
            thread.start()
            try:
                yield f"http://127.0.0.1:{listener.getsockname()[1]}"
            finally:
                server.should_exit = True
                await asyncio.to_thread(thread.join)
