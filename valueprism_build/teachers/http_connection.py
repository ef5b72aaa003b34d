"""One HTTP/1.1 connection to an endpoint, as a protocol of asyncio. The one module with httptools."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, cast

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

MAX_BODY: Final = 32 * 2**20  # bytes; a hundred times the longest reply of any model
MAX_HEAD: Final = 2**20  # bytes before the body; servers themselves take no more than a few kB
_BROKEN: Final = "broke the connection"
_FRAMING: Final = frozenset({"content-length", "transfer-encoding"})


@dataclass(frozen=True, slots=True)
class HttpReply:
    """A reply that arrived whole, whatever its status.

    Attributes:
        headers: names in lower case.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes


class NoReplyError(Exception):
    """No whole reply: the message says how it ended. The request may have been answered, and paid for."""

    def __init__(self, ending: str = _BROKEN) -> None:
        """Say how it ended, as the predicate of a sentence about the endpoint."""
        super().__init__(ending)


class Connection(asyncio.Protocol):
    """Carries one request at a time. Whatever is out of order closes it, and it is not used again."""

    def __init__(self) -> None:
        """Wait to be connected."""
        self._parser = HttpResponseParser(self)
        self._transport: asyncio.Transport | None = None
        self._reply: asyncio.Future[HttpReply] | None = None  # None: no request is under way
        self._begin()

    @property
    def is_open(self) -> bool:
        """Tell whether another request may be sent."""
        return self._transport is not None and not self._transport.is_closing()

    async def exchange(self, request: bytes) -> HttpReply:
        """Send a request and return the reply to it; cancelled, close the connection.

        Raises:
            NoReplyError: the connection broke, the head is longer than `MAX_HEAD`, all than `MAX_BODY`, or malformed.
        """
        if self._transport is None or self._reply is not None:
            raise RuntimeError("a connection carries one request at a time")
        self._begin()
        self._reply = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        try:
            return await self._reply
        except BaseException:
            self.abort()
            raise
        finally:
            self._reply = None

    def abort(self) -> None:
        """Close at once, without a farewell that a dead peer would let us wait for."""
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast("asyncio.Transport", transport)  # of TCP, and by no loop's own class

    def data_received(self, data: bytes) -> None:
        """Read on."""
        self._size += len(data)
        try:
            self._parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade):
            self._break()
        most = MAX_BODY if self._in_body else MAX_HEAD
        if self._size > most:
            self._break(f"sent more than {most} bytes")

    def eof_received(self) -> None:
        """Take the end of the connection for the end of the reply where nothing else could mark it."""
        if self._in_body and _FRAMING.isdisjoint(self._headers):
            self._end(HttpReply(self._parser.get_status_code(), self._headers, b"".join(self._parts)))

    def connection_lost(self, error: Exception | None) -> None:  # noqa: ARG002  # the loop gives it
        """Tell whoever waits."""
        self._break()

    def on_message_begin(self) -> None:
        """Refuse a reply that nobody has asked for: it would be taken for the answer to the next request."""
        if self._reply is None or self._reply.done():
            self._break()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header."""
        self._headers[name.decode("latin-1").lower()] = value.decode("latin-1").strip()

    def on_headers_complete(self) -> None:
        """Note that the body begins."""
        self._in_body = True

    def on_body(self, part: bytes) -> None:
        """Keep a part of the body."""
        self._parts.append(part)

    def on_message_complete(self) -> None:
        """Hand the reply over; one that only says that the real one will come is forgotten."""
        status = self._parser.get_status_code()
        if status < 200:
            self._begin()
            return
        keep = self._parser.should_keep_alive()
        self._end(HttpReply(status, self._headers, b"".join(self._parts)))
        if not keep:
            self.abort()

    def _begin(self) -> None:
        self._headers: dict[str, str] = {}
        self._parts: list[bytes] = []
        self._size = 0
        self._in_body = False

    def _end(self, reply: HttpReply) -> None:
        if self._reply is not None and not self._reply.done():
            self._reply.set_result(reply)

    def _break(self, ending: str = _BROKEN) -> None:
        if self._reply is not None and not self._reply.done():
            self._reply.set_exception(NoReplyError(ending))
        self.abort()
