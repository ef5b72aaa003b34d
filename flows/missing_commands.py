"""The commands that take what people say is missing into the dataset."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from flows.flags import BaseUrl, Finish, Json, Model, Teachers, Warehouse, at, given, of_one
from flows.settings import load

Name = Annotated[str, typer.Argument(help="Campaign.", metavar="NAME")]
Out = Annotated[Path | None, typer.Option(help="Write all wishes, for your own eyes.", metavar="FILE.csv")]


def add_missing_commands(group: typer.Typer, finish: Finish) -> None:
    """Add the commands to the group of campaigns.

    Args:
        group: of the campaign commands.
        finish: shows the end of a command, and prints its data if that was asked for.
    """

    @group.command()
    def missing(
        name: Name,
        rows: Annotated[int, typer.Option(help="Wishes to show.", min=1)] = 20,
        out: Out = None,
        warehouse: Warehouse = None,
        as_json: Json = False,
    ) -> None:
        """Put together what people said is missing, and show how many want it and what became of it. Asks nobody."""
        from flows.enriching import look
        from flows.missing_shown import of_look

        settings = load(at(warehouse))
        finish(of_look(settings, look(settings, name), most=rows, out=out), as_json)

    @group.command()
    def enrich(
        name: Name,
        teacher: Teachers = None,
        model: Model = None,
        base_url: BaseUrl = None,
        budget_usd: Annotated[str | None, typer.Option(help="Hard cap in US dollars for this run.")] = None,
        dry_run: Annotated[
            bool, typer.Option("--dry-run", help="Show requests, tokens and cost; send nothing, store nothing.")
        ] = False,
        least_people: Annotated[
            int | None, typer.Option(help="Ask only about what so many people said; 1 unless set.", min=1)
        ] = None,
        warehouse: Warehouse = None,
        as_json: Json = False,
    ) -> None:
        """Ask a teacher to put into words what people said is missing, and take it into the dataset."""
        overrides = at(warehouse) | given(
            teacher=teacher,
            teachers=of_one(teacher or (), given(model=model, base_url=base_url)),
            budget_usd=budget_usd,
            missing=given(least_people=least_people),
        )
        settings = load(overrides)
        if dry_run:
            from flows.forecasts_shown import of_forecasts
            from flows.wish_asking import estimate

            finish(of_forecasts(estimate(settings, name, datetime.now(UTC)), settings.relevance), as_json)
            return
        from flows.enriching import enrich as enriched
        from flows.missing_shown import of_enriched

        finish(of_enriched(settings, enriched(settings, name)), as_json)
