"""The commands that keep the canonical inventory."""

from pathlib import Path
from typing import Annotated

import typer

from flows.flags import Finish, Json, Warehouse, at
from flows.settings import load


def canonical_commands(finish: Finish) -> typer.Typer:
    """Return the group of commands.

    Args:
        finish: shows the end of a command, and prints its data if that was asked for.
    """
    group = typer.Typer(no_args_is_help=True, help="Keep the inventory of canonical considerations.")

    @group.command()
    def update(warehouse: Warehouse = None, as_json: Json = False) -> None:
        """Give every consideration its canonical id, as a build does at its end; only a judgement changes an id."""
        from flows.canonical_shown import of_canonical
        from flows.canonicalising import update_inventory

        finish(of_canonical(update_inventory(load(at(warehouse)))), as_json)

    @group.command()
    def audit(
        out: Annotated[Path | None, typer.Option(help="Write pairs to judge.", metavar="FILE.csv")] = None,
        judgements: Annotated[
            Path | None,
            typer.Option(help="Take judged pairs: measure the inventory, then heed them.", metavar="FILE.csv"),
        ] = None,
        pairs: Annotated[int, typer.Option(help="How many pairs to write, at most.", min=6)] = 200,
        seed: Annotated[int, typer.Option(help="Another one draws other pairs.", min=0)] = 0,
        dry_run: Annotated[bool, typer.Option("--dry-run", help="Measure by the judged pairs; store nothing.")] = False,
        warehouse: Warehouse = None,
        as_json: Json = False,
    ) -> None:
        """Write borderline pairs for a person to judge (--out), or take them back judged (--judgements)."""
        from flows.canonical_shown import of_audit, of_drawn_pairs
        from flows.canonicalising import audit as taken_back
        from flows.canonicalising import draw_pairs

        settings = load(at(warehouse))
        if out is not None and judgements is None:
            finish(of_drawn_pairs(out, draw_pairs(settings, out, pairs=pairs, seed=seed)), as_json)
        elif judgements is not None and out is None:
            finish(of_audit(taken_back(settings, judgements, dry_run=dry_run)), as_json)
        else:
            raise typer.BadParameter("give --out to write pairs, or --judgements to take them back")

    return group
