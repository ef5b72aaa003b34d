"""What a campaign's commands have done on a server, as a person and a program are told."""

from flows.campaign_creating import OnServer
from flows.campaign_forgetting import Forgotten
from flows.campaign_pulling import Pulled
from flows.campaign_redealing import Redealt
from flows.tables import Summary


def of_push(done: OnServer) -> Summary:
    """Return what is on the server, and how much of it is new."""
    line = (
        f"campaign {done.campaign} is on {done.base_url}: {done.pages} pages in {done.projects} projects, "
        f"{done.added} of them new"
    )
    data = {"campaign": done.campaign, "base_url": done.base_url, "projects": done.projects, "pages": done.pages}
    return Summary([line], {**data, "added": done.added})


def of_pull(done: Pulled) -> Summary:
    """Return what came, what was refused by which rule, and which projects are not there any more."""
    line = (
        f"campaign {done.campaign}: {done.pages} answered pages came in, {done.known} were known, {done.withdrawn} "
        f"answers were withdrawn; {done.done} people are done now"
    )
    refused = [f"refused: {count} by {rule}" for rule, count in sorted(done.refused.items())]
    gone = [
        f"the project of seat {seat} was deleted on the server; what was pulled of it stays, and `campaign create` "
        "with this campaign's flags makes it anew"
        for seat in done.gone
    ]
    forgotten = [f"{done.forgotten} pages of people who are forgotten were left out"] if done.forgotten else []
    data = {
        "campaign": done.campaign,
        "projects": done.projects,
        "pages": done.pages,
        "known": done.known,
        "withdrawn": done.withdrawn,
        "forgotten": done.forgotten,
        "done": done.done,
        "refused": dict(done.refused),
        "gone": list(done.gone),
    }
    return Summary([*refused, *gone, *forgotten, line], data)


def of_redeal(done: Redealt) -> Summary:
    """Return whose seats were closed and what became of their pages."""
    gone = [
        f"closed: seat {one.seat_id}, {one.answered} of {one.pages} pages answered, last seen {one.last:%Y-%m-%d %H:%M}"
        for one in done.stopped
    ]
    line = f"campaign {done.pulled.campaign}: {done.pages} pages dealt again, {done.seats} new seats"
    lacking = [f"{done.lacking} gold items and repeats could not be planted"] if done.lacking else []
    pushed = of_push(done.on_server)
    data = {
        **pushed.data,
        "closed": [one.seat_id for one in done.stopped],
        "seats": done.seats,
        "dealt": done.pages,
        "not_planted": done.lacking,
    }
    return Summary([*gone, *lacking, line, *pushed.shown], data)


def of_forgetting(done: Forgotten) -> Summary:
    """Return what was removed, and what is left to be removed by hand."""
    line = (
        "this person was forgotten before; nothing of theirs is here"
        if done.before
        else f"forgotten: {', '.join(done.seats)}; {done.votes} answers removed here, their project and account on the "
        f"server, and {done.annotations} answers in other people's projects; that it was done is recorded"
    )
    files = [f"this kept export holds answers of theirs, delete it: {path}" for path in done.raw_files]
    by_hand = [f"not deleted on the server, do it by hand: {what}" for what in done.by_hand]
    data = {
        "seats": list(done.seats),
        "votes": done.votes,
        "annotations": done.annotations,
        "before": done.before,
        "raw_files": [str(path) for path in done.raw_files],
        "by_hand": list(done.by_hand),
    }
    return Summary([line, *files, *by_hand], data)
