"""The server's replies as a person gets them: without other members, without the names that we give to things.

A project's title tells campaign and stratum, and the labelling page shows it; so people get the study's title instead.
The page also asks for the next task after each answer, and says in the server's words when there is none; a script
that we add leads to our own last page then.
"""

import json
import re
from typing import Final

import httpx

DONE: Final = "/done"
SCRIPT: Final = "/done.js"
SCRIPT_TEXT: Final = f"""// The labelling page asks for the next task; the server says 404 when there is none.
(() => {{
  const fetched = window.fetch;
  window.fetch = async (...asked) => {{
    const reply = await fetched.apply(window, asked);
    const nextTask = new URL(reply.url || "/", location.origin).searchParams.get("id") === "next_task";
    if (reply.status === 404 && nextTask) location.replace("{DONE}");
    return reply;
  }};
}})();
"""
WHOAMI: Final = "/api/current-user/whoami"
MEMBERS: Final = "/api/users"
_PAGE: Final = re.compile(r"/projects/\d+/data/?")
_PROJECT: Final = re.compile(r"/api/(?:projects/\d+|dm/project)/?")
_HEAD: Final = b"<head>"


def asked_instead(path: str) -> str:
    """Return what the server is asked where the page asks for this: of the members, the person alone."""
    return WHOAMI if path.rstrip("/") == MEMBERS else path


def shown(path: str, reply: httpx.Response, title: str) -> bytes:
    """Return the body that a person gets.

    Args:
        path: that the page asked for.
        reply: of the server to `asked_instead`.
        title: stands where the project's own would.
    """
    if not reply.is_success or not reply.content:  # a HEAD has none
        return reply.content
    if path.rstrip("/") in (WHOAMI, MEMBERS):
        person = {**reply.json(), "active_organization_meta": {"title": title, "email": ""}}  # ours stood there
        return json.dumps([person] if path.rstrip("/") == MEMBERS else person).encode()
    if _PROJECT.fullmatch(path):
        return json.dumps({**reply.json(), "title": title, "created_by": None}).encode()
    if _PAGE.fullmatch(path):
        # Before the page's own scripts, which may keep the function that they find.
        return reply.content.replace(_HEAD, b'%s<script src="%s"></script>' % (_HEAD, SCRIPT.encode()), 1)
    return reply.content
