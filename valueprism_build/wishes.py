"""The nouns of what people say is missing from a list: a wish, and who voiced it.

Neither holds anybody's words: what a person wrote stays with their other answers, and goes when these go.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

MOST_WISHED: Final = 2
"""Considerations that one wish can come to: a reply of more is padding."""


class Outcome(StrEnum):
    """What has become of a wish.

    No teacher was asked; the list says the same already; a teacher put it into words that were not listed; a teacher
    was asked, and nothing came of it.
    """

    OPEN = "open"
    LISTED = "listed"
    ADDED = "added"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Written:
    """A free answer about a situation, as a person wrote it.

    Attributes:
        uid: of the page.
        question: id of the question in its study.
    """

    campaign_id: str
    uid: str
    question: str
    situation_id: str
    annotator_id: str
    text: str


@dataclass(frozen=True, slots=True)
class Wish:
    """What one or more people want considered in a situation, in whatever words.

    Attributes:
        id: `ids.wish_id` of the phrase that founded it; the subject of questions to teachers about it.
        listed_id: of a consideration of the situation that says the same; None where none does.
        runs: `quoting.run_digests` of all phrases of the wish: a teacher that repeats one of them repeats a person.
    """

    id: str
    situation_id: str
    listed_id: str | None
    runs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Voice:
    """That a person voiced a wish in an answer.

    Attributes:
        phrase: `ids.phrase_digest` of how they put it.
    """

    wish_id: str
    situation_id: str
    campaign_id: str
    uid: str
    question: str
    annotator_id: str
    phrase: str
