"""What a person may ask, and what of it goes on to the server: nothing of another project, or another's answer."""

import json
import re
from typing import Final

from starlette.requests import Request

from annotation.exchange.person_replies import MEMBERS, WHOAMI
from annotation.exchange.sessions import READ

_HEADERS: Final = frozenset({"accept", "accept-language"})
_JSON: Final = {"content-type": "application/json"}
"""Of every body that goes on: the server reads forms, too, and any charset, in which a claim would pass us by."""
_QUERY: Final = frozenset({"project", "id", "page", "page_size", "include", "interaction", "expand", "labeling", "v"})
"""What goes on of a query. Not among it: the number of a view, which may be another project's."""
_CLAIMS: Final = frozenset({"completed_by", "updated_by", "task", "annotation", "ground_truth"})
"""What a body may not say: whose answer it is, to which task, or of which answer a draft."""

_ASSETS: Final = re.compile(r"/(?:static|react-app|label-studio-frontend|dm)/[^?]*|/favicon\.ico|/api/version/?")
_DETOUR: Final = re.compile(r"/\.|//|[%\\\x00-\x1f\x7f]")
"""A path that would be another one where it arrives, or none."""
_OF_PROJECT: Final = re.compile(r"/(?:api/)?projects/(\d+)(?:/(?:data|next|label-stream-history))?/?")
_BY_QUERY: Final = re.compile(r"/api/(?:ml|label_links|tasks|dm/(?:columns|project|views|actions))/?")
_ID: Final = "[1-9][0-9]{0,17}"
"""As the server writes it: it reads 07 as 7, too, and of each that we have seen we keep whose it is."""
_OF_TASK: Final = re.compile(rf"(/api/tasks/{_ID})(?:/(annotations|drafts))?/?")
_OF_ANSWER: Final = re.compile(rf"(/api/(?:annotations|drafts)/{_ID})/?")


def is_asset(path: str) -> bool:
    """Return whether this is what pages are built of, the same for everybody."""
    return bool(_ASSETS.fullmatch(path))


def permitted(request: Request, project_id: int) -> bool | str:
    """Return whether this may be asked; where that depends on whose a task or an answer is, its path at the server.

    Args:
        request: of a person.
        project_id: of their own project.
    """
    path, own, reading = request.url.path, str(project_id), request.method in READ
    named = request.query_params.getlist("project")
    if any(project != own for project in named) or _DETOUR.search(path):
        return False
    if is_asset(path) or path.rstrip("/") in (WHOAMI, MEMBERS):
        return reading
    if of_project := _OF_PROJECT.fullmatch(path):
        return reading and of_project[1] == own
    if _BY_QUERY.fullmatch(path):
        return bool(named) and (reading or _may_post(path, request.query_params.get("id", "")))
    if of_task := _OF_TASK.fullmatch(path):
        # Who could change the task itself would give it another's page, or have none left to answer.
        return of_task[1] if reading or of_task[2] else False
    of_answer = _OF_ANSWER.fullmatch(path)
    return of_answer[1] if of_answer else False


def headers_of(request: Request) -> dict[str, str]:
    """Return the headers that go on: no cookie of ours, no address of theirs."""
    return {name: value for name, value in request.headers.items() if name in _HEADERS} | _JSON


def query_of(request: Request) -> dict[str, str]:
    """Return the part of the query that goes on.

    Of an asset nothing: files do not heed it, and who made up one after the other would fill what is kept of them.
    """
    if is_asset(request.url.path):
        return {}
    return {name: value for name, value in request.query_params.items() if name in _QUERY}


async def body_of(request: Request, project_id: int, max_body: int) -> bytes | None:
    """Return the body with the project made the person's own and no claim of whose answer it is.

    Args:
        request: not yet read.
        project_id: of the person.
        max_body: bytes, at most.

    Returns:
        JSON, or nothing where nothing was said or it was only read; None if it is too long, or no JSON object.
    """
    if request.method in READ:
        return b""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > max_body:
            return None
    if not body:
        return b""
    try:
        stated = json.loads(body)
        if not isinstance(stated, dict):
            return None
        own = {"project": project_id} if "project" in stated else {}
        return json.dumps({name: value for name, value in stated.items() if name not in _CLAIMS} | own).encode()
    except (ValueError, RecursionError):
        return None


def _may_post(path: str, action: str) -> bool:
    """Return whether the page may ask this of the project: to make itself a view, or for the next task."""
    return path.endswith("/views") or (path.endswith("/actions") and action == "next_task")
