"""One POST to a chat endpoint, with nothing left open-ended: time, size, connections.

A pool of our own on asyncio and httptools, because the client is the largest part of what a request costs;
`python -m benchmarks.teacher` measures it.
"""

import asyncio
import math
import socket
import ssl
from collections.abc import Sequence
from typing import Final
from urllib.parse import quote, urlsplit

import aiohappyeyeballs

from valueprism_build.teachers.http_connection import Connection, HttpReply, NoReplyError

_USER_AGENT: Final = "valueprism-build"
# The server behind vLLM (uvicorn) closes an unused connection after 5 seconds. Who sends in that moment has a failure
# of which nobody knows whether it was paid for.
KEPT_SECONDS: Final = 4.0
RESOLVED_SECONDS: Final = 10.0  # how long the addresses of a name are used
SECOND_ADDRESS_SECONDS: Final = 0.25  # before another address is tried beside the first (RFC 8305, section 5)


class UnreachableError(Exception):
    """There is no connection: nothing was sent."""


class NotSentError(Exception):
    """The time was up before there was a connection: nothing was sent, and the next try may come through."""


class ChatHttp:
    """A bounded pool of connections to one endpoint. Connections are made as they are needed, in one event loop.

    It heeds no proxy and no .netrc, keeps no cookies and follows no redirect: the key goes to the base URL and nowhere
    else. None of its errors holds the request, and so the key.
    """

    def __init__(
        self, base_url: str, api_key: str, *, timeout: float, connections: int, kept_seconds: float = KEPT_SECONDS
    ) -> None:
        """Prepare; nothing is opened yet.

        Args:
            base_url: the endpoint up to and including "/v1".
            api_key: empty for servers that want none.
            timeout: seconds for a whole try, from waiting for a connection to the last byte of the reply.
            connections: most open at once.
            kept_seconds: how long an unused one is kept.
        """
        url = urlsplit(base_url)
        self._host = url.hostname or ""
        self._tls = _tls() if url.scheme == "https" else None
        self._port = url.port or (443 if self._tls else 80)
        self._head = request_head(base_url, api_key)
        self._timeout = timeout
        self._room = asyncio.Semaphore(connections)
        self._kept_seconds = kept_seconds
        self._idle: list[tuple[Connection, float]] = []  # with the time since which
        self._finding = asyncio.Lock()
        self._found: Sequence[aiohappyeyeballs.AddrInfoType] = ()
        self._found_at = -math.inf

    async def post(self, body: bytes) -> HttpReply:
        """Send once and return the whole reply.

        Args:
            body: JSON.

        Raises:
            UnreachableError: the connection was refused, its other end speaks no TLS, or the name is unknown.
            NotSentError: there was no connection in time.
            NoReplyError: the time is up, the connection broke, or the reply is longer than `MAX_BODY` or malformed.
        """
        request, sent = b"%b%d\r\n\r\n%b" % (self._head, len(body), body), False
        try:
            async with asyncio.timeout(self._timeout), self._room:
                connection = self._kept() or await self._connected()
                sent = True
                reply = await connection.exchange(request)
                if connection.is_open:
                    self._idle.append((connection, asyncio.get_running_loop().time()))
                return reply
        except TimeoutError:
            if not sent:
                raise NotSentError(f"made no connection within {self._timeout:g} s") from None
            raise NoReplyError(f"did not answer within {self._timeout:g} s") from None

    async def aclose(self) -> None:
        """Close the connections."""
        for connection, _ in self._idle:
            connection.abort()
        self._idle.clear()
        await asyncio.sleep(0)  # they end in the next turn of the loop

    def _kept(self) -> Connection | None:
        """Return the connection that was used last, if it is good for another request."""
        oldest = asyncio.get_running_loop().time() - self._kept_seconds
        while self._idle:
            connection, since = self._idle.pop()
            if connection.is_open and since > oldest:
                return connection
            connection.abort()
        return None

    async def _connected(self) -> Connection:
        name, delay = self._host if self._tls else None, SECOND_ADDRESS_SECONDS
        try:
            sock = await aiohappyeyeballs.start_connection(await self._addresses(), happy_eyeballs_delay=delay)
            _, connection = await asyncio.get_running_loop().create_connection(
                Connection, sock=sock, ssl=self._tls, server_hostname=name
            )
        except OSError as error:  # of the name, of the network, of TLS
            raise UnreachableError(error.strerror or type(error).__name__) from None
        return connection

    async def _addresses(self) -> Sequence[aiohappyeyeballs.AddrInfoType]:
        """Return the addresses of the host; for a thousand connections at once it is asked for once."""
        loop = asyncio.get_running_loop()
        async with self._finding:
            if loop.time() - self._found_at >= RESOLVED_SECONDS:
                self._found = await loop.getaddrinfo(self._host, self._port, type=socket.SOCK_STREAM)
                self._found_at = loop.time()
        return self._found


def request_head(base_url: str, api_key: str) -> bytes:
    """Return what every request begins with, up to the number that its last header holds; arguments as `ChatHttp`."""
    url = urlsplit(base_url)
    target = quote(f"{url.path.rstrip('/')}/chat/completions", safe="/%!$&'()*+,:;=@~")
    headers = {
        "Host": url.netloc.encode("idna").decode(),
        "User-Agent": _USER_AGENT,
        "Accept": "application/json",
        "Accept-Encoding": "identity",
        "Content-Type": "application/json",
    }
    if api_key:
        headers["Authorization"] = f"Bearer {api_key}"
    lines = [f"POST {target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "Content-Length: "]
    return "\r\n".join(lines).encode("ascii")


def _tls() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    return context
