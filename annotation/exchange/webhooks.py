"""Hints from the server that somebody has answered. A hint says where to look; what is there, a pull reads.

So a forged, repeated, late or lost hint costs a look or a delay and never an answer. The server sends a hint inside the
annotator's own request and waits for the reply, so the reply comes before anything is done about it. Which project it
is about stands in a header: for a body that tells it the server would first count all that the project holds.
"""

import hmac
from collections.abc import Callable
from typing import Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

SECRET_HEADER: Final = "X-Valueprism-Secret"
PROJECT_HEADER: Final = "X-Valueprism-Project"
PATH: Final = "/changed"
MAX_BODY: Final = 1 << 10
"""Bytes; a hint has some 30, which nobody looks at."""

MOST_DIGITS: Final = 18
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
        read = 0
        async for part in request.stream():
            read += len(part)
            if read > max_body:
                raise HTTPException(_TOO_LARGE, f"more than {max_body} bytes")
        on_change(_project_id(request.headers.get(PROJECT_HEADER, "")))
        return Response(status_code=_NO_CONTENT)

    return Starlette(routes=[Route(PATH, changed, methods=["POST"])])


def _project_id(told: str) -> int:
    if not (told.isascii() and told.isdigit() and len(told) <= MOST_DIGITS):
        raise HTTPException(_BAD_REQUEST, f"{PROJECT_HEADER} holds no project's id")
    return int(told)
