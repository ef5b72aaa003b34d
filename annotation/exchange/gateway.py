"""A door for open crowds: through it a person reaches the project of their own block, and nothing else.

A community server shows every project and every member to everyone who can log in. So nobody logs in: a person comes
with the id that their recruiting platform gives them, we hold the session with the server, and let through what the
labelling page needs of that one project. The server itself must be reachable from here only.
"""

import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote, urlencode

import httpx
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from annotation.exchange.assets import Assets
from annotation.exchange.links import ENTRANCE, Entrant, Links
from annotation.exchange.notices import notice
from annotation.exchange.sessions import READ, Sessions
from annotation.exchange.turns import CrowdedError, Turns
from annotation.pseudonyms import Account
from valueprism_build.errors import BuildError

COOKIE: Final = "participant"
MAX_BODY: Final = 1 << 20
"""Bytes of a request; an answer with a comment of 10 kB has some 15 kB."""

ADMITTED_AT_ONCE: Final = 3
"""What takes long of it is a hash of their password, on the server, outside of Python's lock."""
AGAIN_SECONDS: Final = 10
"""After which they knock again, by themselves."""
TOLD_SECONDS: Final = 60.0
"""For so long the same trouble is told once."""
_FORBIDDEN, _UNAVAILABLE = 403, 503
_TO_SERVER: Final = frozenset({"accept", "accept-language", "content-type"})
_TO_PERSON: Final = frozenset({"cache-control", "content-type", "etag", "last-modified"})
_QUERY: Final = frozenset({"project", "id", "page", "page_size", "include", "interaction", "expand", "labeling", "v"})
"""What goes on of a query. Not among it: the number of a view, which may be another project's."""
_CLAIMS: Final = frozenset({"completed_by", "updated_by", "task", "ground_truth"})
"""What a body may not say: whose answer it is, and to which task."""

_ASSETS: Final = re.compile(r"/(?:static|react-app|label-studio-frontend|dm)/[^?]*|/favicon\.ico|/api/version/?")
_WHOAMI: Final = "/api/current-user/whoami"
_MEMBERS: Final = "/api/users"
_DETOUR: Final = re.compile(r"\.\.|//|[%\\]")
"""A path that would be another one where it arrives."""
_OF_PROJECT: Final = re.compile(r"/(?:api/)?projects/(\d+)(?:/(?:data|next|label-stream-history))?/?")
_BY_QUERY: Final = re.compile(r"/api/(?:ml|label_links|tasks|dm/(?:columns|project|views|actions))/?")
_OF_TASK: Final = re.compile(r"(/api/tasks/\d+)(?:/(?:annotations|drafts))?/?")
_MADE: Final = re.compile(r"/api/(?:dm/actions|tasks/\d+/(annotations|drafts))/?")
"""What makes something or gives a task; what it is about may be asked for in replies to come."""
_OF_ANSWER: Final = re.compile(r"(/api/(?:annotations|drafts)/\d+)/?")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a person works: the project of their block, and the account that we use for them."""

    project_id: int
    email: str
    password: str = field(repr=False)


class NoPlaceError(BuildError):
    """There is no place for this person; its words are for them to read."""


class Gateway:
    """The door. Everything that is not let through answers 403."""

    def __init__(
        self,
        base_url: str,
        admin_token: str,
        admit: Callable[[Entrant], Place],
        links: Links,
        *,
        secure: bool = False,
        max_body: int = MAX_BODY,
        at_once: int = 8,
        writes_at_once: int = 1,
        wait_seconds: float = 10.0,
        on_trouble: Callable[[BuildError], None] = lambda _: None,
    ) -> None:
        """Prepare; nothing is asked yet.

        Args:
            base_url: of the server.
            admin_token: tells which project a task or an answer belongs to.
            admit: gives the place of a person, always the same one, or raises NoPlaceError; in a thread.
            links: tell who comes, and check what a browser has kept.
            secure: whether browsers are to send the cookie by TLS only.
            max_body: bytes of a request from which it is refused.
            at_once: requests that the server is to answer at the same time; the others wait.
            writes_at_once: of them, that change something.
            wait_seconds: for which somebody waits at the door, before they are told that many are there.
            on_trouble: is told why somebody could not be let in through no fault of theirs.
        """
        self._base_url = base_url.rstrip("/")
        self._sessions = Sessions(base_url, admin_token, at_once, writes_at_once)
        self._assets = Assets()
        self._admit = admit
        self._links = links
        self._secure = secure
        self._max_body = max_body
        self._on_trouble = on_trouble
        self._places: dict[Entrant, Place] = {}
        self._door = Turns(ADMITTED_AT_ONCE, wait_seconds)
        self._said, self._silent_until = "", 0.0
        self._projects: dict[str, int] = {}

    def application(self, *more: BaseRoute) -> Starlette:
        """Return what a web server runs: the door, and `more` that comes before it."""
        methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
        passing = Route("/{path:path}", self._pass_on, methods=methods)
        return Starlette(routes=[*more, Route(ENTRANCE, self._enter), passing])

    async def _enter(self, request: Request) -> Response:
        entrant = self._links.entrant(request.query_params)
        if entrant is None:
            return _refused("This link is not complete; open it as you were given it.")
        place = await self._place(entrant)
        if isinstance(place, Response):
            return place
        reply = RedirectResponse(f"/projects/{place.project_id}/data?labeling=1")
        # Lax: the first visit comes from elsewhere, and no other site may send an answer.
        reply.set_cookie(COOKIE, self._links.cookie(entrant), httponly=True, samesite="lax", secure=self._secure)
        return reply

    async def _pass_on(self, request: Request) -> Response:
        entrant = self._links.kept(request.cookies.get(COOKIE, ""))
        if entrant is None:
            return _refused("Come in by the link that you were given.")
        place = await self._place(entrant)
        if isinstance(place, Response):
            return place
        try:
            return await self._answered(request, place)
        except CrowdedError as error:
            return self._crowded(error)
        except (httpx.TransportError, BuildError) as error:
            return self._unavailable(BuildError(f"{self._base_url} does not serve a person: {error!r}"))

    async def _answered(self, request: Request, place: Place) -> Response:
        if not await self._permitted(request, place):
            return _refused("This is not part of your questionnaire.")
        body = await _body(request, place, self._max_body)
        if body is None:
            return _refused("This answer is too long.")
        path = _WHOAMI if request.url.path.rstrip("/") == _MEMBERS else request.url.path
        reply = await self._reply(place, request, path, body)
        content = b"[%s]" % reply.content if path != request.url.path else reply.content
        headers = {name: value for name, value in reply.headers.items() if name in _TO_PERSON}
        return Response(content, reply.status_code, headers)

    async def _place(self, entrant: Entrant) -> Place | Response:
        """Return where the person works, or what they are told who cannot be let in."""
        if entrant not in self._places:
            try:
                async with self._door.one():
                    self._places[entrant] = await run_in_threadpool(self._admit, entrant)
            except NoPlaceError as error:
                return _refused(str(error))
            except CrowdedError as error:
                return self._crowded(error)
            except BuildError as error:
                return self._unavailable(error)
        return self._places[entrant]

    def _unavailable(self, error: BuildError) -> Response:
        return self._later(error, "This does not work just now. This page tries again by itself.")

    def _crowded(self, error: CrowdedError) -> Response:
        return self._later(error, "Many people are here just now. This page tries again by itself.")

    def _later(self, error: BuildError, words: str) -> Response:
        """Ask to come again, and tell us why: not each time, for everybody comes again and again."""
        said, now = str(error), time.monotonic()
        if said != self._said or now >= self._silent_until:
            self._said, self._silent_until = said, now + TOLD_SECONDS
            self._on_trouble(error)
        return notice(words, _UNAVAILABLE, AGAIN_SECONDS)

    async def _reply(self, place: Place, request: Request, path: str, body: bytes) -> httpx.Response:
        query = {name: value for name, value in request.query_params.items() if name in _QUERY}
        headers = {name: value for name, value in request.headers.items() if name in _TO_SERVER}
        who = Account(place.email, place.password)

        async def ask() -> httpx.Response:
            return await self._sessions.ask(who, request.method, path, query=query, headers=headers, body=body)

        if request.method == "GET" and _ASSETS.fullmatch(path):
            return await self._assets.get(f"{path}?{urlencode(query)}", ask)
        reply = await ask()
        if request.method == "POST" and reply.is_success and (made := _MADE.fullmatch(path)):
            # A page of the person's own, or what they say of one: nobody has to ask whose it is.
            self._projects[f"/api/{made[1] or 'tasks'}/{reply.json()['id']}"] = place.project_id
        return reply

    async def _permitted(self, request: Request, place: Place) -> bool:
        path, own, reading = unquote(request.url.path), str(place.project_id), request.method in READ
        named = request.query_params.getlist("project")
        if any(project != own for project in named) or _DETOUR.search(path):
            return False
        if _ASSETS.fullmatch(path) or path.rstrip("/") in (_WHOAMI, _MEMBERS):
            return reading
        if of_project := _OF_PROJECT.fullmatch(path):
            return reading and of_project[1] == own
        if _BY_QUERY.fullmatch(path):
            return bool(named) and (reading or _may_post(path, request.query_params.get("id", "")))
        if found := _OF_TASK.fullmatch(path) or _OF_ANSWER.fullmatch(path):
            return await self._project(found[1]) == place.project_id
        return False

    async def _project(self, path: str) -> int | None:
        """Return the project that a task, an annotation or a draft belongs to; it never changes."""
        if path not in self._projects:
            reply = await self._sessions.ask_as_admin(f"{path}/")
            stored = reply.json() if reply.is_success else {}
            if "project" in stored:
                self._projects[path] = int(stored["project"])
            elif "task" in stored:
                return await self._project(f"/api/tasks/{stored['task']}")
        return self._projects.get(path)


def _may_post(path: str, action: str) -> bool:
    """Return whether the page may ask this of the project: to make itself a view, or for the next task."""
    return path.endswith("/views") or (path.endswith("/actions") and action == "next_task")


async def _body(request: Request, place: Place, max_body: int) -> bytes | None:
    """Return the body with the project made the person's own and no claim of whose answer it is; None if too long."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > max_body:
            return None
    try:
        stated = json.loads(bytes(body)) if body else None
    except (ValueError, RecursionError):
        return bytes(body)  # the server will refuse it
    if not isinstance(stated, dict):
        return bytes(body)
    own = {"project": place.project_id} if "project" in stated else {}
    return json.dumps({name: value for name, value in stated.items() if name not in _CLAIMS} | own).encode()


def _refused(words: str) -> Response:
    return notice(words, _FORBIDDEN)
