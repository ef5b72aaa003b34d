"""Files and batches as OpenAI's Batch API has them, for the test server: every look at a batch takes it one step on."""

import json
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import Final, TypeAlias

from aiohttp import web

from tests.teacher_faults import Fault, error_reply, misbehave

Json: TypeAlias = dict[str, object]
Reply: TypeAlias = Callable[[Mapping[str, object]], bytes | str]
"""The body of a request to a completion, or to why there is none."""
Handler: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]

MAX_REQUESTS: Final = 50_000
MAX_BYTES: Final = 200 * 2**20
COMPLETES: Final = ("in_progress", "finalizing", "completed")
EXPIRES: Final = ("in_progress", "expired")
STAYS: Final = ("in_progress",)
ENDED: Final = frozenset({"completed", "failed", "expired", "cancelled"})
CREATED_AT: Final = 1_800_000_000
SECONDS: Final = 60  # from making to end


@dataclass(slots=True)
class MadeBatch:
    """A batch as the server keeps it."""

    shown: Json
    asked: list[Json]
    course: deque[str]
    size: int


@dataclass(slots=True)
class BatchApi:
    """Give it to a `TeacherServer`.

    Attributes:
        course: the statuses that a batch takes after "validating", one at every look; the last one stays.
        reached: requests that are worked on before a batch expires or is cancelled.
        accepts: whether a batch may be made at all.
        page: batches to a page of the listing, at most.
        broken: statuses or faults to answer with, by step ("upload", "create", "list", "retrieve", "content",
            "cancel"): what was asked is done all the same, as when the reply is lost. None breaks nothing.
        replied: called with the step when it is done, and with "step told" when the reply has left.
        files: every file, by id.
        batches: every batch, the first made first.
    """

    course: Sequence[str] = COMPLETES
    reached: int = 0
    accepts: bool = True
    page: int = 100
    broken: Mapping[str, Sequence[int | Fault | None]] = field(default_factory=dict)
    replied: Callable[[str], None] = lambda _step: None
    files: dict[str, bytes] = field(default_factory=dict)
    batches: list[MadeBatch] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    _reply: Reply = lambda _body: "not mounted"
    _key: str | None = None
    headers: list[Mapping[str, str]] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=partial(count, 1))
    _broken: dict[str, deque[int | Fault | None]] = field(default_factory=dict)

    def mount(self, app: web.Application, reply: Reply, key: str | None) -> None:
        self._reply, self._key = reply, key
        self._broken = {step: deque(faults) for step, faults in self.broken.items()}
        app.router.add_post("/v1/files", self._step("upload", self._upload))
        app.router.add_get("/v1/files/{id}/content", self._step("content", self._content))
        app.router.add_post("/v1/batches", self._step("create", self._create))
        app.router.add_get("/v1/batches", self._step("list", self._list))
        app.router.add_get("/v1/batches/{id}", self._step("retrieve", self._retrieve))
        app.router.add_post("/v1/batches/{id}/cancel", self._step("cancel", self._cancel))

    def end(self) -> None:
        """Take every batch to the end of its course, as when time passes."""
        for batch in self.batches:
            while batch.course:
                self._go_on(batch, batch.course.popleft())

    @property
    def sent(self) -> list[bytes]:
        """The files that batches were made of."""
        return [self.files[str(batch.shown["input_file_id"])] for batch in self.batches]

    @property
    def asked(self) -> list[str]:
        """The custom ids of every request in every batch, repeats included."""
        return [str(line["custom_id"]) for batch in self.batches for line in batch.asked]

    def _step(self, step: str, handler: Handler) -> Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            self.calls.append(step)
            self.headers.append(request.headers)
            authorization = request.headers.get("Authorization", "")
            if self._key is not None and authorization != f"Bearer {self._key}":
                return error_reply(401, f"Incorrect API key provided: {authorization}")
            response = await handler(request)
            pending = self._broken.get(step)
            fault = pending.popleft() if pending else None
            if isinstance(fault, Fault):
                return await misbehave(fault, request, {}, "0.01", "")
            if fault is not None:
                return error_reply(fault, f"it broke for {authorization}")
            self.replied(step)
            await response.prepare(request)
            await response.write_eof()
            self.replied(f"{step} told")
            return response

        return handle

    async def _upload(self, request: web.Request) -> web.StreamResponse:
        form = await request.post()
        file, purpose = form["file"], form["purpose"]
        if not isinstance(file, web.FileField) or purpose != "batch":
            return error_reply(400, f"purpose {purpose!r} is not served here")
        with file.file:
            return web.json_response(self._kept(file.file.read(), file.filename, "batch"))

    def _kept(self, content: bytes, name: str, purpose: str) -> Json:
        id_ = f"file-{next(self._numbers)}"
        self.files[id_] = content
        return {"id": id_, "object": "file", "bytes": len(content), "created_at": CREATED_AT, "filename": name,
                "purpose": purpose, "status": "processed"}  # fmt: skip

    async def _content(self, request: web.Request) -> web.StreamResponse:
        content = self.files.get(request.match_info["id"])
        return error_reply(404, "No such File object") if content is None else web.Response(body=content)

    async def _create(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        content = self.files.get(body["input_file_id"])
        if (
            not self.accepts
            or content is None
            or body["endpoint"] != "/v1/chat/completions"
            or body["completion_window"] != "24h"
        ):
            return error_reply(400, f"cannot make a batch of {body}")
        asked = [json.loads(line) for line in content.splitlines()]
        shown: Json = {
            "id": f"batch_{len(self.batches) + 1}",
            "object": "batch",
            "endpoint": body["endpoint"],
            "errors": None,
            "input_file_id": body["input_file_id"],
            "completion_window": body["completion_window"],
            "status": "validating",
            "output_file_id": None,
            "error_file_id": None,
            "created_at": CREATED_AT,
            "expires_at": CREATED_AT + 24 * 3600,
            "request_counts": {"total": 0, "completed": 0, "failed": 0},
            "metadata": body.get("metadata"),
        }
        self.batches.append(MadeBatch(shown, asked, deque(self.course), len(content)))
        return web.json_response(shown)

    async def _list(self, request: web.Request) -> web.StreamResponse:
        newest_first = [batch.shown for batch in reversed(self.batches)]
        after, limit = request.query.get("after"), min(self.page, int(request.query.get("limit", "20")))
        ids = [shown["id"] for shown in newest_first]
        start = ids.index(after) + 1 if after else 0
        page = newest_first[start : start + limit]
        first, last = (page[0]["id"], page[-1]["id"]) if page else (None, None)
        more = start + limit < len(newest_first)
        return web.json_response({"object": "list", "data": page, "first_id": first, "last_id": last, "has_more": more})

    async def _retrieve(self, request: web.Request) -> web.StreamResponse:
        batch = self._find(request)
        if batch is None:
            return error_reply(404, "No batch found with that id")
        if batch.shown["status"] not in ENDED and batch.course:
            self._go_on(batch, batch.course.popleft())
        return web.json_response(batch.shown)

    async def _cancel(self, request: web.Request) -> web.StreamResponse:
        batch = self._find(request)
        if batch is None:
            return error_reply(404, "No batch found with that id")
        if batch.shown["status"] in ENDED:
            return error_reply(409, f"Cannot cancel a batch with status '{batch.shown['status']}'.")
        batch.shown |= {"status": "cancelling", "cancelling_at": CREATED_AT + 1}
        batch.course = deque(["cancelled"])
        return web.json_response(batch.shown)

    def _find(self, request: web.Request) -> MadeBatch | None:
        return next((batch for batch in self.batches if batch.shown["id"] == request.match_info["id"]), None)

    def _go_on(self, batch: MadeBatch, status: str) -> None:
        invalid = _invalid(batch)
        if batch.shown["status"] == "validating" and invalid is not None:
            status = "failed"
            batch.shown["errors"] = {"object": "list", "data": [invalid]}
        batch.shown["status"] = status
        batch.shown[f"{status}_at"] = CREATED_AT + (SECONDS if status in ENDED else 1)
        if status != "failed":
            batch.shown["request_counts"] = {"total": len(batch.asked), "completed": 0, "failed": 0}
        if status in ENDED - {"failed"}:
            self._work(batch, status)

    def _work(self, batch: MadeBatch, status: str) -> None:
        """Make the output file and the error file, the last asked first."""
        reached = len(batch.asked) if status == "completed" else self.reached
        results = [self._result(line) for line in batch.asked[:reached]]
        good = [result for result in results if _status_code(result) == 200]
        bad = [result for result in results if _status_code(result) != 200]
        error = {"code": f"batch_{status}", "message": "This request could not be executed in time."}
        bad += [{"id": "batch_req_0", "custom_id": line["custom_id"], "response": None, "error": error}
                for line in batch.asked[reached:]]  # fmt: skip
        batch.shown["request_counts"] = {"total": len(batch.asked), "completed": len(good), "failed": len(bad)}
        for name, lines in (("output_file_id", good), ("error_file_id", bad)):
            if lines:
                content = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in reversed(lines))
                batch.shown[name] = self._kept(content.encode(), f"{name}.jsonl", "batch_output")["id"]

    def _result(self, line: Json) -> Json:
        body = line["body"]
        assert isinstance(body, dict)
        reply = self._reply(body)
        if isinstance(reply, str):
            response: Json = {"status_code": 400, "request_id": "req", "body": {"error": {"message": reply}}}
        else:
            response = {"status_code": 200, "request_id": "req", "body": json.loads(reply)}
        return {"id": "batch_req_1", "custom_id": line["custom_id"], "response": response, "error": None}


def _status_code(result: Json) -> object:
    response = result["response"]
    assert isinstance(response, dict)
    return response["status_code"]


def _invalid(batch: MadeBatch) -> Json | None:
    """Return what validation says against a file, if anything."""
    if not batch.asked:
        return {"code": "empty_file", "message": "The batch input file is empty.", "line": None}
    if len(batch.asked) > MAX_REQUESTS:
        return {"code": "too_many_tasks", "message": f"more than {MAX_REQUESTS} requests", "line": None}
    if batch.size > MAX_BYTES:
        return {"code": "file_too_large", "message": f"more than {MAX_BYTES} bytes", "line": None}
    seen, models = set[object](), set[object]()
    for number, line in enumerate(batch.asked, 1):
        body = line["body"]
        assert isinstance(body, dict)
        models.add(body["model"])
        if len(models) > 1:
            return {"code": "mismatched_model", "message": "another model than on the first line", "line": number}
        if line["custom_id"] in seen:
            return {"code": "duplicate_custom_id", "message": "the custom_id was used before", "line": number}
        if (line["method"], line["url"]) != ("POST", "/v1/chat/completions"):
            return {"code": "invalid_url", "message": "another URL than that of the batch", "line": number}
        seen.add(line["custom_id"])
    return None
