"""What can go wrong at an endpoint, played out on a real connection."""

import asyncio
import contextlib
import json
from collections.abc import Mapping
from enum import StrEnum

from aiohttp import web


class Fault(StrEnum):
    """How the server misbehaves on one request."""

    BUSY = "429"
    BUSY_RETRY_AFTER = "429 with Retry-After"
    QUOTA = "429 insufficient_quota"
    FAILING = "500"
    MODERATED = "403"
    BAD_REQUEST = "400 that names response_format and repeats the Authorization header"
    HANG = "no reply for an hour"
    RESET = "connection closed without a reply"
    HALF_BODY = "connection closed in the middle of the body"
    DRIP = "a byte of the body every 20 ms, for an hour"
    LONG = "a body without end"
    LENGTH_TOO_LONG = "a body shorter than its Content-Length"
    LENGTH_TOO_SHORT = "a body longer than its Content-Length"
    GATEWAY = "504"
    HTML = "a web page with status 200"
    ECHO = "a web page with status 200 that repeats the Authorization header"
    ECHO_CUT = "400 that repeats the Authorization header where the error message ends"
    ECHO_SAID = "a completion that repeats the Authorization header"
    NOT_JSON = "a completion cut in the middle, with a right length"
    NO_CHOICES = "a completion without choices"
    WRONG_TYPES = "choices that are a number"
    TRUNCATED = "a reply cut in the middle, finish_reason length"
    EMPTY_LIST = "no considerations"
    MANY_ITEMS = "300 considerations"
    NO_USAGE = "a good reply that does not say how many tokens it took"
    REFUSAL = "the refusal field instead of content"


def completion(
    text: str,
    asked: Mapping[str, object],
    finish_reason: str = "stop",
    refusal: str | None = None,
    usage: tuple[int, int] | None = None,
    logprobs: Mapping[str, object] | None = None,
) -> bytes:
    # Words stand for tokens: deterministic, and of the right order.
    prompt, reply = usage or (len(str(asked.get("messages")).split()), len(text.split()))
    return json.dumps(
        {
            "id": "chatcmpl-replay",
            "object": "chat.completion",
            "created": 0,
            "model": asked.get("model"),
            "choices": [
                {
                    "index": 0,
                    "message": {
                        "role": "assistant",
                        "content": None if refusal else text,
                        "refusal": refusal,
                    },
                    "logprobs": logprobs,
                    "finish_reason": finish_reason,
                }
            ],
            "usage": {"prompt_tokens": prompt, "completion_tokens": reply, "total_tokens": prompt + reply},
        },
        ensure_ascii=False,
    ).encode()


def first_token(likely: Mapping[str, float], asked: Mapping[str, object], usage: tuple[int, int] | None) -> bytes:
    """Reply with the likeliest token, and as many beside it as were asked for, in the shape of OpenAI."""
    ranked = sorted(likely.items(), key=lambda pair: -pair[1])[: int(str(asked.get("top_logprobs", 0)))]
    listed = [{"token": token, "logprob": logprob, "bytes": list(token.encode())} for token, logprob in ranked]
    best = max(likely, key=lambda token: likely[token])
    first = {"token": best, "logprob": likely[best], "bytes": list(best.encode()), "top_logprobs": listed}
    return completion(best, asked, "length", usage=usage, logprobs={"content": [first], "refusal": None})


def error_reply(status: int, message: str, code: str | None = None, **headers: str) -> web.Response:
    body = {"error": {"message": message, "type": "test", "code": code}}
    return web.json_response(body, status=status, headers={k.replace("_", "-"): v for k, v in headers.items()})


async def misbehave(
    fault: Fault, request: web.Request, asked: Mapping[str, object], retry_after: str, text: str
) -> web.StreamResponse:
    if fault is Fault.HANG:
        await asyncio.sleep(3600)
    if fault in {Fault.RESET, Fault.HALF_BODY}:
        return await _break_off(fault, request)
    if fault in {Fault.DRIP, Fault.LONG}:
        return await _go_on(fault, request)
    if fault in {Fault.LENGTH_TOO_LONG, Fault.LENGTH_TOO_SHORT}:
        return await _miscount(fault, request, completion(text, asked))
    authorization = request.headers.get("Authorization")
    errors = {
        Fault.BUSY: lambda: error_reply(429, "slow down"),
        Fault.BUSY_RETRY_AFTER: lambda: error_reply(429, "slow down", Retry_After=retry_after),
        Fault.QUOTA: lambda: error_reply(429, "You exceeded your current quota", code="insufficient_quota"),
        Fault.FAILING: lambda: error_reply(500, f"it broke for {authorization}"),
        Fault.MODERATED: lambda: error_reply(403, "your input was flagged"),
        Fault.GATEWAY: lambda: error_reply(504, "upstream timed out"),
        Fault.BAD_REQUEST: lambda: error_reply(400, f"response_format is not supported {authorization}"),
        Fault.ECHO: lambda: web.Response(text=f"You sent {authorization}", content_type="text/html"),
        # An error message shows 120 characters of the body: about ten of the key.
        Fault.ECHO_CUT: lambda: error_reply(400, "." * 80 + f" {authorization}"),
        Fault.ECHO_SAID: lambda: web.Response(body=completion(f"You sent {authorization}", asked)),
        Fault.HTML: lambda: web.Response(text="<html><body>Welcome to nginx!</body></html>", content_type="text/html"),
    }
    if fault in errors:
        return errors[fault]()
    return web.Response(body=_strange(fault, text, asked), content_type="application/json")


async def _break_off(fault: Fault, request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": "1000"})
    if fault is Fault.HALF_BODY:
        await response.prepare(request)
        await response.write(b'{"choices": [')
    if request.transport is not None:
        request.transport.abort()
    return response


async def _go_on(fault: Fault, request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    part, pause = (b" ", 0.02) if fault is Fault.DRIP else (b" " * 2**20, 0.0)
    with contextlib.suppress(ConnectionError):
        for _ in range(180_000):
            await response.write(part)
            await asyncio.sleep(pause)
    return response


async def _miscount(fault: Fault, request: web.Request, body: bytes) -> web.StreamResponse:
    """Write past the framework, which would not let us lie."""
    stated = len(body) + (100 if fault is Fault.LENGTH_TOO_LONG else -100)
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {stated}\r\n\r\n".encode()
    if isinstance(request.transport, asyncio.Transport):
        request.transport.write(head + body)
        request.transport.close()
    return web.StreamResponse()


def _strange(fault: Fault, text: str, asked: Mapping[str, object]) -> bytes:
    whole = completion(text, asked)
    item = {"vrd": "Value", "text": "Honesty", "explanation": "It is honest.", "valence": "Supports"}
    made = {
        Fault.NOT_JSON: whole[: len(whole) // 2],
        Fault.NO_CHOICES: b'{"object": "chat.completion", "choices": []}',
        Fault.WRONG_TYPES: b'{"choices": 7}',
        Fault.TRUNCATED: completion(text[: len(text) // 2], asked, finish_reason="length"),
        Fault.EMPTY_LIST: completion('{"considerations": []}', asked),
        Fault.MANY_ITEMS: completion(
            json.dumps({"considerations": [item | {"text": f"Honesty {i}"} for i in range(300)]}), asked
        ),
        Fault.NO_USAGE: whole.replace(b'"usage"', b'"used"'),
        Fault.REFUSAL: completion("", asked, refusal="I'm sorry, I can't help with that."),
    }
    return made[fault]
