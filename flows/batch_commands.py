"""The commands that show and end what `build --batch` has under way."""

from typing import Annotated

import typer

from flows.flags import BaseUrl, Finish, Json, Model, Teachers, Wait, Warehouse, at, given, of_one
from flows.settings import load


def batch_commands(finish: Finish) -> typer.Typer:
    """Return the group of commands.

    Args:
        finish: shows the end of a command, and prints its data if that was asked for.
    """
    group = typer.Typer(no_args_is_help=True, help="See and cancel what `build --batch` has under way.")

    @group.command("list")
    def list_(warehouse: Warehouse = None, as_json: Json = False) -> None:
        """List every batch that was made, as last seen."""
        from flows.batching import list_batches
        from flows.summaries import of_batches

        settings = load(at(warehouse))
        finish(of_batches(list_batches(settings), none=f"no batch was made from {settings.warehouse} yet"), as_json)

    @group.command()
    def cancel(
        batch: Annotated[
            list[str] | None, typer.Argument(help="Batches to cancel; all of the teachers named if none.")
        ] = None,
        teacher: Teachers = None,
        model: Model = None,
        base_url: BaseUrl = None,
        wait: Wait = None,
        warehouse: Warehouse = None,
        as_json: Json = False,
    ) -> None:
        """Cancel batches under way, wait for their end, and keep what was answered until then."""
        from flows.batching import cancel_batches
        from flows.summaries import of_batches

        overrides = at(warehouse) | given(
            teacher=teacher,
            teachers=of_one(teacher or (), given(model=model, base_url=base_url)),
            batch=given(wait=wait),
        )
        settings = load(overrides)
        left = cancel_batches(settings, batch or ())
        finish(of_batches(left, none=f"no batch of {', '.join(settings.teacher)} is under way now"), as_json)

    return group
