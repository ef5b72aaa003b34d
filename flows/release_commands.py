"""The command that makes a release."""

from pathlib import Path
from typing import Annotated

import typer

from flows.flags import CheckNegatives, Finish, Json, Warehouse, at, given, of_checker
from flows.settings import load


def release_commands(finish: Finish) -> typer.Typer:
    """Return the group of commands.

    Args:
        finish: shows the end of a command, and prints its data if that was asked for.
    """
    group = typer.Typer(no_args_is_help=True, help="Make versioned dataset releases.")

    @group.callback()
    def releases_() -> None:
        """Keep `create` a command of its own: a group of one would take its name away."""

    @group.command("create")
    def create_(
        version: Annotated[str, typer.Option(help="Semantic version of the release, such as 0.1.0.")],
        releases: Annotated[Path | None, typer.Option(help="Directory of all releases.", metavar="DIR")] = None,
        waive: Annotated[list[str] | None, typer.Option(help="Gate to waive by name. May be repeated.")] = None,
        teacher: Annotated[
            str | None, typer.Option(help="Release only what this teacher said, though another may have worded it.")
        ] = None,
        rows: Annotated[int, typer.Option(help="How many rows to show at the end.", min=0)] = 5,
        check_negatives: CheckNegatives = None,
        warehouse: Warehouse = None,
        as_json: Json = False,
    ) -> None:
        """Check the gates and write a release folder: Parquet, card, manifest, changelog."""
        overrides = at(warehouse) | given(releases=releases and str(releases)) | of_checker(check_negatives)
        from flows.release import create
        from flows.summaries import of_release

        made = create(
            load(overrides),
            version=version,
            waived=frozenset(waive or ()),
            teacher=teacher,
            rows=rows,
            check_negatives=check_negatives,
        )
        finish(of_release(made), as_json)

    return group
