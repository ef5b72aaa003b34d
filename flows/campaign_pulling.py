"""What people have answered, from the server to the warehouse: window by window, each with its cursor at once."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from annotation.collecting import Dealt, collect
from annotation.exchange.pull import Window, pull
from annotation.exchange.server import AnnotationServer, TaskState
from flows import progress
from flows.campaign_raw import keep
from flows.campaign_server import Running, refuser, running
from flows.settings import Settings
from flows.storage import Storage
from warehouse import campaign_people, campaigns, rejected, votes
from warehouse.batches import transaction


@dataclass(slots=True)
class Pulled:
    """What has come in.

    Attributes:
        projects: that were read.
        pages: answered pages that are new, or were changed.
        known: answered pages that were as the warehouse has them.
        withdrawn: answers that were deleted on the server, and so here.
        forgotten: answered pages of people who are forgotten; nothing of them is stored.
        done: people who have now answered everything.
        refused: parts of what was read that were refused, by rule.
        gone: seats whose project was deleted on the server by hand; what was pulled of them before stays.
    """

    campaign: str
    projects: int = 0
    pages: int = 0
    known: int = 0
    withdrawn: int = 0
    forgotten: int = 0
    done: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    gone: list[str] = field(default_factory=list)


def pull_campaign(
    settings: Settings,
    name: str,
    server: AnnotationServer,
    *,
    keep_raw: Path | None = None,
    projects: Collection[int] | None = None,
) -> Pulled:
    """Bring in what has changed on the server since the last pull. Safe to kill: the next one goes on from there.

    Args:
        settings: where the warehouse is, how much is asked for at once.
        name: of the campaign.
        server: where it runs.
        keep_raw: directory in which to keep the answers as the server gave them; None to keep none.
        projects: ids of those to look at, as a webhook names them; None for all. Of another campaign: passed over.

    Raises:
        ServerBusyError: likewise `ServerRefusedError`, as of `pull`; what has been stored holds.
        BuildError: as of `running`.
    """
    of = running(settings, name, server)
    with Storage(settings).open() as db:
        if keep_raw is not None:
            campaign_people.keep_raw(db, name, str(keep_raw.resolve()))
        cursors = campaigns.cursors(db, name)
    wanted = {id_: cursor for id_, cursor in cursors.items() if projects is None or id_ in projects}
    taking, there = _Taking(settings, of, keep_raw), settings.label_studio
    taking.pulled.projects = len(wanted)
    with progress.stage("pulling projects", len(wanted)) as advance:
        for window in pull(
            server,
            wanted,
            tasks_at_once=there.pull_tasks,
            attempts=there.attempts,
            on_project=lambda _: advance(1, f"{taking.pulled.pages} pages"),
        ):
            taking.take(window)
        taking.store()
    return taking.ended()


class _Taking:
    """What has come and is not stored yet, and what became of the rest."""

    def __init__(self, settings: Settings, of: Running, keep_raw: Path | None) -> None:
        self._storage = Storage(settings)
        self._at_once = settings.label_studio.store_tasks
        self._of = of
        self._seats = {project: seat for seat, project in of.projects.items()}
        self._keep_raw = keep_raw
        self._windows: list[Window] = []
        self._refused: dict[str, list[str]] = {}  # rules by page: one that comes in two windows counts once
        self.pulled = Pulled(of.campaign.id)

    def take(self, window: Window) -> None:
        seat = self._seats[window.project_id]
        if window.gone:
            self.pulled.gone.append(seat)
            return
        if self._keep_raw is not None:
            keep(self._keep_raw, self._of.campaign.id, seat, window.states)
        self._windows.append(window)
        if sum(len(one.states) for one in self._windows) >= self._at_once:
            self.store()

    def store(self) -> None:
        """Store what has come; whose it is, is looked up in the same transaction: somebody may just have sat down."""
        windows, self._windows = self._windows, []
        if not windows:
            return
        name = self._of.campaign.id
        with self._storage.open() as db, transaction(db):
            told = {state.uid for window in windows for state in window.states}
            deal = {one.page.uid: Dealt(*one) for one in campaign_people.sittings(db, name, told)}
            states = [_named(state, self._seats[one.project_id], deal) for one in windows for state in one.states]
            uids = [state.uid for state in states]
            collected = collect(self._of.study, deal, states)
            stored = votes.store(db, collected.answered)
            self.pulled.withdrawn += votes.remove(db, collected.withdrawn)
            votes.add_annotators(db, collected.annotators)
            rejected.replace_pages(db, refuser(name), uids, collected.rejected)
            seats = [self._seats[window.project_id] for window in windows]
            self.pulled.done += campaign_people.settle_seats(db, name, seats)
            for window in windows:
                campaigns.set_cursor(db, name, window.project_id, window.cursor)
        self.pulled.pages += stored.pages
        self.pulled.known += stored.stale
        self.pulled.forgotten += stored.forgotten
        self._refused |= {uid: [] for uid in uids}
        for row in collected.rejected:
            self._refused.setdefault(row.subject_id.partition(":")[0], []).append(row.rule)

    def ended(self) -> Pulled:
        """Return what has become of everything."""
        self.pulled.refused.update(rule for rules in self._refused.values() for rule in rules)
        return self.pulled


def _named(state: TaskState, seat: str, deal: Mapping[str, Dealt]) -> TaskState:
    """Return a task of this seat's project under a name that no page bears, if it bears that of another seat's.

    Whoever can reach the server can rename a task, and would speak for another, or take their answer back.
    """
    dealt = deal.get(state.uid)
    return state if dealt is None or dealt.page.seat_id == seat else replace(state, uid=f"{seat}/{state.uid}")
