"""The commands that run annotation campaigns."""

from collections.abc import Sequence
from typing import Annotated

import typer

from flows.campaign_flags import BlockLength, Overlap, People, SampleSize, Seed, StudyName, by_stratum
from flows.campaign_live_commands import add_live_commands
from flows.campaign_quality_commands import add_quality_commands
from flows.campaign_report_commands import add_report
from flows.campaign_running_commands import add_running_commands
from flows.flags import Finish, Json, Warehouse, at, given
from flows.missing_commands import add_missing_commands
from flows.settings import load


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
        seats = by_stratum(people)
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
        on_server: Annotated[
            bool, typer.Option("--server", help="Have them answer on the annotation server; it is tidied up.")
        ] = False,
        warehouse: Warehouse = None,
        as_json: Json = False,
    ) -> None:
        """Plan a campaign and have people who do not exist answer it, from deal to votes. Stores nothing."""
        seats, effects = by_stratum(people), _effects(effect or ())
        if unknown := sorted(effects.keys() - seats.keys()):
            raise typer.BadParameter(f"--effect names {', '.join(unknown)}, --people does not", param_hint="--effect")
        settings = load(at(warehouse))
        from annotation.simulated_people import Crowd
        from flows.campaign_planning import Wanted
        from flows.campaign_shown import of_simulation
        from flows.campaign_simulating import simulate as simulated

        crowd = Crowd(effects=effects, speeders=speeders, leavers=leavers)
        wanted = Wanted(study, seats, sample, overlap, block, seed)
        if on_server:
            from flows.campaign_server import annotation_server
            from flows.campaign_simulating_on_server import simulate_on_server

            with annotation_server(settings) as server:
                found = simulate_on_server(settings, wanted, crowd, server)
        else:
            found = simulated(settings, wanted, crowd)
        finish(of_simulation(found), as_json)

    add_running_commands(group, finish)
    add_quality_commands(group, finish)
    add_report(group, finish)
    add_live_commands(group, finish)
    add_missing_commands(group, finish)
    return group


def _effects(effects: Sequence[str]) -> dict[str, float]:
    found = {}
    for given_as in effects:
        stratum, _, size = given_as.rpartition("=")
        try:
            found[stratum] = float(size)
        except ValueError:
            raise typer.BadParameter(f"--effect {given_as!r} is not like liberal=0.5", param_hint="--effect") from None
    return found
