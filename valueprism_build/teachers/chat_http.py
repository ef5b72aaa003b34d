"""One POST to a chat endpoint, with nothing left open-ended: time, size, connections. The one module with aiohttp."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import aiohttp

MAX_BODY: Final = 32 * 2**20  # bytes; a hundred times the longest reply of any model
_USER_AGENT: Final = "valueprism-build"


@dataclass(frozen=True, slots=True)
class HttpReply:
    """A reply that arrived whole, whatever its status.

    Attributes:
        headers: names in any case.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes


class UnreachableError(Exception):
    """There is no connection: nothing was sent."""


class NoReplyError(Exception):
    """No whole reply: the message says how it ended. The request may have been answered, and paid for."""


class ChatHttp:
    """A bounded pool of connections to one endpoint. Connections are made as they are needed, in one event loop.

    It reads no environment (no proxy, no .netrc), keeps no cookies and follows no redirect: the key goes to the base
    URL and nowhere else. The library's errors stop here, since they hold the request, and so the key.
    """

    def __init__(self, base_url: str, api_key: str, *, timeout: float, connections: int) -> None:
        """Prepare; nothing is opened yet.

        Args:
            base_url: the endpoint up to and including "/v1".
            api_key: empty for servers that want none.
            timeout: seconds for a whole try, from waiting for a connection to the last byte of the reply.
            connections: most open at once.
        """
        self._url = f"{base_url.rstrip('/')}/chat/completions"
        self._headers = {"Accept": "application/json", "Content-Type": "application/json", "User-Agent": _USER_AGENT}
        if api_key:
            self._headers["Authorization"] = f"Bearer {api_key}"
        self._timeout = aiohttp.ClientTimeout(total=timeout)
        self._connections = connections
        self._session: aiohttp.ClientSession | None = None

    async def post(self, body: bytes) -> HttpReply:
        """Send once and return the whole reply.

        Args:
            body: JSON.

        Raises:
            UnreachableError: the connection was refused, its other end speaks no TLS, or the name is unknown.
            NoReplyError: the time is up, the connection broke, or the reply is longer than `MAX_BODY` or malformed.
        """
        try:
            async with self._opened().post(self._url, data=body, allow_redirects=False) as reply:
                return HttpReply(reply.status, reply.headers, await _whole(reply))
        except aiohttp.ClientConnectorError as error:
            raise UnreachableError(error.os_error.strerror or type(error.os_error).__name__) from None
        except TimeoutError:
            raise NoReplyError(f"did not answer within {self._timeout.total:g} s") from None
        except (aiohttp.ClientError, OSError):
            raise NoReplyError("broke the connection") from None

    async def aclose(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None
            # Streams under TLS say goodbye in the next turn of the loop.
            await asyncio.sleep(0)

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._connections),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers=self._headers,
                timeout=self._timeout,
            )
        return self._session


async def _whole(reply: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for part in reply.content.iter_any():
        body += part
        if len(body) > MAX_BODY:
            raise NoReplyError(f"sent more than {MAX_BODY} bytes")
    return bytes(body)
