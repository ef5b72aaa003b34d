"""The commands that show how people went about their pages, and leave some of them out of what is counted."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from flows.campaign_running_commands import Name
from flows.flags import Finish, Json, Warehouse, at
from flows.settings import load

Rules = Annotated[
    list[str] | None, typer.Option("--rule", help="Follow only this one; may be repeated.", metavar="RULE")
]
Person = Annotated[str, typer.Argument(help="Pseudonym of the person.", metavar="ANNOTATOR")]


def add_quality_commands(group: typer.Typer, finish: Finish) -> None:
    """Add the commands to the group.

    Args:
        group: of a campaign's commands.
        finish: shows the end of a command, and prints its data if that was asked for.
    """

    @group.command()
    def quality(name: Name, rule: Rules = None, warehouse: Warehouse = None, as_json: Json = False) -> None:
        """Show each person's gold items, repeats, time and runs, and whom the rules would exclude. Changes nothing."""
        settings = load(at(warehouse))
        from flows.campaign_quality import quality as told
        from flows.campaign_quality_shown import of_quality

        finish(of_quality(told(settings, name, rule or ())), as_json)

    @group.command()
    def exclude(
        name: Name,
        annotator: Annotated[
            str | None, typer.Argument(help="One person, whatever the rules say.", metavar="ANNOTATOR")
        ] = None,
        rule: Rules = None,
        reason: Annotated[str, typer.Option(help="Why that person; it is stored and reported.")] = "",
        warehouse: Warehouse = None,
        as_json: Json = False,
    ) -> None:
        """Leave out whom the rules catch, or one person for a reason. Answers stay stored; readmit undoes it."""
        if annotator is None and reason:
            raise typer.BadParameter("--reason is for one person; name them", param_hint="--reason")
        if annotator is not None and rule:
            raise typer.BadParameter("--rule is for everybody whom it catches; name no person", param_hint="--rule")
        settings = load(at(warehouse))
        from flows.campaign_quality import exclude as by_rules
        from flows.campaign_quality import exclude_by_hand
        from flows.campaign_quality_shown import of_decision

        now = datetime.now(UTC)
        if annotator is None:
            done = by_rules(settings, name, rule or (), at=now)
        else:
            done = exclude_by_hand(settings, name, annotator, reason, at=now)
        finish(of_decision(done, "new exclusions:"), as_json)

    @group.command()
    def readmit(name: Name, annotator: Person, warehouse: Warehouse = None, as_json: Json = False) -> None:
        """Count a person's answers again who was excluded; the rules that did it don't exclude them any more."""
        settings = load(at(warehouse))
        from flows.campaign_quality import readmit as take_in
        from flows.campaign_quality_shown import of_decision

        finish(of_decision(take_in(settings, name, annotator, at=datetime.now(UTC)), "exclusions lifted:"), as_json)
