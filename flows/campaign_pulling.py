"""What people have answered, from the server to the warehouse: window by window, each with its cursor at once."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from annotation.collecting import Dealt, collect
from annotation.exchange.pull import Window, pull
from annotation.exchange.server import AnnotationServer
from flows import progress
from flows.campaign_raw import keep
from flows.campaign_server import Running, running
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
    storage = Storage(settings)
    with storage.open() as db:
        if keep_raw is not None:
            campaign_people.keep_raw(db, name, str(keep_raw.resolve()))
        cursors = campaigns.cursors(db, name)
    wanted = {id_: cursor for id_, cursor in cursors.items() if projects is None or id_ in projects}
    seats = {project: seat for seat, project in of.projects.items()}
    pulled, there = Pulled(name, projects=len(wanted)), settings.label_studio
    with progress.stage("pulling projects", len(wanted)) as advance:
        windows = pull(
            server,
            wanted,
            tasks_at_once=there.pull_tasks,
            attempts=there.attempts,
            on_project=lambda _: advance(1, f"{pulled.pages} pages"),
        )
        for window in windows:
            seat = seats.get(window.project_id, "")
            if window.gone:
                pulled.gone.append(seat)
                continue
            if keep_raw is not None:
                keep(keep_raw, name, seat, window.states)
            _store(storage, of, seat, window, pulled)
    return pulled


def _store(storage: Storage, of: Running, seat: str, window: Window, pulled: Pulled) -> None:
    """Store a window; whose pages they are is looked up in its transaction, for somebody may have just sat down."""
    name, uids = of.campaign.id, [state.uid for state in window.states]
    with storage.open() as db, transaction(db):
        deal = {one.page.uid: Dealt(*one) for one in campaign_people.sittings(db, name, uids)}
        collected = collect(of.study, deal, window.states)
        stored = votes.store(db, collected.answered)
        pulled.withdrawn += votes.remove(db, collected.withdrawn)
        votes.add_annotators(db, collected.annotators)
        rejected.replace_pages(db, f"campaign {name}", uids, collected.rejected)
        pulled.done += campaign_people.settle_seats(db, name, [seat])
        campaigns.set_cursor(db, name, window.project_id, window.cursor)
    pulled.pages += stored.pages
    pulled.known += stored.stale
    pulled.forgotten += stored.forgotten
    pulled.refused.update(row.rule for row in collected.rejected)
