"""What a report is made from, and every choice that shapes its numbers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from annotation.agreement.resampling import DRAWS
from annotation.agreement.sequential import Spending
from annotation.votes.coded_votes import QuestionVotes
from annotation.votes.coding import Gathered
from valueprism_build.errors import SettingsError


class Part(StrEnum):
    """What can be left out of a report."""

    COEFFICIENTS = "coefficients"
    GROUP_EFFECTS = "group-effects"
    INTERSECTIONS = "intersections"
    ITEMS = "items"
    LABELS = "labels"
    QUALITY = "quality"
    OPEN_ANSWERS = "open-answers"


@dataclass(frozen=True, slots=True)
class ReportSettings:
    """Choices of whoever wants the report.

    Attributes:
        title: of the report.
        seed: of the bootstrap and of MACE's starting points.
        draws: of the bootstrap.
        rate: of false discoveries among all items, and among all demographics.
        power: for the smallest detectable differences.
        least_asked: answers to an item that a group has at least, for a contrast to be told.
        least_cell: people in a cell of two demographics, for it to be shown.
        cap: greatest raking weight, as a multiple of the mean.
        yes: of each question, the answers that count as a yes; of others they are found.
        missing: questions that ask whether a perspective is missing, and how each is asked.
        target: shares of the population, by demographic and category.
        looks: shares of the planned votes at which the data are looked at, rising, the last being now; none for a
            campaign that is analysed once, at its end.
        spending: how those looks spend the error.
        skip: parts that are left out.
    """

    title: str = "Agreement"
    seed: int = 0
    draws: int = DRAWS
    rate: float = 0.05
    power: float = 0.8
    least_asked: int = 5
    least_cell: int = 20
    cap: float = 5.0
    yes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    missing: Mapping[str, str] = field(default_factory=dict)
    target: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    looks: tuple[float, ...] = ()
    spending: Spending = Spending.OBRIEN_FLEMING
    skip: frozenset[Part] = frozenset()

    def __post_init__(self) -> None:
        """Refuse what no statistic can be asked.

        Raises:
            SettingsError: a number is out of its range; the line names it.
        """
        for name, share in (("rate", self.rate), ("power", self.power)):
            if not 0 < share < 1:
                raise SettingsError(f"report setting {name} is {share}; give more than 0 and less than 1")
        for name, count in (("draws", self.draws), ("least_asked", self.least_asked), ("least_cell", self.least_cell)):
            if count < 1:
                raise SettingsError(f"report setting {name} is {count}; give 1 or more")
        if not self.cap > 1:
            raise SettingsError(f"report setting cap is {self.cap}; give more than 1")
        rising = all(one < other for one, other in zip((0.0, *self.looks), (*self.looks, 1.1), strict=True))
        if not rising or (self.looks and self.looks[-1] > 1):
            raise SettingsError(f"looks at {self.looks} of the votes; give rising shares above 0, up to 1")


class Gold(NamedTuple):
    """One person's answers to gold items on one question, and how many of them were not wrong."""

    asked: int
    right: int


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A person whose votes are in no figure, by which rule and why."""

    annotator_id: str
    rule: str
    detail: str


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """A study as it was gathered.

    Attributes:
        gathered: its votes, and what was refused.
        asked: the words of its questions, where they are known.
        declared: questions whose scale was declared, not found.
        gold: by annotator and question.
        exclusions: people whose votes are to be left out.
        unread: answers in a person's own words that nobody has read, by question: how many there are.
        read: what was read of others: a question each, with "Yes" where one names what a list lacks.
        reading: in words how they were read.
    """

    gathered: Gathered
    asked: Mapping[str, str] = field(default_factory=dict)
    declared: frozenset[str] = frozenset()
    gold: Mapping[tuple[str, str], Gold] = field(default_factory=dict)
    exclusions: tuple[Exclusion, ...] = ()
    unread: Mapping[str, int] = field(default_factory=dict)
    read: tuple[QuestionVotes, ...] = ()
    reading: str = ""
