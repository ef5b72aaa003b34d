"""From where it is asked what a list lacks, and when no more is to be expected."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Final

from valueprism_build.errors import SettingsError
from valueprism_build.ids import request_hash

POINTS_OF_VIEW_FILE: Final = "points_of_view_v1.toml"


def default_points_of_view() -> Mapping[str, str]:
    """Return the set that is asked from where the settings have none, name -> description."""
    text = files("valueprism_build.teachers").joinpath(POINTS_OF_VIEW_FILE).read_text(encoding="utf-8")
    return tomllib.loads(text)


@dataclass(frozen=True, slots=True)
class CoverageSettings:
    """The second question: given what is listed, what is missing from a point of view?

    Attributes:
        enabled: whether it is asked at all.
        patience: a situation is left after so many points of view in a row that brought nothing new.
        most: points of view of a situation that a teacher is asked from; None for all.
        points_of_view: name -> description in a sentence. Rows carry the name, so another description wants another.
    """

    enabled: bool = False
    patience: int = 2
    most: int | None = None
    points_of_view: Mapping[str, str] = field(default_factory=default_points_of_view)

    def __post_init__(self) -> None:
        """Refuse what asks nothing.

        Raises:
            SettingsError: a number is below 1, or a point of view says nothing; the line names it.
        """
        for name, value in (("patience", self.patience), ("most", self.most)):
            if value is not None and value < 1:
                raise SettingsError(f"coverage setting {name} is {value}; give 1 or more")
        if not self.points_of_view:
            raise SettingsError("coverage setting points_of_view is empty; name one, or leave the table out")
        for name, description in self.points_of_view.items():
            if not (name.strip() and description.strip()):
                raise SettingsError(f"the point of view {name!r} needs a name and a sentence that describes it")


def questions_left(settings: CoverageSettings, brought: Mapping[str, int]) -> int:
    """Return from how many points of view a situation can still be asked about at most; 0 when it is to be left.

    Args:
        settings: which there are, and when to stop.
        brought: how many new considerations each brought that was asked from, in the order of asking.
    """
    last = list(brought.values())[-settings.patience :]
    if len(last) == settings.patience and not any(last):
        return 0
    left = len(settings.points_of_view.keys() - brought.keys())
    return left if settings.most is None else min(left, max(0, settings.most - len(brought)))


def next_point_of_view(settings: CoverageSettings, situation_id: str, brought: Mapping[str, int]) -> str | None:
    """Return the name of the point of view to ask from next, or None when the situation is to be left.

    The order is drawn for each situation from a hash, so that all are asked from alike over many situations, whatever
    the patience, and one that is added later moves no other.

    Args:
        settings: as of `questions_left`.
        situation_id: whose turn it is.
        brought: as of `questions_left`.
    """
    if not questions_left(settings, brought):
        return None
    left = settings.points_of_view.keys() - brought.keys()
    return min(left, key=lambda name: request_hash({"situation": situation_id, "point_of_view": name}))
