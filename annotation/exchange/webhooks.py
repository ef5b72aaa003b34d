"""Hints from the server that somebody has answered. A hint says where to look; what is there, a pull reads.

So a forged, repeated, late or lost hint costs a look or a delay and never an answer. The server sends a hint inside the
annotator's own request and waits for the reply, so the reply comes before anything is done about it.
"""

import hmac
import json
from collections.abc import Callable
from typing import Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

SECRET_HEADER: Final = "X-Valueprism-Secret"
PATH: Final = "/changed"
MAX_BODY: Final = 1 << 20
"""Bytes; an annotation with a comment of 10 kB is sent with its task and project in some 30 kB."""

_NO_CONTENT, _BAD_REQUEST, _FORBIDDEN, _TOO_LARGE = 204, 400, 403, 413


def receiver(secret: str, on_change: Callable[[int], None], *, max_body: int = MAX_BODY) -> Starlette:
    """Return an application that takes the server's webhooks at `PATH`.

    Args:
        secret: what the header `SECRET_HEADER` must hold.
        on_change: is called with the id of a project in which something has changed; it must return at once.
        max_body: bytes of a body from which it is refused, read no further.
    """

    async def changed(request: Request) -> Response:
        given = request.headers.get(SECRET_HEADER, "")
        if not hmac.compare_digest(given.encode(), secret.encode()):
            raise HTTPException(_FORBIDDEN, f"{SECRET_HEADER} does not hold the secret")
        body = bytearray()
        async for part in request.stream():
            body += part
            if len(body) > max_body:
                raise HTTPException(_TOO_LARGE, f"more than {max_body} bytes")
        on_change(_project_id(bytes(body)))
        return Response(status_code=_NO_CONTENT)

    return Starlette(routes=[Route(PATH, changed, methods=["POST"])])


def _project_id(body: bytes) -> int:
    try:
        project_id = json.loads(body)["project"]["id"]
    except (ValueError, KeyError, TypeError, RecursionError):
        project_id = None
    if not isinstance(project_id, int) or isinstance(project_id, bool):
        raise HTTPException(_BAD_REQUEST, "no project.id in the body")
    return project_id
