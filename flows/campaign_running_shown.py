"""What a campaign's commands have done on a server, as a person and a program are told."""

from flows.campaign_creating import OnServer
from flows.campaign_pulling import Pulled
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
