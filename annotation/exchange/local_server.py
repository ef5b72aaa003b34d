"""A Label Studio on this machine for trying a campaign and for the tests: community edition, SQLite, loopback only.

It lives in a virtual environment of its own (`make label-studio`), for its needs contradict ours.
"""

import secrets
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx

from valueprism_build.errors import BuildError

LOOPBACK: Final = "127.0.0.1"
ADMIN: Final = "admin@example.com"
POLL_SECONDS: Final = 0.3
STOP_SECONDS: Final = 30.0
LAST_WORDS: Final = 2000
"""Characters of the server's log in an error."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """The administrator's, chosen when a data directory is first used and kept by whoever chose them."""

    password: str = field(repr=False)
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class LocalServer:
    """One that runs."""

    base_url: str
    pid: int


def new_credentials() -> Credentials:
    """Return a random password and legacy token."""
    return Credentials(secrets.token_urlsafe(18), secrets.token_hex(20))


@contextmanager
def local_label_studio(
    executable: Path, data: Path, credentials: Credentials, *, ready_seconds: float = 300.0
) -> Iterator[LocalServer]:
    """Run a server on a free port until the context ends.

    Args:
        executable: `label-studio` in its virtual environment.
        data: its database and files. An empty one is set up, which takes some 40 s; a used one needs the credentials
            that it was set up with.
        credentials: the administrator's.
        ready_seconds: how long it may take until it answers.

    Raises:
        BuildError: it is not installed, or does not come up.
    """
    if not executable.is_file():
        raise BuildError(f"{executable} is missing; run: make label-studio")
    data.mkdir(parents=True, exist_ok=True)
    port = _free_port()
    base_url = f"http://{LOOPBACK}:{port}"
    log = data / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [executable, "start", "--no-browser", "--internal-host", LOOPBACK, "--port", str(port)],
            env=_environment(data, credentials),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is for the campaign; the server is stopped after it
        )
        try:
            _wait_until_ready(process, base_url, credentials.token, ready_seconds, log)
            yield LocalServer(base_url, process.pid)
        finally:
            _stop(process)


def _environment(data: Path, credentials: Credentials) -> dict[str, str]:
    """Return all of the server's environment: nothing of ours goes to it."""
    return {
        "LABEL_STUDIO_BASE_DATA_DIR": str(data),
        "LABEL_STUDIO_USERNAME": ADMIN,
        "LABEL_STUDIO_PASSWORD": credentials.password,
        "LABEL_STUDIO_USER_TOKEN": credentials.token,
        "LABEL_STUDIO_ENABLE_LEGACY_API_TOKEN": "true",
        "DJANGO_DB": "sqlite",
        "LOG_LEVEL": "WARNING",
        "SSRF_PROTECTION_ENABLED": "false",  # else no webhook may go to a loopback address
        "COLLECT_ANALYTICS": "false",
        "LATEST_VERSION_CHECK": "false",
        "FEATURE_FLAGS_OFFLINE": "true",
        "SENTRY_DSN": "",
        "FRONTEND_SENTRY_DSN": "",
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
    return port


def _wait_until_ready(process: "subprocess.Popen[bytes]", base_url: str, token: str, seconds: float, log: Path) -> None:
    """Wait for an answer that only this server can give: where the port was taken it would listen on the next one."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and process.poll() is None:
        try:
            reply = httpx.get(f"{base_url}/api/current-user/whoami", headers={"Authorization": f"Token {token}"})
        except httpx.TransportError:
            time.sleep(POLL_SECONDS)
            continue
        if reply.is_success:
            return
        raise BuildError(f"Label Studio in {log.parent} was set up with other credentials ({reply.status_code})")
    state = "has not answered" if process.poll() is None else f"ended with {process.returncode}"
    words = log.read_text(encoding="utf-8", errors="replace")[-LAST_WORDS:]
    raise BuildError(f"Label Studio {state} within {seconds:g} s; the end of {log}:\n{words}")


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
