"""A door for open crowds: through it a person reaches the project of their own block, and nothing else.

A community server shows every project and every member to everyone who can log in. So nobody logs in: a person comes
with the id that their recruiting platform gives them, we hold the session with the server, and let through what the
labelling page needs of that one project. The server itself must be reachable from here only.
"""

import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Final, TypeAlias

import httpx
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from annotation.exchange.assets import Assets
from annotation.exchange.links import ENTRANCE, Entrant, Links
from annotation.exchange.notices import notice, thanks, unfinished
from annotation.exchange.person_replies import DONE, SCRIPT, SCRIPT_TEXT, asked_instead, shown
from annotation.exchange.person_requests import body_of, headers_of, is_asset, permitted, query_of
from annotation.exchange.server import ServerRefusedError
from annotation.exchange.sessions import Sessions
from annotation.exchange.turns import CrowdedError, Turns, TurnsForEach
from annotation.pseudonyms import Account
from valueprism_build.errors import BuildError

COOKIE: Final = "participant"
MAX_BODY: Final = 1 << 20
"""Bytes of a request; an answer with a comment of 10 kB has some 15 kB."""

ADMITTED_AT_ONCE: Final = 3
"""What takes long of it is a hash of their password, on the server, outside of Python's lock."""
OF_ONE_AT_ONCE: Final = 6
"""Requests of one person, as many as a browser makes; the others wait before they are read, and in nobody's way."""
AGAIN_SECONDS: Final = 10
"""After which they knock again, by themselves."""
TOLD_SECONDS: Final = 60.0
"""For so long the same trouble is told once."""
_FORBIDDEN, _UNAVAILABLE = 403, 503
_TO_PERSON: Final = frozenset({"cache-control", "content-type", "etag", "last-modified"})

_MADE: Final = re.compile(r"/api/(?:dm/actions|tasks/\d+/(annotations|drafts))/?")
"""What makes something or gives a task; what it is about may be asked for in replies to come."""


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

    @property
    def account(self) -> Account:
        """Return what the server knows them by."""
        return Account(self.email, self.password)


Serve: TypeAlias = Callable[[Request, Place], Awaitable[Response]]
"""Answers a request of somebody who is in."""


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
            title: is shown to people in place of their project's, which is ours.
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
        self._title = title
        self._secure = secure
        self._max_body = max_body
        self._on_trouble = on_trouble
        self._places: dict[Entrant, Place] = {}
        self._door = Turns(ADMITTED_AT_ONCE, wait_seconds)
        self._of_each = TurnsForEach(OF_ONE_AT_ONCE)
        self._said, self._silent_until = "", 0.0
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
            async with self._of_each.one(place.email):
                return await serve(request, place)
        except CrowdedError as error:
            return self._crowded(error)
        except ServerRefusedError as error:
            self._places.pop(entrant, None)  # it may have been taken from them; the next time it is asked for anew
            return self._unavailable(error)
        except (httpx.TransportError, BuildError) as error:
            return self._unavailable(BuildError(f"{self._base_url} does not serve a person: {error!r}"))

    async def _answered(self, request: Request, place: Place) -> Response:
        if not await self._permitted(request, place):
            return _refused("This is not part of your questionnaire.")
        body = await body_of(request, place.project_id, self._max_body)
        if body is None:
            return _refused("This is no answer, or one that is too long.")
        reply = await self._reply(request, place, body)
        kept = {name: value for name, value in reply.headers.items() if name in _TO_PERSON}
        return Response(shown(request.url.path, reply, self._title), reply.status_code, kept)

    async def _finished(self, _: Request, place: Place) -> Response:
        """Say whether the person has answered everything; the server is asked, for anybody may come here at any time.

        What it would give them next does not tell: a task that was skipped does not come again.
        """
        path, counts = f"/api/projects/{place.project_id}/", {"include": "task_number,num_tasks_with_annotations"}
        reply = await self._sessions.ask(place.account, "GET", path, query=counts)
        if not reply.is_success:
            raise BuildError(f"it does not tell how far project {place.project_id} is ({reply.status_code})")
        stated = reply.json()
        pages, left = stated["task_number"], stated["task_number"] - stated["num_tasks_with_annotations"]
        return unfinished(left, pages, place.address) if left or not pages else thanks(place.completion_url)

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

    async def _reply(self, request: Request, place: Place, body: bytes) -> httpx.Response:
        path, query, headers = asked_instead(request.url.path), query_of(request), headers_of(request)

        async def ask() -> httpx.Response:
            return await self._sessions.ask(
                place.account, request.method, path, query=query, headers=headers, body=body
            )

        if request.method == "GET" and is_asset(path):
            return await self._assets.get(path, ask)
        reply = await ask()
        if request.method == "POST" and reply.is_success and (made := _MADE.fullmatch(path)):
            # A page of the person's own, or what they say of one: nobody has to ask whose it is.
            self._projects[f"/api/{made[1] or 'tasks'}/{reply.json()['id']}"] = place.project_id
        return reply

    async def _permitted(self, request: Request, place: Place) -> bool:
        found = permitted(request, place.project_id)
        return await self._project(found) == place.project_id if isinstance(found, str) else found

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


async def _script(_: Request) -> Response:
    return Response(SCRIPT_TEXT, media_type="text/javascript")


def _refused(words: str) -> Response:
    return notice(words, _FORBIDDEN)
