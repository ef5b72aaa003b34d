"""What goes on to the server of a person's request: nothing that names another project, or another's answer."""

import json
from typing import Final

from starlette.requests import Request

_HEADERS: Final = frozenset({"accept", "accept-language", "content-type"})
_QUERY: Final = frozenset({"project", "id", "page", "page_size", "include", "interaction", "expand", "labeling", "v"})
"""What goes on of a query. Not among it: the number of a view, which may be another project's."""
_CLAIMS: Final = frozenset({"completed_by", "updated_by", "task", "ground_truth"})
"""What a body may not say: whose answer it is, and to which task."""


def headers_of(request: Request) -> dict[str, str]:
    """Return the headers that go on: no cookie of ours, no address of theirs."""
    return {name: value for name, value in request.headers.items() if name in _HEADERS}


def query_of(request: Request) -> dict[str, str]:
    """Return the part of the query that goes on."""
    return {name: value for name, value in request.query_params.items() if name in _QUERY}


async def body_of(request: Request, project_id: int, max_body: int) -> bytes | None:
    """Return the body with the project made the person's own and no claim of whose answer it is; None if too long.

    Args:
        request: not yet read.
        project_id: of the person.
        max_body: bytes, at most.
    """
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > max_body:
            return None
    try:
        stated = json.loads(bytes(body)) if body else None
    except (ValueError, RecursionError):
        return bytes(body)  # the server will refuse it
    if not isinstance(stated, dict):
        return bytes(body)
    own = {"project": project_id} if "project" in stated else {}
    return json.dumps({name: value for name, value in stated.items() if name not in _CLAIMS} | own).encode()
