"""A server for tests that sends the bytes it is told to, right or wrong, over real connections on loopback."""

import asyncio
import re
import ssl
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Sent:
    """What becomes of one request: these bytes, then more a little later, or the end of the connection.

    Attributes:
        hangs: until the client closes, instead of an answer.
    """

    data: bytes = b""
    closes: bool = False
    later: bytes = b""
    hangs: bool = False


@dataclass(slots=True)
class RawServer:
    """One `Sent` for each request, in order.

    Attributes:
        requests: as they came, whole.
        connections: how many were made.
        open: how many of them are.
        most_open: how many were, at the same time.
    """

    answers: deque[Sent]
    port: int = 0
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0
    open: int = 0
    most_open: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        try:
            while await self._answer(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the client has gone
        finally:
            self.open -= 1
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"\r\nContent-Length: (\d+)\r\n", head)
        self.requests.append(head + await reader.readexactly(int(length[1]) if length else 0))
        answer = self.answers.popleft()
        if answer.hangs:
            await reader.read()  # until the client has closed
            return False
        writer.write(answer.data)
        await writer.drain()
        if answer.later:
            await asyncio.sleep(0.05)
            writer.write(answer.later)
        return not answer.closes


@asynccontextmanager
async def raw_server(
    *answers: Sent, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None
) -> AsyncIterator[RawServer]:
    server = RawServer(deque(answers))
    handlers: set[asyncio.Task[None]] = set()

    def accepted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        handlers.add(asyncio.get_running_loop().create_task(server.serve(reader, writer)))

    listening = await asyncio.start_server(accepted, host, 0, ssl=tls)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
        for handler in handlers:
            handler.cancel()
        await asyncio.gather(*handlers, return_exceptions=True)
        await asyncio.sleep(0)
