"""The administrator's token as plain requests carry it; the SDK has its own way.

A personal access token is a refresh token: by itself it is refused, and it is exchanged for one that lasts minutes. A
legacy token, where the organisation allows it, goes as it is.
"""

from collections.abc import Generator
from typing import Final

import httpx

from annotation.exchange.server import ServerBusyError, ServerRefusedError

_UNAUTHORIZED: Final = 401


class AdminToken(httpx.Auth):
    """For the connections of one thread, or of one loop."""

    requires_response_body = True

    def __init__(self, base_url: str, token: str) -> None:
        """Prepare; nothing is asked yet.

        Args:
            base_url: of the server.
            token: a personal access token, which is a JWT, or a legacy token, which holds no dot.
        """
        self._exchange = f"{base_url.rstrip('/')}/api/token/refresh/"
        self._token = token
        self._header = "" if "." in token else f"Token {token}"

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Put the token into the request; one that has run out is exchanged anew, once."""
        if not self._header:
            yield from self._renew()
        request.headers["Authorization"] = self._header
        reply = yield request
        if reply.status_code == _UNAUTHORIZED and "." in self._token:
            yield from self._renew()
            request.headers["Authorization"] = self._header
            yield request

    def _renew(self) -> Generator[httpx.Request, httpx.Response, None]:
        reply = yield httpx.Request("POST", self._exchange, json={"refresh": self._token})
        if reply.is_server_error:
            raise ServerBusyError(f"{self._exchange} says {reply.status_code}; try again later")
        if not reply.is_success:
            raise ServerRefusedError(
                f"{self._exchange} does not take the token ({reply.status_code}); take a personal access token from "
                "Account & Settings, whole and not expired"
            )
        self._header = f"Bearer {reply.json()['access']}"
