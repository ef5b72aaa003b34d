"""The command that tells how good the negatives are."""

from pathlib import Path
from typing import Annotated

import typer

from flows.flags import CheckNegatives, Finish, Json, Warehouse, at, of_checker
from flows.settings import load


def negative_commands(finish: Finish) -> typer.Typer:
    """Return the group of commands.

    Args:
        finish: shows the end of a command, and prints its data if that was asked for.
    """
    group = typer.Typer(no_args_is_help=True, help="Look at the negatives of the relevance task.")

    @group.callback()
    def negatives() -> None:
        """Keep `audit` a command of its own: a group of one would take its name away."""

    @group.command()
    def audit(
        out: Annotated[Path | None, typer.Option(help="Write negatives to judge.", metavar="FILE.csv")] = None,
        judged: Annotated[
            Path | None, typer.Option(help="Take them back judged: tell how many are relevant.", metavar="FILE.csv")
        ] = None,
        pairs: Annotated[int, typer.Option(help="How many to write, at most.", min=1)] = 200,
        seed: Annotated[int, typer.Option(help="Another one picks others.", min=0)] = 0,
        check_negatives: CheckNegatives = None,
        warehouse: Warehouse = None,
        as_json: Json = False,
    ) -> None:
        """Write negatives that a release would have for a person to judge (--out), or measure by them (--judged)."""
        from flows.negatives import audited, drawn_pairs, of_audit, of_drawn_pairs

        if out is not None and judged is None:
            settings = load(at(warehouse) | of_checker(check_negatives))
            written = drawn_pairs(settings, out, pairs=pairs, seed=seed, check_negatives=check_negatives)
            finish(of_drawn_pairs(out, written), as_json)
        elif judged is not None and out is None:
            finish(of_audit(audited(judged)), as_json)
        else:
            raise typer.BadParameter("give --out to write pairs, or --judged to take them back")

    return group
