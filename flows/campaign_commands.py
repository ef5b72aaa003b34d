"""The commands that run annotation campaigns."""

from collections.abc import Sequence
from typing import Annotated, Final

import typer

from flows.campaign_report_commands import add_report
from flows.flags import Finish, Json, Warehouse, at, given
from flows.settings import load

EVERYBODY: Final = "everybody"
"""The stratum of all people, where none is named."""


People = Annotated[
    list[str],
    typer.Option(help="Seats of a stratum, as liberal=200; or 200. May be repeated.", metavar="STRATUM=N"),
]
SampleSize = Annotated[
    int, typer.Option("--sample", help="Situations to ask about; items where the study takes them singly.", min=1)
]
Overlap = Annotated[int, typer.Option(help="People for each of them, over all strata.", min=1)]
StudyName = Annotated[
    str, typer.Option("--study", help="agreement, quality, or a copy of one, changed.", metavar="NAME|FILE.toml")
]
BlockLength = Annotated[
    int | None,
    typer.Option("--block", help="Situations, or single items, a person at most; as few as will do.", min=1),
]
Seed = Annotated[int, typer.Option(help="Another one draws and deals otherwise.", min=0)]


def campaign_commands(finish: Finish) -> typer.Typer:
    """Return the group of commands.

    Args:
        finish: shows the end of a command, and prints its data if that was asked for.
    """
    group = typer.Typer(no_args_is_help=True, help="Ask people what they think of considerations.")

    @group.command()
    def plan(
        people: People,
        sample: SampleSize,
        overlap: Overlap,
        study: StudyName = "agreement",
        block: BlockLength = None,
        seed: Seed = 0,
        seconds_per_page: Annotated[float | None, typer.Option(help="What a page takes, for time and cost.")] = None,
        usd_per_hour: Annotated[float | None, typer.Option(help="What people are paid, for the cost.")] = None,
        difference: Annotated[
            float | None,
            typer.Option(help="Percentage points between two strata to tell the people for.", min=0.1, max=100),
        ] = None,
        warehouse: Warehouse = None,
        as_json: Json = False,
    ) -> None:
        """Draw items, deal them to seats, and show what that comes to: pages, cost, power. Stores nothing."""
        seats = _by_stratum(people)
        money = given(seconds_per_page=seconds_per_page, usd_per_hour=usd_per_hour)
        settings = load(at(warehouse) | given(campaign=money))
        from flows.campaign_planning import Wanted, plan_campaign
        from flows.campaign_power import detectable
        from flows.campaign_shown import of_plan

        planned = plan_campaign(settings, Wanted(study, seats, sample, overlap, block, seed))
        found = detectable(planned, settings.power, None if difference is None else difference / 100)
        finish(of_plan(planned, settings.campaign, found), as_json)

    @group.command()
    def simulate(
        people: People,
        sample: SampleSize,
        overlap: Overlap,
        study: StudyName = "agreement",
        block: BlockLength = None,
        seed: Seed = 0,
        effect: Annotated[
            list[str] | None,
            typer.Option(help="Of a stratum on the log-odds of agreeing, as liberal=0.5.", metavar="STRATUM=X"),
        ] = None,
        speeders: Annotated[float, typer.Option(help="Share who answer anything, at once.", min=0, max=1)] = 0.0,
        leavers: Annotated[float, typer.Option(help="Share who stop on the way.", min=0, max=1)] = 0.0,
        warehouse: Warehouse = None,
        as_json: Json = False,
    ) -> None:
        """Plan a campaign and have people who do not exist answer it, from deal to votes. No server, stores nothing."""
        seats, effects = _by_stratum(people), _effects(effect or ())
        if unknown := sorted(effects.keys() - seats.keys()):
            raise typer.BadParameter(f"--effect names {', '.join(unknown)}, --people does not", param_hint="--effect")
        settings = load(at(warehouse))
        from annotation.simulated_people import Crowd
        from flows.campaign_planning import Wanted
        from flows.campaign_shown import of_simulation
        from flows.campaign_simulating import simulate as simulated

        crowd = Crowd(effects=effects, speeders=speeders, leavers=leavers)
        finish(of_simulation(simulated(settings, Wanted(study, seats, sample, overlap, block, seed), crowd)), as_json)

    add_report(group, finish)
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


def _effects(effects: Sequence[str]) -> dict[str, float]:
    found = {}
    for given_as in effects:
        stratum, _, size = given_as.rpartition("=")
        try:
            found[stratum] = float(size)
        except ValueError:
            raise typer.BadParameter(f"--effect {given_as!r} is not like liberal=0.5", param_hint="--effect") from None
    return found
