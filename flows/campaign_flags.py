"""The flags that several commands of a campaign share."""

from collections.abc import Sequence
from typing import Annotated, Final

import typer

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


def by_stratum(people: Sequence[str]) -> dict[str, int]:
    """Return the seats of each stratum.

    Raises:
        typer.BadParameter: a word is not like liberal=200, or names a stratum again.
    """
    found: dict[str, int] = {}
    for given_as in people:
        stratum, _, count = given_as.rpartition("=")
        if not count.isdecimal() or int(count) < 1 or ("=" in given_as and not stratum):
            raise typer.BadParameter(f"--people {given_as!r} is not like liberal=200", param_hint="--people")
        if (stratum or EVERYBODY) in found:
            raise typer.BadParameter(f"--people names {stratum or EVERYBODY!r} twice", param_hint="--people")
        found[stratum or EVERYBODY] = int(count)
    return found
