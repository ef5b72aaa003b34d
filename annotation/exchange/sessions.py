"""Requests to the server in the sessions of people, which we hold: so many at once, and no session is begun twice.

The server is one process, of Python, and often with SQLite. What comes beyond a few requests at a time makes each of
them slower. Of two that write at once one finds the database locked, and the server tries it again after 1 s, 1.5 s,
2.3 s and so on: answers took a minute. So requests wait here, first come, first served.
"""

from collections.abc import Mapping
from contextlib import nullcontext
from http.cookiejar import CookieJar, DefaultCookiePolicy
from types import MappingProxyType
from typing import Final

import httpx
from starlette.concurrency import run_in_threadpool

from annotation.exchange.accounts import log_in
from annotation.exchange.admin_token import AdminToken
from annotation.exchange.turns import CrowdedError, Turns, TurnsForEach
from annotation.pseudonyms import Account

TIMEOUT: Final = 60.0
"""Seconds for one request, from when it is sent."""
WAIT: Final = 30.0
"""Seconds that a request waits for its turn, at most."""
LOGINS_AT_ONCE: Final = 3
"""The server hashes a password for a third of a second of a processor, outside of Python's lock."""
KEPT_UNDER_TLS: Final = 20
READ: Final = frozenset({"GET", "HEAD"})
_LOGGED_OUT: Final = frozenset({302, 401})


class Sessions:
    """For one event loop.

    Over plain HTTP a connection serves one request, as in `LabelStudioServer`: kept ones were no faster here, and one
    that the server closes just then would lose an answer.
    """

    def __init__(self, base_url: str, admin_token: str, at_once: int, writes_at_once: int) -> None:
        """Prepare; nothing is asked yet.

        Args:
            base_url: of the server.
            admin_token: for what is asked in nobody's session.
            at_once: requests that the server is to answer at the same time.
            writes_at_once: of them, that change something.
        """
        self._base_url = base_url.rstrip("/")
        self._admin = AdminToken(base_url, admin_token)
        self._begun: dict[str, Mapping[str, str]] = {}
        self._logins, self._of_each = Turns(LOGINS_AT_ONCE, WAIT), TurnsForEach()
        self._writes = Turns(writes_at_once, WAIT)
        # One client for all, for making one reads the certificates of all authorities: 40 ms of a processor. It keeps
        # no cookie: one person's would go with the next one's request.
        kept = KEPT_UNDER_TLS if self._base_url.startswith("https:") else 0
        self._server = httpx.AsyncClient(
            base_url=self._base_url,
            timeout=httpx.Timeout(TIMEOUT, pool=WAIT),
            limits=httpx.Limits(max_connections=at_once, max_keepalive_connections=kept),
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        )

    async def ask(
        self,
        who: Account,
        method: str,
        path: str,
        *,
        query: Mapping[str, str],
        headers: Mapping[str, str] = MappingProxyType({}),
        body: bytes = b"",
    ) -> httpx.Response:
        """Ask the server in the person's session; one that has ended is begun anew, once.

        Raises:
            CrowdedError: too many others wait.
            ServerBusyError: likewise `ServerRefusedError`, as of `log_in`.
            httpx.TransportError: the server does not answer.
        """
        session = self._begun.get(who.email)
        for again in (False, True):
            if again or session is None:
                session = await self._begin(who, session)
            cookies = "; ".join(f"{name}={value}" for name, value in session.items())
            request = self._server.build_request(
                method, path, params=query, headers={**headers, "Cookie": cookies}, content=body
            )
            async with nullcontext() if method in READ else self._writes.one():
                reply = await self._sent(request)
            if reply.status_code not in _LOGGED_OUT:
                break
        return reply

    async def ask_as_admin(self, path: str) -> httpx.Response:
        """Read something that is nobody's; raises as `ask`."""
        return await self._sent(self._server.build_request("GET", path), self._admin)

    async def _sent(self, request: httpx.Request, auth: httpx.Auth | None = None) -> httpx.Response:
        try:
            return await self._server.send(request, auth=auth)
        except httpx.PoolTimeout as error:
            raise CrowdedError(f"a request has waited {WAIT:g} s for its turn at {self._base_url}") from error

    async def _begin(self, who: Account, ended: Mapping[str, str] | None) -> Mapping[str, str]:
        """Return a session other than the one that has ended; whoever waited may find that another began it."""
        async with self._of_each.one(who.email):
            if self._begun.get(who.email) == ended:
                async with self._logins.one():
                    self._begun[who.email] = await run_in_threadpool(log_in, self._base_url, who.email, who.password)
            return self._begun[who.email]
