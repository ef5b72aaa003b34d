"""The commands that run a campaign on a server."""

from pathlib import Path
from typing import Annotated

import typer

from flows.campaign_flags import BlockLength, Overlap, People, SampleSize, Seed, StudyName, by_stratum
from flows.flags import Finish, Json, Warehouse, at
from flows.settings import load

Name = Annotated[str, typer.Argument(help="Name of the campaign.", metavar="NAME")]


def add_running_commands(group: typer.Typer, finish: Finish) -> None:
    """Add the commands to the group.

    Args:
        group: of a campaign's commands.
        finish: shows the end of a command, and prints its data if that was asked for.
    """

    @group.command()
    def create(
        name: Name,
        people: People,
        sample: SampleSize,
        overlap: Overlap,
        study: StudyName = "agreement",
        block: BlockLength = None,
        seed: Seed = 0,
        warehouse: Warehouse = None,
        as_json: Json = False,
    ) -> None:
        """Plan a campaign, store it, and push a project for each seat. Safe to kill: the same command goes on."""
        seats = by_stratum(people)
        settings = load(at(warehouse))
        from flows.campaign_creating import create as created
        from flows.campaign_planning import Wanted
        from flows.campaign_running_shown import of_push
        from flows.campaign_server import annotation_server

        with annotation_server(settings) as server:
            done = created(settings, name, Wanted(study, seats, sample, overlap, block, seed), server)
        finish(of_push(done), as_json)

    @group.command()
    def pull(
        name: Name,
        keep_raw: Annotated[
            Path | None,
            typer.Option(help="Keep the answers there as the server gave them, too.", metavar="DIR"),
        ] = None,
        warehouse: Warehouse = None,
        as_json: Json = False,
    ) -> None:
        """Bring in what people have answered, edited, skipped and deleted since the last pull. Safe to kill."""
        settings = load(at(warehouse))
        from flows.campaign_pulling import pull_campaign
        from flows.campaign_running_shown import of_pull
        from flows.campaign_server import annotation_server

        with annotation_server(settings) as server:
            done = pull_campaign(settings, name, server, keep_raw=keep_raw)
        finish(of_pull(done), as_json)
