"""The command that reports on the answers of a campaign."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.flags import Finish, Json, Warehouse, at
from flows.settings import load

if TYPE_CHECKING:
    from annotation.votes.files import VoteFiles
    from annotation.votes.scales import Declared

Name = Annotated[str | None, typer.Argument(help="Of a campaign in the warehouse; none with --votes.")]
Out = Annotated[Path, typer.Option(help="Folder for the tables and the page; made if need be.", metavar="DIR")]
VotesFile = Annotated[
    Path | None,
    typer.Option(
        "--votes", help="CSV or Parquet: item_id, annotator_id, question, answer and, perhaps, seconds.", metavar="FILE"
    ),
]
AnnotatorsFile = Annotated[
    Path | None,
    typer.Option("--annotators", help="annotator_id, then one column a demographic.", metavar="FILE"),
]
ItemsFile = Annotated[
    Path | None,
    typer.Option("--items", help="item_id, perhaps text, then one column a trait (vrd, valence).", metavar="FILE"),
]
TargetFile = Annotated[
    Path | None,
    typer.Option("--target", help="Population to weight to: demographic, category, share.", metavar="FILE"),
]
Yes = Annotated[
    list[str] | None,
    typer.Option(help="The answer that counts as agreement. May be repeated.", metavar="QUESTION=ANSWER"),
]
Scales = Annotated[
    list[str] | None,
    typer.Option("--scale", help="binary, nominal, ordinal or interval.", metavar="QUESTION=LEVEL[:A,B,C]"),
]
Missing = Annotated[
    list[str] | None,
    typer.Option(help="A question that asks whether a perspective is missing, and how.", metavar="QUESTION=PROTOCOL"),
]
Looks = Annotated[
    str | None,
    typer.Option(help="Shares of the planned votes at which you look; the last is now.", metavar="0.5,0.75"),
]
Keep = Annotated[str, typer.Option(help="Of several answers of a person, the first or the last is the vote.")]
Seed = Annotated[int, typer.Option(help="Of the bootstrap: another one moves intervals a little.", min=0)]
Draws = Annotated[int, typer.Option("--bootstrap", help="Draws.", min=1)]
Skip = Annotated[
    list[str] | None,
    typer.Option(
        help="coefficients, group-effects, intersections, items, labels, quality, open-answers. May be repeated."
    ),
]


def add_report(group: typer.Typer, finish: Finish) -> None:
    """Add the command to the group.

    Args:
        group: of campaigns.
        finish: shows the end of a command, and prints its data if that was asked for.
    """

    @group.command()
    def report(
        out: Out,
        name: Name = None,
        votes: VotesFile = None,
        annotators: AnnotatorsFile = None,
        items: ItemsFile = None,
        target: TargetFile = None,
        yes: Yes = None,
        scale: Scales = None,
        missing: Missing = None,
        looks: Looks = None,
        keep: Keep = "first",
        seed: Seed = 0,
        bootstrap: Draws = 2000,
        skip: Skip = None,
        warehouse: Warehouse = None,
        as_json: Json = False,
    ) -> None:
        """Report how far people agree: rates, coefficients, groups, items, with intervals, as CSV and Parquet."""
        files = _files(name, votes, annotators, items, scale or (), keep)
        settings = load(at(warehouse)) if files is None else None
        from annotation.report.settings import Part, ReportSettings
        from annotation.report.target import read_target
        from flows.campaign_report_shown import of_report
        from flows.campaign_reporting import of_campaign, of_files

        parts = _one_of("--skip", skip or (), [str(part) for part in Part])
        wanted = ReportSettings(
            title=name or (votes.stem if votes else ""),
            seed=seed,
            draws=bootstrap,
            yes=_answers(yes or ()),
            missing=dict(_pairs("--missing", missing or ())),
            target=read_target(target) if target else {},
            looks=_shares(looks),
            skip=frozenset(Part(part) for part in parts),
        )
        if files is not None:
            finish(of_report(of_files(files, wanted, out)), as_json)
        elif settings is not None and name is not None:
            finish(of_report(of_campaign(settings, name, wanted, out)), as_json)


def _files(
    name: str | None, votes: Path | None, annotators: Path | None, items: Path | None, scales: Sequence[str], keep: str
) -> "VoteFiles | None":
    """Return the files, or None for a campaign of the warehouse."""
    from annotation.votes.coding import Keep as Kept
    from annotation.votes.files import VoteFiles

    if (name is None) == (votes is None):
        raise typer.BadParameter("give the name of a campaign, or --votes and --annotators", param_hint="NAME")
    if votes is None:
        if annotators or items or scales:
            raise typer.BadParameter(
                "a campaign has its own; leave it out", param_hint="--annotators, --items, --scale"
            )
        return None
    if annotators is None:
        raise typer.BadParameter(
            "--votes needs --annotators beside it, with the column annotator_id", param_hint="--votes"
        )
    [kept] = _one_of("--keep", [keep], [str(each) for each in Kept])
    return VoteFiles(votes, annotators, items, _scales(scales), Kept(kept))


def _scales(given: Sequence[str]) -> "Mapping[str, Declared]":
    from annotation.votes.scales import Declared, Level

    found = {}
    for question, scale in _pairs("--scale", given):
        level, _, answers = scale.partition(":")
        [known] = _one_of("--scale", [level], [str(each) for each in Level])
        found[question] = Declared(Level(known), tuple(each.strip() for each in answers.split(",") if each.strip()))
    return found


def _answers(given: Sequence[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for question, answer in _pairs("--yes", given):
        found[question] = (*found.get(question, ()), answer)
    return found


def _pairs(flag: str, given: Sequence[str]) -> list[tuple[str, str]]:
    pairs = []
    for each in given:
        question, _, value = each.partition("=")
        if not question.strip() or not value.strip():
            raise typer.BadParameter(f"{flag} {each!r} is not like agree=Yes", param_hint=flag)
        pairs.append((question.strip(), value.strip()))
    return pairs


def _one_of(flag: str, given: Sequence[str], known: Sequence[str]) -> list[str]:
    unknown = [each for each in given if each not in known]
    if unknown:
        raise typer.BadParameter(f"{unknown[0]!r} is none of {', '.join(known)}", param_hint=flag)
    return list(given)


def _shares(given: str | None) -> tuple[float, ...]:
    try:
        return tuple(float(each) for each in given.split(",")) if given else ()
    except ValueError:
        raise typer.BadParameter(f"--looks {given!r} is not like 0.5,0.75", param_hint="--looks") from None
