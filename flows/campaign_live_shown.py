"""What the links and the live process of a campaign came to, as a person and a program are told."""

from collections.abc import Sequence
from pathlib import Path

from flows.campaign_links import Linked
from flows.campaign_live import Lived
from flows.tables import Summary, table


def of_links(name: str, made: Sequence[Linked], out: Path | None, invitations: int) -> Summary:
    """Return the links themselves, or where they were written.

    Args:
        name: of the campaign.
        made: the links.
        out: the file that holds them; None where there is none, and they are shown.
        invitations: messages that were written.
    """
    rows = [(one.stratum, one.participant, one.link) for one in made]
    shown = table("", ["stratum", "participant", "link"], rows) if out is None else f"{len(made)} links in {out}"
    written = [f"{invitations} invitations written"] if invitations else []
    links = [{"stratum": one.stratum, "participant": one.participant, "link": one.link} for one in made]
    return Summary([shown, *written], {"campaign": name, "links": links, "invitations": invitations})


def of_live(lived: Lived) -> Summary:
    """Return what came in while it lived."""
    line = f"campaign {lived.campaign}: {lived.pages} answered pages came in, {lived.done} people are done now"
    data = {"campaign": lived.campaign, "pulls": lived.pulls, "pages": lived.pages, "done": lived.done}
    return Summary([line], data)
