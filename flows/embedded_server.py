"""Prefect's embedded server, out of reach of the terminal's Ctrl-C."""

import signal

from prefect.client.orchestration import get_client


def start() -> None:
    """Start the server that the coming flow will use, unless there is one to connect to.

    A terminal sends an interrupt to every process in front of it. A server that dies of it leaves Prefect asking it for
    a minute before our run may end; it inherits the mask instead, lives, and is stopped by Prefect at our exit.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        with get_client(sync_client=True):
            pass
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
