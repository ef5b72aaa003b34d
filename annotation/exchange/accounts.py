"""People's accounts on a Label Studio, through the pages on which they would sign up and log in themselves.

The SDK can add a person, but neither set a password nor log in.
"""

import re
import ssl
from functools import cache
from typing import Final

import httpx

from annotation.exchange.admin_token import AdminToken
from annotation.exchange.server import ServerBusyError, ServerRefusedError

LOGIN: Final = "/user/login/"
TIMEOUT: Final = 30.0
"""Seconds for one request: a busy server takes longer than the 5 that httpx gives it."""
_TOKEN: Final = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


def sign_up(base_url: str, admin_token: str, email: str, password: str) -> int:
    """Make a person a member of the administrator's organisation and return their number; who is one, logs in.

    Raises:
        ServerBusyError: the server does not answer, or with a fault of its own.
        ServerRefusedError: it does not take the token, the address or the password.
    """
    with _client(base_url) as client:
        try:
            invitation = client.get("/api/invite", auth=AdminToken(base_url, admin_token))
            _raise_its_fault(invitation)
            if not invitation.is_success:
                raise ServerRefusedError(f"{base_url} gives no invitation ({invitation.status_code})")
            # First as somebody new, who most are: a login that fails costs the server a password's hash, too.
            if not any(
                _posted(client, page, email, password) for page in (str(invitation.json()["invite_url"]), LOGIN)
            ):
                raise ServerRefusedError(f"{base_url} does not let {email} sign up; is the address taken?")
            return int(client.get("/api/current-user/whoami").raise_for_status().json()["id"])
        except httpx.HTTPError as error:
            raise ServerBusyError(f"{base_url} does not answer ({type(error).__name__})") from error


def log_in(base_url: str, email: str, password: str) -> dict[str, str]:
    """Return the cookies of a session.

    Raises:
        ServerBusyError: the server does not answer, or with a fault of its own.
        ServerRefusedError: it does not know the person, or the password is another.
    """
    with _client(base_url) as client:
        try:
            if not _posted(client, LOGIN, email, password):
                raise ServerRefusedError(f"{base_url} does not let {email} log in")
        except httpx.HTTPError as error:
            raise ServerBusyError(f"{base_url} does not answer ({type(error).__name__})") from error
        return dict(client.cookies)


def _client(base_url: str) -> httpx.Client:
    """Return a browser without a past."""
    return httpx.Client(base_url=base_url, follow_redirects=False, timeout=TIMEOUT, verify=_trusted())


@cache
def _trusted() -> ssl.SSLContext:
    """Return the certificates of all authorities; reading them costs 40 ms of a processor."""
    return httpx.create_ssl_context()


def _posted(client: httpx.Client, page: str, email: str, password: str) -> bool:
    """Fill in the page's form; a page that takes it leads elsewhere, one that does not is shown again."""
    token = _TOKEN.search(client.get(page).raise_for_status().text)
    if token is None:
        raise ServerRefusedError(f"{client.base_url} has no form at {page}; is it a Label Studio?")
    form = {"email": email, "password": password, "csrfmiddlewaretoken": token[1]}
    reply = client.post(page, data=form, headers={"Referer": str(client.base_url.join(page))})
    _raise_its_fault(reply)
    return reply.is_redirect


def _raise_its_fault(reply: httpx.Response) -> None:
    """Tell a server in trouble from one that does not take what it was given."""
    if reply.is_server_error:
        reply.raise_for_status()
