"""What the server hints at is pulled soon, in a thread of its own; and from time to time everything, for lost hints."""

import threading
import time
from collections.abc import Callable, Collection, Sequence
from typing import Final

from annotation.exchange.server import AnnotationServer
from flows import progress
from flows.campaign_pulling import Pulled, pull_campaign
from flows.campaign_server import running
from flows.settings import Settings
from valueprism_build.errors import BuildError

LONGEST_WAIT: Final = 60.0
"""Seconds after a pull, at most."""
REST: Final = 4.0
"""Times as long as a pull took, the server is left to those who answer; a crowd's hints would keep it at pulling."""


class HintedPulls:
    """Pulls the projects that hints name, shortly after; every project from time to time."""

    def __init__(
        self,
        settings: Settings,
        name: str,
        server: AnnotationServer,
        *,
        listen: Callable[[Sequence[int]], object] = lambda _: None,
        on_pull: Callable[[Pulled], None] = lambda _: None,
        on_end: Callable[[], None] = lambda: None,
    ) -> None:
        """Prepare; nothing is pulled before `start`.

        Args:
            settings: `live` says how soon and how often.
            name: of the campaign.
            server: where it runs; used by this thread alone.
            listen: has the server hint at these projects, now and before everything is pulled; it may fail.
            on_pull: is told what has come, in the thread that pulls.
            on_end: is called at the end of that thread; where nobody has stopped it, it has failed.

        Raises:
            BuildError: as of `running`.
        """
        self._settings = settings
        self._name = name
        self._server = server
        self._listen = listen
        self._on_pull = on_pull
        self._on_end = on_end
        self._ours = frozenset(running(settings, name, server).projects.values())
        self._hinted: set[int] = set()  # of ours only, so it is bounded
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._ending = threading.Event()
        self._broke = False
        self._thread = threading.Thread(target=self._run, name="pulls", daemon=True)

    def hint(self, project_id: int) -> None:
        """Note that something has changed there; returns at once. A project of another campaign is passed over."""
        with self._lock:
            if project_id in self._ours:
                self._hinted.add(project_id)
                self._wake.set()

    def start(self) -> None:
        """Begin; the first thing is a pull of everything, for what was missed before."""
        self._thread.start()

    def stop(self, wait_seconds: float) -> None:
        """End after the projects that are being pulled; later, the next start goes on from there."""
        self._ending.set()
        self._wake.set()
        self._thread.join(wait_seconds)

    @property
    def broke(self) -> bool:
        """Return whether the thread has ended though nobody has stopped it."""
        return self._broke

    def _run(self) -> None:
        try:
            self._pull_again_and_again()
        finally:
            self._broke = not self._ending.is_set()
            self._on_end()

    def _pull_again_and_again(self) -> None:
        live, wait, due = self._settings.live, 0.0, 0.0
        while not self._ending.is_set():
            started = time.monotonic()
            whole = started >= due
            left = self._pull(self._everything() if whole else self._taken())
            rest = REST * (time.monotonic() - started)
            if whole:
                due = time.monotonic() + max(live.reconcile_seconds, rest)
            with self._lock:
                self._hinted.update(left)
            wait = min(max(wait * 2, live.hint_seconds), LONGEST_WAIT) if left else 0.0
            self._rest(wait, due, min(max(live.hint_seconds, rest), LONGEST_WAIT))

    def _rest(self, wait: float, due: float, gather: float) -> None:
        """Wait after a failure, else for a hint or the time of reconciling; then let hints gather."""
        if wait:
            self._ending.wait(wait)
        elif self._wake.wait(max(due - time.monotonic(), 0)):
            self._ending.wait(gather)

    def _everything(self) -> Sequence[int]:
        self._taken()
        try:
            self._ours = frozenset(running(self._settings, self._name, self._server).projects.values())
            self._listen(sorted(self._ours))
        except BuildError as error:
            every = self._settings.live.reconcile_seconds
            progress.say(f"valueprism: {error}; without hints, answers come in every {every:g} s")
        return sorted(self._ours)

    def _taken(self) -> Sequence[int]:
        with self._lock:
            self._wake.clear()
            taken, self._hinted = self._hinted, set()
        return sorted(taken)

    def _pull(self, wanted: Sequence[int]) -> Collection[int]:
        """Return what is still to be pulled: after a failure, or at the end."""
        at_once = self._settings.live.pull_at_once
        for start in range(0, len(wanted), at_once):
            if self._ending.is_set():
                return wanted[start:]
            try:
                with progress.silence():
                    pulled = pull_campaign(
                        self._settings, self._name, self._server, projects=wanted[start : start + at_once]
                    )
            except BuildError as error:
                progress.say(f"valueprism: {error}; it is tried again")
                return wanted[start:]
            self._on_pull(pulled)
        return ()
