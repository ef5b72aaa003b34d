"""A door for open crowds: through it a person reaches the project of their own block, and nothing else.

A community server shows every project and every member to everyone who can log in. So nobody logs in: a person comes
with the id that their recruiting platform gives them, we hold the session with the server, and let through what the
labelling page needs of that one project. The server itself must be reachable from here only.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType
from typing import Final, TypeAlias
from urllib.parse import unquote

import httpx
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from annotation.exchange.accounts import log_in
from annotation.exchange.admin_token import AdminToken
from annotation.exchange.links import ENTRANCE, Entrant, Links
from annotation.exchange.notices import notice, thanks, unfinished
from annotation.exchange.person_replies import DONE, MEMBERS, SCRIPT, SCRIPT_TEXT, WHOAMI, asked_instead, shown
from annotation.exchange.person_requests import body_of, headers_of, query_of
from valueprism_build.errors import BuildError

COOKIE: Final = "participant"
MAX_BODY: Final = 1 << 20
"""Bytes of a request; an answer with a comment of 10 kB has some 15 kB."""

TIMEOUT: Final = 60.0
_FORBIDDEN, _UNAVAILABLE = 403, 503
_LOGGED_OUT: Final = frozenset({302, 401})
_READ: Final = frozenset({"GET", "HEAD"})
_TO_PERSON: Final = frozenset({"cache-control", "content-type", "etag", "last-modified"})

_ASSETS: Final = re.compile(r"/(?:static|react-app|label-studio-frontend|dm)/[^?]*|/favicon\.ico|/api/version/?")
_DETOUR: Final = re.compile(r"\.\.|//|[%\\]")
"""A path that would be another one where it arrives."""
_OF_PROJECT: Final = re.compile(r"/(?:api/)?projects/(\d+)(?:/(?:data|next|label-stream-history))?/?")
_BY_QUERY: Final = re.compile(r"/api/(?:ml|label_links|tasks|dm/(?:columns|project|views|actions))/?")
_OF_TASK: Final = re.compile(r"(/api/tasks/\d+)(?:/(?:annotations|drafts))?/?")
_OF_ANSWER: Final = re.compile(r"(/api/(?:annotations|drafts)/\d+)/?")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a person works: the project of their block, and the account that we use for them.

    Attributes:
        completion_url: where they go who have answered everything; empty for nowhere.
    """

    project_id: int
    email: str
    password: str = field(repr=False)
    completion_url: str = field(repr=False, default="")

    @property
    def address(self) -> str:
        """Return where their labelling page is."""
        return f"/projects/{self.project_id}/data?labeling=1"


Serve: TypeAlias = Callable[[Request, Place, httpx.AsyncClient], Awaitable[Response]]
"""Answers a request of somebody who is in, with a connection to the server."""


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
        title: str = "Questionnaire",
        secure: bool = False,
        max_body: int = MAX_BODY,
        on_trouble: Callable[[BuildError], None] = lambda _: None,
    ) -> None:
        """Prepare; nothing is asked yet.

        Args:
            base_url: of the server.
            admin_token: tells which project a task or an answer belongs to.
            admit: gives the place of a person, always the same one, or raises NoPlaceError; in a thread.
            links: tell who comes, and check what a browser has kept.
            title: is shown to people in place of their project's, which is ours.
            secure: whether browsers are to send the cookie by TLS only.
            max_body: bytes of a request from which it is refused.
            on_trouble: is told why somebody could not be let in through no fault of theirs.
        """
        self._base_url = base_url.rstrip("/")
        self._admin = AdminToken(base_url, admin_token)
        self._admit = admit
        self._links = links
        self._title = title
        self._secure = secure
        self._max_body = max_body
        self._on_trouble = on_trouble
        self._places: dict[Entrant, Place] = {}
        self._sessions: dict[str, dict[str, str]] = {}
        self._projects: dict[str, int] = {}

    def application(self, *more: BaseRoute) -> Starlette:
        """Return what a web server runs: the door, and `more` that comes before it."""
        methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
        own = [
            Route(ENTRANCE, self._enter),
            Route(DONE, partial(self._served, self._finished)),
            Route(SCRIPT, _script),
            Route("/{path:path}", partial(self._served, self._answered), methods=methods),
        ]
        return Starlette(routes=[*more, *own])

    async def _enter(self, request: Request) -> Response:
        entrant = self._links.entrant(request.query_params)
        if entrant is None:
            return _refused("This link is not complete; open it as you were given it.")
        place = await self._place(entrant)
        if isinstance(place, Response):
            return place
        reply = RedirectResponse(place.address)
        # Lax: the first visit comes from elsewhere, and no other site may send an answer.
        reply.set_cookie(COOKIE, self._links.cookie(entrant), httponly=True, samesite="lax", secure=self._secure)
        return reply

    async def _served(self, serve: Serve, request: Request) -> Response:
        entrant = self._links.kept(request.cookies.get(COOKIE, ""))
        if entrant is None:
            return _refused("Come in by the link that you were given.")
        place = await self._place(entrant)
        if isinstance(place, Response):
            return place
        try:
            async with httpx.AsyncClient(base_url=self._base_url, timeout=TIMEOUT) as server:
                return await serve(request, place, server)
        except (httpx.TransportError, BuildError) as error:
            return self._unavailable(BuildError(f"{self._base_url} does not serve a person: {error!r}"))

    async def _answered(self, request: Request, place: Place, server: httpx.AsyncClient) -> Response:
        if not await self._permitted(request, place, server):
            return _refused("This is not part of your questionnaire.")
        body = await body_of(request, place.project_id, self._max_body)
        if body is None:
            return _refused("This answer is too long.")
        path = request.url.path
        asked = asked_instead(path)
        reply = await self._sent(server, place, request.method, asked, query_of(request), headers_of(request), body)
        kept = {name: value for name, value in reply.headers.items() if name in _TO_PERSON}
        return Response(shown(path, reply, self._title), reply.status_code, kept)

    async def _finished(self, _: Request, place: Place, server: httpx.AsyncClient) -> Response:
        """Say whether the person has answered everything; the server is asked, for anybody may come here at any time.

        What it would give them next does not tell: a task that was skipped does not come again.
        """
        counts = {"include": "task_number,num_tasks_with_annotations"}
        reply = await self._sent(server, place, "GET", f"/api/projects/{place.project_id}/", counts)
        if not reply.is_success:
            raise BuildError(f"it does not tell how far project {place.project_id} is ({reply.status_code})")
        stated = reply.json()
        pages, left = stated["task_number"], stated["task_number"] - stated["num_tasks_with_annotations"]
        return unfinished(left, pages, place.address) if left or not pages else thanks(place.completion_url)

    async def _place(self, entrant: Entrant) -> Place | Response:
        """Return where the person works, or what they are told who cannot be let in."""
        if entrant not in self._places:
            try:
                self._places[entrant] = await run_in_threadpool(self._admit, entrant)
            except NoPlaceError as error:
                return _refused(str(error))
            except BuildError as error:
                return self._unavailable(error)
        return self._places[entrant]

    def _unavailable(self, error: BuildError) -> Response:
        self._on_trouble(error)
        return notice("This does not work just now. Please try again in a few minutes.", _UNAVAILABLE)

    async def _sent(
        self,
        server: httpx.AsyncClient,
        place: Place,
        method: str,
        path: str,
        query: Mapping[str, str],
        headers: Mapping[str, str] = MappingProxyType({}),
        body: bytes = b"",
    ) -> httpx.Response:
        """Ask the server in the person's session; one that has ended is begun anew, once."""
        for again in (False, True):
            if again or place.email not in self._sessions:
                self._sessions[place.email] = await run_in_threadpool(
                    log_in, self._base_url, place.email, place.password
                )
            cookies = "; ".join(f"{name}={value}" for name, value in self._sessions[place.email].items())
            reply = await server.request(
                method, path, params=query, headers={**headers, "Cookie": cookies}, content=body
            )
            if reply.status_code not in _LOGGED_OUT:
                break
        return reply

    async def _permitted(self, request: Request, place: Place, server: httpx.AsyncClient) -> bool:
        path, own, reading = unquote(request.url.path), str(place.project_id), request.method in _READ
        named = request.query_params.getlist("project")
        if any(project != own for project in named) or _DETOUR.search(path):
            return False
        if _ASSETS.fullmatch(path) or path.rstrip("/") in (WHOAMI, MEMBERS):
            return reading
        if of_project := _OF_PROJECT.fullmatch(path):
            return reading and of_project[1] == own
        if _BY_QUERY.fullmatch(path):
            return bool(named) and (reading or _may_post(path, request.query_params.get("id", "")))
        if found := _OF_TASK.fullmatch(path) or _OF_ANSWER.fullmatch(path):
            return await self._project(found[1], server) == place.project_id
        return False

    async def _project(self, path: str, server: httpx.AsyncClient) -> int | None:
        """Return the project that a task, an annotation or a draft belongs to; it never changes."""
        if path not in self._projects:
            reply = await server.get(f"{path}/", auth=self._admin)
            stored = reply.json() if reply.is_success else {}
            if "project" in stored:
                self._projects[path] = int(stored["project"])
            elif "task" in stored:
                return await self._project(f"/api/tasks/{stored['task']}", server)
        return self._projects.get(path)


def _may_post(path: str, action: str) -> bool:
    """Return whether the page may ask this of the project: to make itself a view, or for the next task."""
    return path.endswith("/views") or (path.endswith("/actions") and action == "next_task")


async def _script(_: Request) -> Response:
    return Response(SCRIPT_TEXT, media_type="text/javascript")


def _refused(words: str) -> Response:
    return notice(words, _FORBIDDEN)
