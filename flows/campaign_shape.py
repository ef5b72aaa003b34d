"""What decides who is asked about what, as text beside the campaign: to deal it again, and to take no other for it."""

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from typing import Final

from pydantic import TypeAdapter

from annotation.planning import Design
from annotation.sampling import sampled_units
from annotation.settings import Allocation, GoldSettings, PlantingSettings
from annotation.vocabulary import parse_study
from flows.campaign_planning import Wanted
from flows.settings import Settings
from valueprism_build.campaigns import Campaign, CampaignItem

_TABLES: Final = ("people", "planting", "gold")


@dataclass(frozen=True, slots=True)
class Shape:
    """All that shaped a campaign but its study and its seed.

    Attributes:
        people: seats of each stratum, as planned.
        sample: units.
        overlap: people a unit.
        block: units a person, at most; None for as few as will do.
        stratify_by: columns of the items.
        allocation: how many of each stratum.
    """

    people: dict[str, int]
    sample: int
    overlap: int
    stratify_by: tuple[str, ...]
    allocation: Allocation
    planting: PlantingSettings
    gold: GoldSettings
    block: int | None = None

    @classmethod
    def of(cls, settings: Settings, wanted: Wanted) -> "Shape":
        """Return what a campaign would be shaped by."""
        return cls(
            people=dict(wanted.people),
            sample=wanted.sample,
            overlap=wanted.overlap,
            stratify_by=settings.campaign.stratify_by,
            allocation=settings.campaign.allocation,
            planting=settings.planting,
            gold=settings.gold,
            block=wanted.block,
        )

    @property
    def toml(self) -> str:
        """Return it as TOML text, the same for the same shape."""
        told: Mapping[str, object] = asdict(self)
        flat = [
            f"{name} = {_value(value)}" for name, value in told.items() if name not in _TABLES and value is not None
        ]
        tables = [f"[{name}]\n{_lines(told[name])}" for name in _TABLES]
        return "\n".join([*flat, *tables]) + "\n"


def shape_of(text: str) -> Shape:
    """Return what the text tells; the other way round of `Shape.toml`."""
    return _adapter().validate_python(tomllib.loads(text))


def design_of(campaign: Campaign, items: Sequence[CampaignItem]) -> Design:
    """Return what the campaign was planned by, to deal again.

    Args:
        campaign: as it is stored.
        items: all of it; gold items that no page showed are not among them, and are not planted later.
    """
    study, shape = parse_study(campaign.study, f"of campaign {campaign.id}"), shape_of(campaign.settings)
    asked = [item for item in items if item.gold is None]
    return Design(
        campaign=campaign.id,
        study=study,
        units=tuple(sampled_units(asked, whole_situations=study.whole_situations, seed=campaign.seed)),
        people=shape.people,
        overlap=shape.overlap,
        block=shape.block,
        gold=tuple(item for item in items if item.gold is not None),
        planting=shape.planting,
        seed=campaign.seed,
    )


def differences(one: Campaign, other: Campaign) -> list[str]:
    """Return in words what two campaigns of one name differ in; study, seed and settings are compared."""
    before, now = tomllib.loads(one.settings), tomllib.loads(other.settings)
    named = ["the study"] if one.study != other.study else []
    named += [f"seed {one.seed}, not {other.seed}"] if one.seed != other.seed else []
    return named + [
        f"{name} {before.get(name)}, not {now.get(name)}"
        for name in sorted(before.keys() | now.keys())
        if before.get(name) != now.get(name)
    ]


def _lines(table: object) -> str:
    pairs = table.items() if isinstance(table, Mapping) else ()
    return "\n".join(f"{json.dumps(str(name), ensure_ascii=False)} = {_value(value)}" for name, value in pairs)


def _value(value: object) -> str:
    """Return text, a number or a list of these; JSON's forms of them are TOML's."""
    return json.dumps(value, ensure_ascii=False)


@cache
def _adapter() -> TypeAdapter[Shape]:
    return TypeAdapter(Shape)
