"""A campaign live: one process that lets people in, hears the server's hints, and brings in what was answered."""

import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Final
from urllib.parse import urlsplit

import uvicorn
from starlette.applications import Starlette

from annotation.exchange.gateway import Gateway
from annotation.exchange.hooks import register
from annotation.exchange.links import Links
from annotation.exchange.server import ServerBusyError
from annotation.exchange.webhooks import PATH, receiver
from annotation.vocabulary import parse_study
from flows import progress
from flows.campaign_admission import Admission
from flows.campaign_hints import HintedPulls
from flows.campaign_pulling import Pulled
from flows.campaign_server import annotation_server, prefix, stored
from flows.settings import Settings
from flows.storage import Storage
from valueprism_build.errors import BuildError, SettingsError
from warehouse import campaigns

STOP_SECONDS: Final = 10
"""For requests that are being answered, and likewise for the pull that is under way."""
EVERYWHERE: Final = frozenset({"0.0.0.0", "::", ""})
LOOPBACK: Final = "127.0.0.1"


@dataclass(slots=True)
class Lived:
    """What a live process has done.

    Attributes:
        pulls: of hinted projects, or of part of all.
        pages: answered pages that came in.
        done: people who answered everything meanwhile.
    """

    campaign: str
    pulls: int = 0
    pages: int = 0
    done: int = 0

    def take(self, pulled: Pulled) -> None:
        """Add what a pull brought, and say so where it did."""
        self.pulls += 1
        self.pages += pulled.pages
        self.done += pulled.done
        if pulled.pages or pulled.withdrawn:
            progress.say(f"{self.campaign}: {pulled.pages} pages came in, {pulled.withdrawn} answers were withdrawn")


def live(settings: Settings, name: str, host: str, port: int, *, hooks_to: str | None = None) -> Lived:
    """Run until Ctrl-C or a termination; killed at any moment and started again, it goes on.

    Args:
        settings: where warehouse and server are, the secrets, how people reach us.
        name: of the campaign, which has been created.
        host: to listen on.
        port: to listen on; 0 takes a free one.
        hooks_to: our address as the server reaches it; None where it runs on this machine.

    Raises:
        BuildError: the campaign is not on the server, a secret is missing, the token is refused, the port is taken, or
            a completion URL is of no stratum.
    """
    title = parse_study(stored(settings, name).study, f"of campaign {name}").title
    strata = _strata(settings, name)
    if not settings.live.webhook_secret:
        raise SettingsError("no secret for the server's hints; set VALUEPRISM_LIVE__WEBHOOK_SECRET to a random word")
    links = Links(settings.live.link_keys.split(), name, strata)
    admission, lived, there = Admission(settings, name), Lived(name), settings.label_studio
    with annotation_server(settings) as server, _listening(host, port) as listener:
        with suppress(ServerBusyError):  # which goes by; a refused token does not, and people would come in vain
            server.projects(prefix(name))
        here = f"http://{LOOPBACK if host in EVERYWHERE else host}:{listener.getsockname()[1]}"
        over, secret = threading.Event(), settings.live.webhook_secret
        hook = partial(register, there.base_url, there.token, f"{(hooks_to or here).rstrip('/')}{PATH}", secret)
        pulls = HintedPulls(settings, name, server, listen=hook, on_pull=lived.take, on_end=over.set)
        gateway = Gateway(
            there.base_url,
            there.token,
            admission.admit,
            links,
            title=title,
            secure=urlsplit(settings.live.public_url).scheme == "https",
            at_once=settings.live.requests_at_once,
            writes_at_once=settings.live.writes_at_once,
            on_trouble=lambda error: progress.say(f"valueprism: {error}"),
        )
        hints = receiver(secret, pulls.hint)
        progress.say(f"campaign {name} is live at {settings.live.public_url or here}; Ctrl-C ends it")
        pulls.start()
        try:
            _serve(gateway.application(*hints.routes), listener, over)
        finally:
            pulls.stop(STOP_SECONDS)
    if pulls.broke:
        raise RuntimeError("the thread that pulls has ended by itself; its traceback is above")
    return lived


def _strata(settings: Settings, name: str) -> list[str]:
    """Return the campaign's; refuse completion URLs of others, for somebody would be left without theirs."""
    with Storage(settings).open(read_only=True) as db:
        strata = sorted({seat.stratum for seat in campaigns.seats(db, name)})
    if strange := sorted(settings.live.completion_urls.keys() - set(strata)):
        raise SettingsError(
            f"live setting completion_urls names {', '.join(strange)}; campaign {name!r} has the strata "
            f"{', '.join(strata)}"
        )
    return strata


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    try:
        listener = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        raise BuildError(f"cannot listen on {host}:{port} ({error.strerror}); give another --port") from error
    with listener:
        yield listener


def _serve(application: Starlette, listener: socket.socket, over: threading.Event) -> None:
    """Answer requests in a thread until the event, which signals set, too; those under way get their answer."""
    config = uvicorn.Config(
        application, log_level="warning", access_log=False, lifespan="off", timeout_graceful_shutdown=STOP_SECONDS
    )
    web = uvicorn.Server(config)

    def run() -> None:
        try:
            web.run(sockets=[listener])
        finally:
            over.set()

    thread = threading.Thread(target=run, name="web")
    with _heeding(over):
        thread.start()
        over.wait()
        web.should_exit = True
        thread.join()


@contextmanager
def _heeding(over: threading.Event) -> Iterator[None]:
    """Have Ctrl-C and a termination set the event; where we are not the main thread, signals come to another."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, lambda *_: over.set()) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
