"""Has the server send its hints to us; `webhooks` is where they arrive.

By plain requests: the SDK's call has another signature than its documentation.
"""

from collections.abc import Iterable
from typing import Final

import httpx

from annotation.exchange.admin_token import AdminToken
from annotation.exchange.server import ServerBusyError, ServerRefusedError
from annotation.exchange.webhooks import PROJECT_HEADER, SECRET_HEADER

ACTIONS: Final = ("ANNOTATION_CREATED", "ANNOTATION_UPDATED", "ANNOTATIONS_DELETED")
WEBHOOKS: Final = "/api/webhooks/"
TIMEOUT: Final = 60.0
_FORBIDDEN: Final = 403
_BAD_REQUEST: Final = 400


def register(base_url: str, token: str, address: str, secret: str, project_ids: Iterable[int]) -> int:
    """Have every change of an answer in these projects sent to `address`, and return how many were not yet.

    The community server has webhooks of projects only: one of all is refused.

    Args:
        base_url: of the server.
        token: the administrator's.
        address: where our receiver listens, as the server reaches it.
        secret: what the hints are to carry; one that was told before is replaced.
        project_ids: of the projects; one that is not there any more is passed over.

    Raises:
        ServerBusyError: the server does not answer, or with a fault of its own.
        ServerRefusedError: it does not take the token, or will not send to such an address.
    """
    alike = {"is_active": True, "send_payload": False, "actions": sorted(ACTIONS)}
    new = 0
    with httpx.Client(base_url=base_url, auth=AdminToken(base_url, token), timeout=TIMEOUT) as client:
        try:
            listed = _checked(client.get(WEBHOOKS), address).json()
            ours = {one["project"]: one for one in listed if one["url"] == address}
            for project_id in project_ids:
                there = ours.get(project_id)
                told = {**alike, "headers": {SECRET_HEADER: secret, PROJECT_HEADER: str(project_id)}}
                if there is None:
                    made = {"url": address, "project": project_id, "send_for_all_actions": False, **told}
                    reply = client.post(WEBHOOKS, json=made)
                elif {**there, "actions": sorted(there["actions"])}.items() >= told.items():
                    continue
                else:
                    reply = client.patch(f"{WEBHOOKS}{there['id']}/", json=told)
                new += not _of_no_project(reply) and _checked(reply, address).is_success
        except httpx.TransportError as error:
            raise ServerBusyError(f"{base_url} does not answer ({type(error).__name__}); is it running?") from error
    return new


def _of_no_project(reply: httpx.Response) -> bool:
    """Return whether a webhook was refused because its project is not there: of what else, the server says another."""
    return reply.status_code == _BAD_REQUEST and b"object does not exist" in reply.content


def _checked(reply: httpx.Response, address: str) -> httpx.Response:
    if reply.is_success:
        return reply
    words = f"{reply.request.url.host} says {reply.status_code} to a webhook"  # its own words might hold the secret
    if reply.is_server_error:
        raise ServerBusyError(f"{words}; try again later")
    if reply.status_code == _FORBIDDEN:
        words += f"; to let it send to {address}, a private address, start it with SSRF_PROTECTION_ENABLED=false"
    raise ServerRefusedError(words)
