"""A teacher for tests: speaks the OpenAI chat protocol over real HTTP on loopback and replays the answers it is given.

As a script: `python -m tests.teacher_server --answers FILE.jsonl --port 8123`.
"""

import argparse
import asyncio
import contextlib
import hashlib
import json
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from aiohttp import web

from tests.batch_api import BatchApi
from tests.teacher_faults import Fault, completion, error_reply, first_token, misbehave
from valueprism_build.ids import fold


@dataclass(slots=True)
class Received:
    """One request as it came. `delivered` turns true when the whole reply was handed to the connection."""

    situation: str | None
    body: dict[str, object]
    authorization: str
    headers: dict[str, str] = field(default_factory=dict, repr=False)
    at: float = field(default_factory=time.monotonic)
    delivered: bool = False


@dataclass(slots=True)
class TeacherServer:
    """Serves in its own thread with its own loop, so that subprocesses can ask it too. Use as a context manager.

    Attributes:
        answers: situation text -> reply; found by the longest folded text in the last user message.
        default: reply to what is not among the answers; None refuses it.
        key: the key that requests must bear; None lets anybody in.
        faults: situation text, or "*" for any -> what goes wrong at its first, second, ... request.
        always: what goes wrong at every request that has no fault of its own.
        retry_after: the header's value for `Fault.BUSY_RETRY_AFTER`.
        latency: seconds before each reply.
        headers: of each reply that is no fault.
        fickle: no reply is like another; each ends with a number of its own.
        usage: prompt and completion tokens that each reply claims, instead of its words.
        likely: last user message -> natural log-probabilities of the first token, for requests with `logprobs`; None
            refuses them. Without it the server ignores `logprobs`, as some endpoints do.
        log: file that gets one JSON line per delivered reply.
        batch_api: serves files and batches too, with the same replies; without it there are none.
    """

    answers: Mapping[str, str]
    default: str | None = None
    key: str | None = None
    faults: Mapping[str, Sequence[Fault]] = field(default_factory=dict)
    always: Fault | None = None
    retry_after: str = "0.2"
    latency: float = 0.0
    headers: Mapping[str, str] = field(default_factory=dict)
    fickle: bool = False
    usage: Callable[[Mapping[str, object]], tuple[int, int]] | None = None
    likely: Callable[[str], Mapping[str, float] | None] | None = None
    port: int = 0
    log: Path | None = None
    batch_api: BatchApi | None = None
    received: list[Received] = field(default_factory=list)
    _known: dict[str, tuple[str, str]] = field(default_factory=dict)
    _pending: dict[str, deque[Fault]] = field(default_factory=dict)
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)
    _thread: threading.Thread | None = None
    _stop: asyncio.Event = field(default_factory=asyncio.Event)

    def __enter__(self) -> Self:
        for situation, reply in self.answers.items():
            self._known.setdefault(fold(situation), (situation, reply))
        self._pending = {key: deque(faults) for key, faults in self.faults.items()}
        ready = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(ready,), daemon=True)
        self._thread.start()
        if not ready.wait(10):
            raise TimeoutError("the teacher server did not start within 10 s")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._thread is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join(10)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def fail_next(self, situation: str, fault: Fault) -> None:
        """Misbehave at the next request about this situation."""
        self._pending.setdefault(situation, deque()).append(fault)

    @property
    def measuring(self) -> list[Received]:
        """Requests for log-probabilities."""
        return [received for received in self.received if received.body.get("logprobs")]

    @property
    def delivered(self) -> list[str]:
        """Situations whose reply was handed over whole, in order, repeats included."""
        return [r.situation for r in self.received if r.delivered and r.situation is not None]

    def _run(self, ready: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve(ready))
        self._loop.close()

    async def _serve(self, ready: threading.Event) -> None:
        app = web.Application(client_max_size=2**28)
        app.router.add_post("/v1/chat/completions", self._chat)
        app.router.add_get("/v1/models", self._models)
        if self.batch_api is not None:
            self.batch_api.mount(app, self._reply, self.key)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", self.port)
        await site.start()
        self.port = runner.addresses[0][1]
        ready.set()
        await self._stop.wait()
        await runner.cleanup()
        hanging = asyncio.all_tasks() - {asyncio.current_task()}
        for task in hanging:
            task.cancel()
        await asyncio.gather(*hanging, return_exceptions=True)

    async def _models(self, _request: web.Request) -> web.StreamResponse:
        return web.json_response({"object": "list", "data": [{"id": "replay", "object": "model"}]})

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        found = self._find(body)
        received = Received(found[0] if found else None, body, request.headers.get("Authorization", ""))
        received.headers = dict(request.headers)
        self.received.append(received)
        if self.key is not None and received.authorization != f"Bearer {self.key}":
            return error_reply(401, f"Incorrect API key provided: {received.authorization}")
        await asyncio.sleep(self.latency)
        fault = self._fault(received.situation)
        if fault is not None:
            return await misbehave(fault, request, received.body, self.retry_after, found[1] if found else "{}")
        reply = self._reply(body)
        if isinstance(reply, str):
            return error_reply(400, reply)
        response = web.Response(body=reply, content_type="application/json", headers=self.headers)
        await response.prepare(request)
        await response.write_eof()
        received.delivered = True
        if self.log is not None:
            with self.log.open("a", encoding="utf-8") as log:
                log.write(json.dumps({"situation": received.situation}) + "\n")
        return response

    def _reply(self, body: Mapping[str, object]) -> bytes | str:
        """Return a completion, or why there is none."""
        found, messages = self._find(body), body["messages"]
        if found is None or not isinstance(messages, list):
            return "no answer for this situation"
        usage = None if self.usage is None else self.usage(body)
        if not body.get("logprobs") or self.likely is None:
            said = f"{found[1]} {len(self.received)}" if self.fickle else found[1]
            return completion(said, body, usage=usage)
        likely = self.likely(str(messages[-1]["content"]))
        return "logprobs is not supported with this model" if likely is None else first_token(likely, body, usage)

    def _find(self, body: Mapping[str, object]) -> tuple[str, str] | None:
        messages = body["messages"]
        if not isinstance(messages, list):
            return None
        asked = fold(str(messages[-1]["content"]))
        exact = self._known.get(asked.removeprefix("situation "))
        if exact is not None:
            return exact
        held = [key for key in self._known if key in asked]
        if held:
            return self._known[max(held, key=len)]
        if self.default is None:
            return None
        return str(messages[-1]["content"]).removeprefix("Situation: ").partition("\n")[0], self.default

    def _fault(self, situation: str | None) -> Fault | None:
        for key in (situation, "*"):
            pending = self._pending.get(key) if key is not None else None
            if pending:
                return pending.popleft()
        return self.always


def replies(path: Path) -> dict[str, str]:
    """Return situation -> JSON reply, from a file like `shared/data/teacher_answers.jsonl`.

    The file has no types: they are told from the text ("Right...", "Duty...", else Value). Valences that it does not
    know are MADE UP, by a draw from a hash with shares 50/34/16 of Supports/Opposes/Either: for plumbing only.
    """
    made: dict[str, str] = {}
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            items = [
                {
                    "vrd": _vrd(item["text"]),
                    "text": item["text"],
                    "explanation": item["explanation"],
                    "valence": item["valence"] or _drawn_valence(row["situation"], item["text"]),
                }
                for item in row["considerations"]
            ]
            made[row["situation"]] = json.dumps({"considerations": items}, ensure_ascii=False)
    return made


def _vrd(text: str) -> str:
    first = text.split(" ", 1)[0].casefold()
    return {"right": "Right", "rights": "Right", "duty": "Duty", "duties": "Duty"}.get(first, "Value")


def _drawn_valence(situation: str, text: str) -> str:
    digest = hashlib.blake2b(f"{situation}\x1f{text}".encode(), digest_size=8).digest()
    draw = int.from_bytes(digest) % 100
    return "Supports" if draw < 50 else "Opposes" if draw < 84 else "Either"


def main(arguments: Sequence[str]) -> None:
    """Replay a file until interrupted."""
    parser = argparse.ArgumentParser(description="Replay teacher answers over the OpenAI chat protocol.")
    parser.add_argument("--answers", type=Path, required=True)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--latency", type=float, default=0.0, help="seconds before each reply")
    parser.add_argument("--log", type=Path, help="file that gets one JSON line per delivered reply")
    options = parser.parse_args(arguments)
    served = {"port": options.port, "latency": options.latency, "log": options.log}
    with TeacherServer(replies(options.answers), **served, batch_api=BatchApi()) as server:
        sys.stdout.write(f"{server.base_url}\n")
        sys.stdout.flush()
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()


if __name__ == "__main__":
    main(sys.argv[1:])
