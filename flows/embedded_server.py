"""Prefect's embedded server, out of reach of the terminal's Ctrl-C, and never left behind."""

import atexit
import signal
import subprocess

from prefect.client.orchestration import get_client
from prefect.settings import PREFECT_API_URL


def start() -> None:
    """Start the server that the coming flow will use, unless there is one to connect to.

    A terminal sends an interrupt to every process in front of it. A server that dies of it leaves Prefect asking it for
    a minute before our run may end; it inherits the mask instead, lives, and is stopped by Prefect at our exit.
    """
    if PREFECT_API_URL.value():
        return
    from prefect.server.api.server import SubprocessASGIServer  # seconds of imports, which a client does without

    running = SubprocessASGIServer().server_process  # the one instance that clients start
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        with get_client(sync_client=True):
            started = SubprocessASGIServer().server_process
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    if started is not None and started is not running:
        _guard(started.pid)


def _guard(server: int) -> None:
    """Stop the server (200 MB) when this process is gone, however it went: its end closes the guard's input."""
    # Its own session, so that the terminal's Ctrl-C does not end the guard before us.
    command = ["sh", "-c", 'read -r _; kill "$1" 2>/dev/null', "guard", str(server)]
    guard = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)
    atexit.register(guard.communicate)
