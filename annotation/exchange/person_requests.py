"""What a person may ask, and what of it goes on to the server: nothing of another project, or another's answer."""

import json
import re
from typing import Final
from urllib.parse import unquote

from starlette.requests import Request

from annotation.exchange.person_replies import MEMBERS, WHOAMI
from annotation.exchange.sessions import READ

_HEADERS: Final = frozenset({"accept", "accept-language", "content-type"})
_QUERY: Final = frozenset({"project", "id", "page", "page_size", "include", "interaction", "expand", "labeling", "v"})
"""What goes on of a query. Not among it: the number of a view, which may be another project's."""
_CLAIMS: Final = frozenset({"completed_by", "updated_by", "task", "ground_truth"})
"""What a body may not say: whose answer it is, and to which task."""

_ASSETS: Final = re.compile(r"/(?:static|react-app|label-studio-frontend|dm)/[^?]*|/favicon\.ico|/api/version/?")
_DETOUR: Final = re.compile(r"\.\.|//|[%\\]")
"""A path that would be another one where it arrives."""
_OF_PROJECT: Final = re.compile(r"/(?:api/)?projects/(\d+)(?:/(?:data|next|label-stream-history))?/?")
_BY_QUERY: Final = re.compile(r"/api/(?:ml|label_links|tasks|dm/(?:columns|project|views|actions))/?")
_OF_TASK: Final = re.compile(r"(/api/tasks/\d+)(?:/(?:annotations|drafts))?/?")
_OF_ANSWER: Final = re.compile(r"(/api/(?:annotations|drafts)/\d+)/?")


def is_asset(path: str) -> bool:
    """Return whether this is what pages are built of, the same for everybody."""
    return bool(_ASSETS.fullmatch(path))


def permitted(request: Request, project_id: int) -> bool | str:
    """Return whether this may be asked; where that depends on whose a task or an answer is, its path at the server.

    Args:
        request: of a person.
        project_id: of their own project.
    """
    path, own, reading = unquote(request.url.path), str(project_id), request.method in READ
    named = request.query_params.getlist("project")
    if any(project != own for project in named) or _DETOUR.search(path):
        return False
    if is_asset(path) or path.rstrip("/") in (WHOAMI, MEMBERS):
        return reading
    if of_project := _OF_PROJECT.fullmatch(path):
        return reading and of_project[1] == own
    if _BY_QUERY.fullmatch(path):
        return bool(named) and (reading or _may_post(path, request.query_params.get("id", "")))
    found = _OF_TASK.fullmatch(path) or _OF_ANSWER.fullmatch(path)
    return found[1] if found else False


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


def _may_post(path: str, action: str) -> bool:
    """Return whether the page may ask this of the project: to make itself a view, or for the next task."""
    return path.endswith("/views") or (path.endswith("/actions") and action == "next_task")
