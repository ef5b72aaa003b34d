"""The commands by which people come to a campaign."""

from pathlib import Path
from typing import Annotated

import typer

from flows.campaign_running_commands import Name
from flows.flags import Finish, Json, Warehouse, at, given
from flows.settings import load

PublicUrl = Annotated[
    str | None, typer.Option(help="Where people reach the gateway, as https://study.example.", metavar="URL")
]


def add_live_commands(group: typer.Typer, finish: Finish) -> None:
    """Add the commands to the group.

    Args:
        group: of a campaign's commands.
        finish: shows the end of a command, and prints its data if that was asked for.
    """

    @group.command()
    def links(
        name: Name,
        participants: Annotated[
            Path | None,
            typer.Option(help="CSV of people: participant, stratum, perhaps email.", metavar="FILE.csv"),
        ] = None,
        out: Annotated[Path | None, typer.Option(help="CSV to write the links to.", metavar="FILE.csv")] = None,
        placeholder: Annotated[
            str, typer.Option(help="What the recruiting platform replaces by a participant's id.")
        ] = "{{%PROLIFIC_PID%}}",
        invitations: Annotated[
            Path | None, typer.Option(help="Write an e-mail (.eml) for each person there.", metavar="DIR")
        ] = None,
        accounts: Annotated[
            bool, typer.Option(help="Seat them now; the e-mail tells account and project instead of a link.")
        ] = False,
        public_url: PublicUrl = None,
        warehouse: Warehouse = None,
        as_json: Json = False,
    ) -> None:
        """Make signed links: one for each stratum, for a recruiting platform, or one for each person of a file."""
        settings = load(at(warehouse) | given(live=given(public_url=public_url)))
        from flows.campaign_admission import Admission
        from flows.campaign_links import links_of, write_invitations, write_links
        from flows.campaign_live_shown import of_links

        made = links_of(settings, name, participants, placeholder)
        if out is not None:
            write_links(out, made)
        written = 0
        if invitations is not None:
            admit = Admission(settings, name).admit if accounts else None
            written = write_invitations(settings, name, made, invitations, admit)
        finish(of_links(name, made, out, written), as_json)

    @group.command()
    def live(
        name: Name,
        host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
        port: Annotated[int, typer.Option(help="Port to listen on.", min=0, max=65535)] = 8090,
        public_url: PublicUrl = None,
        completion_url: Annotated[
            str | None,
            typer.Option(help="Where people go who have answered everything, as their platform says.", metavar="URL"),
        ] = None,
        hooks_to: Annotated[
            str | None, typer.Option(help="Our address as the annotation server reaches it.", metavar="URL")
        ] = None,
        warehouse: Warehouse = None,
        as_json: Json = False,
    ) -> None:
        """Let people in by their links, each to their own project, and pull what they answer. Ctrl-C ends it."""
        settings = load(at(warehouse) | given(live=given(public_url=public_url, completion_url=completion_url)))
        from flows.campaign_live import live as lived
        from flows.campaign_live_shown import of_live

        finish(of_live(lived(settings, name, host, port, hooks_to=hooks_to)), as_json)
