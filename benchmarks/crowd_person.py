"""Somebody of a crowd at the labelling page: asks what the page asks in a browser, and answers what it is shown."""

import asyncio
import json
import re
import time
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final

import httpx

SUBMIT: Final = "submit"
NEXT_TASK: Final = "next_task"
ASSET: Final = "asset"
OTHER: Final = "other"
TIMEOUT: Final = 120.0
"""Seconds; longer than anybody looks at a page that does nothing."""
TRIES: Final = 3
"""Clicks on a button that fails, before somebody leaves."""
BUILT_OF: Final = (
    *(f"/static/fonts/Figtree-{weight}.ttf" for weight in ("Regular", "SemiBold")),
    *(f"/react-app/{name}.css" for name in ("main", "167", "358", "855")),
    *(f"/react-app/{name}.js" for name in ("runtime", "vendor", "main", "99", "167", "288", "358", "594", "855")),
    "/static/js/jquery.min.e6c2415c0ace.js",
    "/static/images/favicon.8992b8aa4126.ico",
)
"""Scripts and styles of the page: 8 MB in Label Studio 1.23.2, as seen in Chromium; likewise what follows."""
LOADED: Final = (
    "/api/version",
    "/api/projects/{project}",
    "/api/current-user/whoami",
    "/api/ml?project={project}",
    "/api/dm/columns?project={project}",
    "/api/users?project={project}",
    "/api/current-user/whoami",
    "/api/dm/views?project={project}",
    "/api/dm/project?project={project}",
    "/api/tasks?page=1&page_size=30&project={project}",
    "/api/projects/{project}/label-stream-history?project={project}",
)
SHOWN: Final = "/api/label_links?project={project}&expand=label"
"""What is asked for with each task."""
TIMER: Final = "/api/dm/project?interaction=timer&include=task_count,annotation_count,queue_total&project={project}"
"""What is asked for every now and then while somebody thinks."""
DRAFT_SECONDS: Final = 5.0
"""Who thinks for longer has a draft saved."""
_PROJECT: Final = re.compile(r"/projects/(\d+)/")
_BUSY: Final = 503
_NOT_FOUND: Final = 404


class _LeftError(Exception):
    """Somebody has met a failure again and again, and left."""


@dataclass
class Watch:
    """What a crowd has met.

    Attributes:
        seconds: of each request, by what it is for.
        first_words: seconds from the click on the link to the first reply, which may be to come again.
        entering: seconds from the click to the first page of the questionnaire.
        sent_away: how often somebody was asked to come again in a moment, and did.
        failures: what was answered otherwise than it should.
        given: who answered a page, by its uid; two where it was shown twice.
    """

    seconds: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    first_words: list[float] = field(default_factory=list)
    entering: list[float] = field(default_factory=list)
    sent_away: int = 0
    failures: list[str] = field(default_factory=list)
    given: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))


class Visitor:
    """One person with a browser of their own."""

    def __init__(
        self, name: str, client: httpx.AsyncClient, said: Mapping[str, str], think: float, watch: Watch
    ) -> None:
        """Prepare.

        Args:
            name: theirs.
            client: holds their cookies, and follows redirects.
            said: what is answered on each page of the campaign, by uid, as a result in JSON.
            think: seconds that they look at a page.
            watch: takes down what they meet.
        """
        self._name = name
        self._client = client
        self._said = said
        self._think = think
        self._watch = watch

    async def visit(self, link: str) -> None:
        """Come in by the link and answer everything."""
        started = time.perf_counter()
        try:
            page = await self._come_in(link, started)
            project, self._base = _PROJECT.findall(page.url.path)[0], page.url
            await self._load(project)
            task = await self._next_task(project)
            self._watch.entering.append(time.perf_counter() - started)
            while task is not None:
                await asyncio.sleep(self._think)
                await self._answer(project, task)
                task = await self._next_task(project)
        except _LeftError as error:
            self._watch.failures.append(f"{self._name} has left: {error}")

    async def _come_in(self, link: str, started: float) -> httpx.Response:
        """Return the page; who is asked to come again in a moment does, as their browser would."""
        first = True
        while True:
            try:
                page = await self._client.get(link)
            except httpx.TransportError as error:
                raise _LeftError(f"{error!r} at the door") from error
            if first:
                self._watch.first_words.append(time.perf_counter() - started)
                first = False
            if page.status_code != _BUSY or "retry-after" not in page.headers:
                break
            self._watch.sent_away += 1
            await asyncio.sleep(float(page.headers["retry-after"]))
        if not page.is_success:
            raise _LeftError(f"{page.status_code} at the door: {page.text[-200:]!r}")
        return page

    async def _load(self, project: str) -> None:
        await asyncio.gather(*(self._asked(ASSET, "GET", path) for path in BUILT_OF))
        for path in LOADED:
            await self._asked(OTHER, "GET", path.format(project=project))

    async def _next_task(self, project: str) -> tuple[int, str] | None:
        """Return id and uid of the page to show, or None when there is no more."""
        path = f"/api/dm/actions?id=next_task&project={project}"
        reply = await self._asked(NEXT_TASK, "POST", path, {"project": project}, fine=(200, 404))
        if reply.status_code == _NOT_FOUND:
            return None
        await self._asked(OTHER, "GET", SHOWN.format(project=project))
        task = reply.json()
        return task["id"], task["data"]["uid"]

    async def _answer(self, project: str, task: tuple[int, str]) -> None:
        id_, uid = task
        body = {"result": json.loads(self._said[uid]), "lead_time": self._think, "project": project}
        if self._think >= DRAFT_SECONDS:
            await self._asked(OTHER, "GET", TIMER.format(project=project))
            await self._asked(OTHER, "POST", f"/api/tasks/{id_}/drafts?project={project}", body, fine=(201,))
        await self._asked(SUBMIT, "POST", f"/api/tasks/{id_}/annotations?project={project}", body, fine=(201,))
        self._watch.given[uid].append(self._name)

    async def _asked(
        self, kind: str, method: str, path: str, body: object = None, *, fine: Collection[int] = (200,)
    ) -> httpx.Response:
        """Ask, and ask again where it failed, as somebody clicks again."""
        for _ in range(TRIES):
            started = time.perf_counter()
            try:
                reply = await self._client.request(method, self._base.join(path), json=body)
                said = f"{reply.status_code} {reply.text[:200]!r}"
            except httpx.TransportError as error:
                reply, said = None, repr(error)
            self._watch.seconds[kind].append(time.perf_counter() - started)
            if reply is not None and reply.status_code in fine:
                return reply
            self._watch.failures.append(f"{self._name} {method} {path}: {said}")
        raise _LeftError(f"{path} failed {TRIES} times")
