"""Which two considerations of a situation a teacher is asked to turn round."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from valueprism_build.contrasts.subject import Named, Subject
from valueprism_build.errors import SettingsError
from valueprism_build.records import Consideration, Valence


@dataclass(frozen=True, slots=True)
class ContrastSettings:
    """The question for a situation, changed as little as can be, in which two considerations change sides.

    Attributes:
        enabled: whether it is asked at all.
        most: contrasts of a situation that each teacher is asked for.
        most_edits: words that may be put in, taken out or replaced.
        least_kept: share in [0, 1] of the situation's words that must stay, in their order.
    """

    enabled: bool = False
    most: int = 1
    most_edits: int = 8
    least_kept: float = 0.5

    def __post_init__(self) -> None:
        """Refuse what asks nothing or keeps nothing.

        Raises:
            SettingsError: a number is out of its range; the line names it.
        """
        for name, value in (("most", self.most), ("most_edits", self.most_edits)):
            if value < 1:
                raise SettingsError(f"contrast setting {name} is {value}; give 1 or more")
        if not 0 <= self.least_kept <= 1:
            raise SettingsError(f"contrast setting least_kept is {self.least_kept}; give a share from 0 to 1")


def next_subjects(listed: Sequence[Consideration], asked: Collection[Subject], most: int) -> list[Subject]:
    """Return what to ask for next, so that a situation comes to at most so many contrasts.

    The pairs that stand highest in their lists come first: a teacher names the most important first. What is in
    conflict with itself has no side that it could change.

    Args:
        listed: the considerations of one situation, in any order.
        asked: what was asked for before, whatever came of it.
        most: contrasts of a situation, those asked for before among them.
    """
    clear = [item for item in listed if item.conflict_id is None]
    pairs = sorted(
        (x.position + y.position, x.position, x.id, y.id, Subject(Named(x.vrd, x.text), Named(y.vrd, y.text)))
        for x in clear
        for y in clear
        if (x.valence, y.valence) == (Valence.SUPPORTS, Valence.OPPOSES)
    )
    new = [subject for *_, subject in pairs if subject not in asked]
    return new[: max(0, most - len(asked))]
