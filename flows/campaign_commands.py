"""The commands that run annotation campaigns."""

from collections.abc import Sequence
from typing import Annotated, Final

import typer

from flows.flags import Finish, Json, Warehouse, at, given
from flows.settings import load

EVERYBODY: Final = "everybody"
"""The stratum of all people, where none is named."""


def campaign_commands(finish: Finish) -> typer.Typer:
    """Return the group of commands.

    Args:
        finish: shows the end of a command, and prints its data if that was asked for.
    """
    group = typer.Typer(no_args_is_help=True, help="Ask people what they think of considerations.")

    @group.command()
    def plan(
        people: Annotated[
            list[str],
            typer.Option(help="Seats of a stratum, as liberal=200; or 200. May be repeated.", metavar="STRATUM=N"),
        ],
        sample: Annotated[
            int, typer.Option(help="Situations to ask about; items where the study takes them singly.", min=1)
        ],
        overlap: Annotated[int, typer.Option(help="People for each of them, over all strata.", min=1)],
        study: Annotated[
            str, typer.Option(help="agreement, quality, or a copy of one that you changed.", metavar="NAME|FILE.toml")
        ] = "agreement",
        block: Annotated[
            int | None, typer.Option(help="Situations, or single items, a person at most; as few as will do.", min=1)
        ] = None,
        seed: Annotated[int, typer.Option(help="Another one draws and deals otherwise.", min=0)] = 0,
        seconds_per_page: Annotated[float | None, typer.Option(help="What a page takes, for time and cost.")] = None,
        usd_per_hour: Annotated[float | None, typer.Option(help="What people are paid, for the cost.")] = None,
        warehouse: Warehouse = None,
        as_json: Json = False,
    ) -> None:
        """Draw items, deal them to seats, and show what that comes to: answers, pages, time, cost. Stores nothing."""
        seats = _by_stratum(people)
        money = given(seconds_per_page=seconds_per_page, usd_per_hour=usd_per_hour)
        settings = load(at(warehouse) | given(campaign=money))
        from flows.campaign_planning import Wanted, plan_campaign
        from flows.campaign_shown import of_plan

        wanted = Wanted(study, seats, sample, overlap, block, seed)
        finish(of_plan(plan_campaign(settings, wanted), settings.campaign), as_json)

    return group


def _by_stratum(people: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for given_as in people:
        stratum, _, count = given_as.rpartition("=")
        if not count.isdecimal() or int(count) < 1 or ("=" in given_as and not stratum):
            raise typer.BadParameter(f"--people {given_as!r} is not like liberal=200", param_hint="--people")
        if (stratum or EVERYBODY) in found:
            raise typer.BadParameter(f"--people names {stratum or EVERYBODY!r} twice", param_hint="--people")
        found[stratum or EVERYBODY] = int(count)
    return found
