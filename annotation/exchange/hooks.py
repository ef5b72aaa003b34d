"""Has the server send its hints to us; `webhooks` is where they arrive.

By plain requests: the SDK's call has another signature than its documentation.
"""

from typing import Final

import httpx

from annotation.exchange.admin_token import AdminToken
from annotation.exchange.server import ServerBusyError, ServerRefusedError
from annotation.exchange.webhooks import SECRET_HEADER

ACTIONS: Final = ("ANNOTATION_CREATED", "ANNOTATION_UPDATED", "ANNOTATIONS_DELETED")
WEBHOOKS: Final = "/api/webhooks/"
TIMEOUT: Final = 60.0
_FORBIDDEN: Final = 403


def register(base_url: str, token: str, address: str, secret: str) -> None:
    """Have every change of an answer, in whichever project, sent to `address`; running it twice changes nothing.

    Args:
        base_url: of the server.
        token: the administrator's.
        address: where our receiver listens, as the server reaches it.
        secret: what the hints are to carry; one that was told before is replaced.

    Raises:
        ServerBusyError: the server does not answer.
        ServerRefusedError: it does not take the token, or will not send to such an address.
    """
    wanted = {
        "url": address,
        "send_payload": True,
        "send_for_all_actions": False,
        "headers": {SECRET_HEADER: secret},
        "is_active": True,
        "actions": list(ACTIONS),
    }
    with httpx.Client(base_url=base_url, auth=AdminToken(base_url, token), timeout=TIMEOUT) as client:
        try:
            listed = _checked(client.get(WEBHOOKS), address).json()
            mine = [one["id"] for one in listed if one["url"] == address and one["project"] is None]
            for id_ in mine[1:]:
                client.delete(f"{WEBHOOKS}{id_}/")
            if mine:
                _checked(client.patch(f"{WEBHOOKS}{mine[0]}/", json=wanted), address)
            else:
                _checked(client.post(WEBHOOKS, json=wanted), address)
        except httpx.TransportError as error:
            raise ServerBusyError(f"{base_url} does not answer ({type(error).__name__}); is it running?") from error


def _checked(reply: httpx.Response, address: str) -> httpx.Response:
    if reply.is_success:
        return reply
    words = f"{reply.request.url.host} says {reply.status_code} to a webhook"  # its own words might hold the secret
    if reply.status_code == _FORBIDDEN:
        words += f"; to let it send to {address}, a private address, start it with SSRF_PROTECTION_ENABLED=false"
    raise ServerRefusedError(words)
