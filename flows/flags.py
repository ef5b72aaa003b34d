"""What flags say, in the shape of the settings, and the flags that several commands share."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from valueprism_build.errors import SettingsError

if TYPE_CHECKING:
    from flows.tables import Summary

Finish: TypeAlias = Callable[["Summary", bool], None]
"""Shows the end of a command, and prints its data if that was asked for."""

Warehouse = Annotated[
    Path | None, typer.Option("--warehouse", help="Directory of the warehouse and the answer journal.", metavar="DIR")
]
Json = Annotated[bool, typer.Option("--json", help="Print a machine-readable summary as the last line.")]
Teachers = Annotated[
    list[str] | None,
    typer.Option(
        "--teacher",
        help="local, openai, one of valueprism.toml, or any name you give an endpoint. May be repeated.",
        metavar="NAME",
    ),
]
Model = Annotated[str | None, typer.Option("--model", help="Model to ask.")]
BaseUrl = Annotated[str | None, typer.Option("--base-url", help="OpenAI-compatible endpoint, ending in /v1.")]
Batch = Annotated[
    bool | None, typer.Option("--batch/--no-batch", help="Ask through the Batch API: half the price, in a day.")
]
Coverage = Annotated[
    bool | None,
    typer.Option("--coverage/--no-coverage", help="Ask also what each list lacks, from several points of view."),
]
Contrast = Annotated[
    bool | None,
    typer.Option("--contrast/--no-contrast", help="Ask also for near situations in which two considerations turn."),
]
Wait = Annotated[bool | None, typer.Option("--wait/--no-wait", help="Wait for the batches' end, or look at them once.")]

CheckNegatives = Annotated[
    str | None, typer.Option(help="Use no negative that this teacher finds relevant.", metavar="TEACHER")
]


def given(**values: object) -> dict[str, object]:
    """Return those flags that were given, so that the others fall to the environment and the file."""
    return {name: value for name, value in values.items() if value not in (None, {}, [])}


def of_one(teachers: Sequence[str], flags: dict[str, object]) -> dict[str, object]:
    """Return what the flags say about the one teacher that they name.

    Raises:
        SettingsError: they name none, or several.
    """
    if not flags:
        return {}
    if len(teachers) != 1:
        raise SettingsError(
            f"{' and '.join(sorted(flags))} given for {len(teachers)} teachers; name one with --teacher, "
            "or describe each under [teachers.NAME] in valueprism.toml"
        )
    return {teachers[0]: flags}


def of_checker(teacher: str | None) -> dict[str, object]:
    """Return that this teacher is the one to ask, where one checks negatives."""
    return {} if teacher is None else {"teacher": [teacher]}


def at(warehouse: Path | None) -> dict[str, object]:
    """Return what the flag says about where the warehouse is, as text: Prefect stores it."""
    return given(warehouse=warehouse and str(warehouse))
