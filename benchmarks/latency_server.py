"""An endpoint that answers every chat request alike after a fixed time, at a cost that a client's is not lost in.

    python -m benchmarks.latency_server --latency 0.2 --bytes 1500

Prints its base URL. Raw asyncio: about 30 microseconds of processor time a request, where a web framework takes 300.
"""

import argparse
import asyncio
import json
import sys
from typing import Final

HEAD_END: Final = b"\r\n\r\n"
LENGTH: Final = b"content-length:"


class _Connection(asyncio.Protocol):
    """Reads requests of a stated length, one after the other, and answers each after the latency."""

    def __init__(self, reply: bytes, latency: float) -> None:
        self._reply = reply
        self._latency = latency
        self._buffer = bytearray()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.Transport):
            self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head = self._buffer.find(HEAD_END)
        while head >= 0:
            at = self._buffer[:head].lower().find(LENGTH)
            length = int(self._buffer[at + len(LENGTH) : head].split(b"\r\n", 1)[0]) if at >= 0 else 0
            whole = head + len(HEAD_END) + length
            if len(self._buffer) < whole:
                return
            del self._buffer[:whole]
            asyncio.get_running_loop().call_later(self._latency, self._answer)
            head = self._buffer.find(HEAD_END)

    def _answer(self) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(self._reply)


def reply(size: int) -> bytes:
    """Return a chat completion of about `size` bytes that lists six considerations, as an HTTP response."""
    explanation = "It matters to those concerned, " * max(1, (size - 900) // 6 // 31)
    item = {"explanation": explanation.strip(), "valence": "Supports"}
    types = ("Value", "Value", "Right", "Right", "Duty", "Duty")
    items = [{"vrd": vrd, "text": f"Consideration {number}"} | item for number, vrd in enumerate(types)]
    body = json.dumps(
        {
            "id": "chatcmpl-benchmark",
            "object": "chat.completion",
            "created": 0,
            "model": "replay",
            "choices": [
                {
                    "index": 0,
                    "message": {"role": "assistant", "content": json.dumps({"considerations": items})},
                    "finish_reason": "stop",
                }
            ],
            "usage": {"prompt_tokens": 700, "completion_tokens": 300, "total_tokens": 1000},
        }
    ).encode()
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)


async def serve(latency: float, size: int) -> None:
    """Serve on a free port until killed."""
    answer = reply(size)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Connection(answer, latency), "127.0.0.1", 0, backlog=4096)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1", flush=True)
    async with server:
        await server.serve_forever()


def main(arguments: list[str]) -> None:
    """Read the arguments and serve."""
    parser = argparse.ArgumentParser(description="Answer every chat request alike after a fixed time.")
    parser.add_argument("--latency", type=float, default=0.2)
    parser.add_argument("--bytes", type=int, default=1500)
    options = parser.parse_args(arguments)
    asyncio.run(serve(options.latency, options.bytes))


if __name__ == "__main__":
    main(sys.argv[1:])
