"""What people answered, as a release takes it in: no free text, no seconds, nobody who has not agreed to take part."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import pyarrow as pa

from valueprism_build.campaigns import CampaignItem

ANSWERS: Final = pa.schema([(name, pa.string()) for name in ("campaign", "question", "subject_id", "person", "answer")])
"""One row a person, question and subject: a consideration, or the situation where the question is about that."""
PEOPLE: Final = pa.schema([(name, pa.string()) for name in ("person", "dimension", "category")])


@dataclass(frozen=True, slots=True)
class ClosedQuestion:
    """A question with answers to choose from that everybody is asked who is shown its page.

    Attributes:
        ask: its wording.
    """

    id: str
    ask: str
    answers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Dimension:
    """A question about the person.

    Attributes:
        categories: all that can be chosen, but for the wish not to say.
        unsaid: that wish; who said nothing at all counts as it.
    """

    id: str
    categories: tuple[str, ...]
    unsaid: str


@dataclass(frozen=True, slots=True)
class AskedCampaign:
    """What a campaign asked whom about what.

    Attributes:
        items: as people saw them, without gold items.
    """

    id: str
    questions: tuple[ClosedQuestion, ...]
    dimensions: tuple[Dimension, ...]
    items: tuple[CampaignItem, ...]


@dataclass(frozen=True, slots=True)
class Opinions:
    """All campaigns that a release tells about.

    Attributes:
        campaigns: ordered by id.
        answers: shape and types as `ANSWERS`, of these campaigns and maybe of other questions too.
        people: shape and types as `PEOPLE`.
        removed_at: when anybody's answers were taken back or set aside.
    """

    campaigns: tuple[AskedCampaign, ...] = ()
    answers: pa.Table = field(default_factory=ANSWERS.empty_table)
    people: pa.Table = field(default_factory=PEOPLE.empty_table)
    removed_at: tuple[datetime, ...] = ()
