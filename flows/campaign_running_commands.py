"""The commands that run a campaign on a server."""

from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from flows.campaign_flags import BlockLength, Overlap, People, SampleSize, Seed, StudyName, by_stratum
from flows.flags import Finish, Json, Warehouse, at
from flows.settings import load

Name = Annotated[str, typer.Argument(help="Name of the campaign.", metavar="NAME")]

StoppedAfter = Annotated[
    float,
    typer.Option(help="Hours without an answer after which somebody has stopped.", min=0, metavar="HOURS"),
]


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

    @group.command()
    def status(
        name: Name,
        out: Annotated[Path | None, typer.Option(help="Page to write, too.", metavar="FILE.html")] = None,
        stopped_after: StoppedAfter = 24.0,
        items: Annotated[int, typer.Option(help="How many to show of the items that lack most.", min=0)] = 20,
        warehouse: Warehouse = None,
        as_json: Json = False,
    ) -> None:
        """Show answers against quotas, pace and time left, people who stopped, gold accuracy, what was refused."""
        settings = load(at(warehouse))
        from annotation.vocabulary import parse_study
        from flows.campaign_status import status as found_of
        from flows.campaign_status_page import write_page
        from flows.campaign_status_shown import of_status

        found = found_of(settings, name, now=datetime.now(UTC), stopped_after=timedelta(hours=stopped_after))
        if out is not None:
            write_page(found, out, parse_study(found.campaign.study, f"of campaign {name}").title)
        finish(of_status(found, items), as_json)

    @group.command()
    def redeal(
        name: Name,
        people: Annotated[
            list[str] | None,
            typer.Option(help="New seats of a stratum, as liberal=5. May be repeated.", metavar="STRATUM=N"),
        ] = None,
        stopped_after: Annotated[
            float | None,
            typer.Option(help="Close seats whose person has not answered for so many hours.", min=0, metavar="HOURS"),
        ] = None,
        warehouse: Warehouse = None,
        as_json: Json = False,
    ) -> None:
        """Pull, close seats of people who have stopped, deal their pages again, and push. Safe to kill."""
        more = by_stratum(people or ())
        settings = load(at(warehouse))
        from flows.campaign_redealing import redeal_campaign
        from flows.campaign_running_shown import of_redeal
        from flows.campaign_server import annotation_server

        hours = None if stopped_after is None else timedelta(hours=stopped_after)
        with annotation_server(settings) as server:
            done = redeal_campaign(settings, name, server, people=more, stopped_after=hours, now=datetime.now(UTC))
        finish(of_redeal(done), as_json)

    @group.command()
    def forget(
        name: Name,
        who: Annotated[str, typer.Argument(help="The id that they came with, or their pseudonym.", metavar="PERSON")],
        offline: Annotated[
            bool, typer.Option("--offline", help="The server is gone: forget them in the warehouse only.")
        ] = False,
        warehouse: Warehouse = None,
        as_json: Json = False,
    ) -> None:
        """Remove a person from the warehouse and the server, for good, and record that it was done. Safe to kill."""
        settings = load(at(warehouse))
        from flows.campaign_forgetting import forget as forgotten
        from flows.campaign_running_shown import of_forgetting
        from flows.campaign_server import annotation_server

        with nullcontext() if offline else annotation_server(settings) as server:
            done = forgotten(settings, name, who, server, now=datetime.now(UTC))
        finish(of_forgetting(done), as_json)

    @group.command()
    def end(name: Name, warehouse: Warehouse = None, as_json: Json = False) -> None:
        """Pull once more, close the seats that nobody has taken, and mark the campaign as over."""
        settings = load(at(warehouse))
        from flows.campaign_ending import end as ended
        from flows.campaign_running_shown import of_pull
        from flows.campaign_server import annotation_server

        with annotation_server(settings) as server:
            done = ended(settings, name, server)
        finish(of_pull(done), as_json)
