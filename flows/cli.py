"""The command line: flags to settings to flow. The only place that prints results."""

import atexit
import json
import logging
import os
import signal
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.console import Console

from flows import progress
from flows.batch_commands import batch_commands
from flows.campaign_commands import campaign_commands
from flows.canonical_commands import canonical_commands
from flows.flags import BaseUrl, Batch, Contrast, Coverage, Json, Model, Teachers, Wait, Warehouse, at, given, of_one
from flows.negative_commands import negative_commands
from flows.release_commands import release_commands
from flows.settings import load, prepare_environment
from valueprism_build.errors import BuildError

# Flows are imported inside the commands: prefect reads the environment when it is imported, so that must be prepared
# first, and `--help` should not wait for it.
if TYPE_CHECKING:
    from flows.tables import Summary

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Build datasets of the values, rights and duties that matter in everyday situations.",
)
teachers_app = typer.Typer(no_args_is_help=True, help="Look at the teachers.")
app.add_typer(teachers_app, name="teachers")

INTERRUPTED: Final = 130
"""The exit code that typer makes of Ctrl-C."""


@app.command()
def build(
    situations: Annotated[
        list[str] | None,
        typer.Option(
            help="File, glob, folder of a dataset, hub:owner/name, or the word sample. May be repeated.",
            metavar="SOURCE",
        ),
    ] = None,
    text_column: Annotated[str | None, typer.Option(help="Column that holds the situation.")] = None,
    text_template: Annotated[str | None, typer.Option(help='From several columns: "{context} {action1}".')] = None,
    split: Annotated[str | None, typer.Option(help="Split of a dataset; train unless given.")] = None,
    config: Annotated[str | None, typer.Option(help="Configuration of a dataset that has several.")] = None,
    licence: Annotated[str | None, typer.Option(help="Licence of the source (SPDX), kept with each row.")] = None,
    language: Annotated[str | None, typer.Option(help="Language of the source (ISO 639-1).")] = None,
    teacher: Teachers = None,
    model: Model = None,
    base_url: BaseUrl = None,
    relevance: Annotated[bool, typer.Option("--relevance", help="Measure relevance; needs log-probabilities.")] = False,
    concurrency: Annotated[int | None, typer.Option(help="Requests in flight at once.")] = None,
    budget_usd: Annotated[
        str | None, typer.Option(help="Hard cap in US dollars for this run: what might cost more is not sent.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show requests, tokens and cost; send nothing, store nothing.")
    ] = False,
    batch: Batch = None,
    wait: Wait = None,
    limit: Annotated[int | None, typer.Option(help="Take only the first N situations that pass the filters.")] = None,
    coverage: Coverage = None,
    contrast: Contrast = None,
    warehouse: Warehouse = None,
    as_json: Json = False,
) -> None:
    """Collect situations, ask the teacher, parse, deduplicate and store. Safe to kill and to repeat."""
    overrides = at(warehouse) | given(
        situations=situations,
        text_column=text_column,
        text_template=text_template,
        split=split,
        config=config,
        licence=licence,
        language=language,
        concurrency=concurrency,
        budget_usd=budget_usd,
        limit=limit,
        relevance={"measure": True} if relevance else None,
        teacher=teacher,
        teachers=of_one(teacher or (), given(model=model, base_url=base_url)),
        coverage=given(enabled=coverage),
        contrast=given(enabled=contrast),
        batch=given(enabled=batch, wait=wait),
    )
    settings = load(overrides)  # a wrong setting is said before anything is started
    if dry_run:
        from flows.estimating import estimate
        from flows.forecasts_shown import of_forecasts

        _finish(of_forecasts(estimate(settings, datetime.now(UTC)), settings.relevance), as_json)
        return
    progress.say(f"valueprism build: teacher {', '.join(settings.teacher)}, warehouse {settings.warehouse}")
    progress.say("starting Prefect ...")
    from flows import embedded_server
    from flows.build import build as flow
    from flows.overview import overview
    from flows.summaries import of_build

    embedded_server.start()
    built = flow(overrides)
    _finish(of_build(built, overview(settings)), as_json)


@app.command()
def status(warehouse: Warehouse = None, as_json: Json = False) -> None:
    """Show the funnel of the last run, rejects by rule, what the warehouse holds, its balance, cost and last runs."""
    from flows.overview import overview
    from flows.summaries import of_status

    _finish(of_status(overview(load(at(warehouse)))), as_json)


@app.command()
def balance(warehouse: Warehouse = None, as_json: Json = False) -> None:
    """Show how valences lean by type, teacher, place and point of view, one-sided situations and contrived balance."""
    from flows.storage import Storage
    from flows.summaries import of_balance
    from warehouse.balance import read_balance

    with Storage(load(at(warehouse))).open(read_only=True) as db:
        found = read_balance(db)
    _finish(of_balance(found), as_json)


@app.command()
def reparse(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change; change nothing.")] = False,
    warehouse: Warehouse = None,
    as_json: Json = False,
) -> None:
    """Parse every reply in the journal with the present parser. Asks nothing; says what changed."""
    from flows.reparsing import reparse as parse_again
    from flows.summaries import of_reparsing

    _finish(of_reparsing(parse_again(load(at(warehouse)), dry_run=dry_run)), as_json)


@app.command()
def doctor(warehouse: Warehouse = None, as_json: Json = False) -> None:
    """Say what is installed, configured and reachable, and how to mend what is not."""
    from flows.doctor import examine
    from flows.summaries import of_findings

    findings = examine(load(at(warehouse)))
    _finish(of_findings(findings), as_json)
    if not all(finding.good for finding in findings):
        raise typer.Exit(1)


@teachers_app.command("compare")
def teachers_compare(
    out: Annotated[Path | None, typer.Option(help="Page to write, with a plot.", metavar="FILE.html")] = None,
    seed: Annotated[int, typer.Option(help="Of the bootstrap: another one moves the intervals a little.", min=0)] = 0,
    concerns: Annotated[
        bool, typer.Option("--concerns", help="Count a value, a right and a duty of one concern once.")
    ] = False,
    warehouse: Warehouse = None,
    as_json: Json = False,
) -> None:
    """Compare teachers: coverage of each other, what is new, agreement on valence, cost of a new consideration."""
    from flows.comparing import compared, write_page
    from flows.summaries import of_comparisons

    found = compared(load(at(warehouse)), seed=seed, concerns=concerns)
    if out is not None:
        write_page(found, out)
    _finish(of_comparisons(found), as_json)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line. Exit codes: 0 done, 1 a user can mend it, 2 wrong usage.

    Args:
        arguments: those of the process when None.
    """
    prepare_environment()
    logging.getLogger("stamina").setLevel(logging.ERROR)  # it logs every retry; what fails for good is reported by us
    logging.getLogger("EventsWorker").setLevel(logging.ERROR)  # prefect's, and not under its level: it warns at exit
    # A termination ends like Ctrl-C: only a process that exits takes prefect's server, 200 MB, with it.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    atexit.register(_silence_teardown)  # registered first, so it runs after everybody else's
    try:
        app(arguments)
    except BuildError as error:
        print(f"valueprism: {error}", file=sys.stderr)
        sys.exit(1)
    except SystemExit as end:
        if end.code == INTERRUPTED:
            print("valueprism: stopped; what was done is kept, the same command goes on from here", file=sys.stderr)
        raise


def _silence_teardown() -> None:
    """Drop what is written to standard error while the interpreter is taken down.

    Prefect's threads still hold DuckDB's module then, and its binding lists that as a leak, which it is not.
    """
    sys.stderr.flush()
    with open(os.devnull, "w") as nowhere:  # noqa: PTH123
        os.dup2(nowhere.fileno(), 2)


def _finish(summary: "Summary", as_json: bool) -> None:
    screen = Console()
    for part in summary.shown:
        screen.print(part, highlight=False, markup=False)
    if as_json:
        print(json.dumps(summary.data, default=str))


app.add_typer(batch_commands(_finish), name="batches")
app.add_typer(canonical_commands(_finish), name="canonical")
app.add_typer(campaign_commands(_finish), name="campaign")
app.add_typer(negative_commands(_finish), name="negatives")
app.add_typer(release_commands(_finish), name="release")


if __name__ == "__main__":
    main()
