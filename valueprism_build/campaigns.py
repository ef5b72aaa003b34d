"""The nouns of an annotation campaign: what is asked about, by whom, in which order."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from valueprism_build.records import Valence, Vote, Vrd

BY_HAND: Final = "by_hand"
"""The rule of an exclusion that a person has decided."""


class Gold(StrEnum):
    """What is known of an item beforehand: plainly valid, of the contrary valence, or of another situation."""

    VALID = "valid"
    FLIPPED = "flipped"
    FOREIGN = "foreign"


class PageKind(StrEnum):
    """What a page is for.

    Consent and demographics; a situation before its list is shown; one item of it; a gold item; an item once more;
    a situation with its list.
    """

    INTRO = "intro"
    BEFORE = "before"
    ITEM = "item"
    GOLD = "gold"
    REPEAT = "repeat"
    AFTER = "after"


class SeatState(StrEnum):
    """Nobody has it yet; somebody has; they have answered all; they have stopped, or nobody will ever take it."""

    FREE = "free"
    TAKEN = "taken"
    DONE = "done"
    CLOSED = "closed"


class CampaignState(StrEnum):
    """Dealt; being answered; over."""

    PLANNED = "planned"
    RUNNING = "running"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Campaign:
    """One run of a study.

    Attributes:
        study: its TOML text, as it was when the campaign was dealt.
        settings: all else that shaped it, as TOML text.
    """

    id: str
    study: str
    seed: int
    settings: str
    state: CampaignState
    created_at: datetime


@dataclass(frozen=True, slots=True)
class CampaignItem:
    """A consideration as people see it; what becomes of the dataset meanwhile changes nothing here.

    Attributes:
        id: of the consideration, or `ids.gold_id` of a gold item.
        gold: None for an item that the campaign asks about.
    """

    id: str
    situation_id: str
    situation: str
    vrd: Vrd
    text: str
    explanation: str
    valence: Valence
    gold: Gold | None = None


@dataclass(frozen=True, slots=True)
class Seat:
    """A planned place for one person of a stratum, who gets the seat's block of pages.

    Attributes:
        annotator_id: pseudonym of who has taken it.
    """

    id: str
    stratum: str
    annotator_id: str | None = None
    state: SeatState = SeatState.FREE


@dataclass(frozen=True, slots=True)
class SeatPerson:
    """By what the annotation server knows who sits on a seat.

    Attributes:
        person: the server's number of them.
        email: of their account there; made up of the pseudonym, where we made the account.
        since: when they took the seat.
    """

    seat_id: str
    person: int
    email: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a seat's block.

    Attributes:
        uid: `ids.page_uid`; the same page of the same campaign has the same one, however often it is dealt or sent.
        position: place in the block, from 0.
        item_id: of a `CampaignItem`; empty where the page is about none.
        situation_id: empty where the page is about none.
    """

    uid: str
    seat_id: str
    position: int
    kind: PageKind
    item_id: str = ""
    situation_id: str = ""


@dataclass(frozen=True, slots=True)
class AnsweredPage:
    """All that a person answered on one page; what is changed later comes as the whole page again.

    Attributes:
        uid: of the page.
        answered_at: when it was last changed.
    """

    uid: str
    annotator_id: str
    votes: tuple[Vote, ...]
    answered_at: datetime


@dataclass(frozen=True, slots=True)
class ShownVote:
    """One answer, and the page on which it was given.

    Attributes:
        position: of the page in its block, from 0.
    """

    position: int
    kind: PageKind
    vote: Vote


@dataclass(frozen=True, slots=True)
class Sitter:
    """Who has a seat, and how far they are.

    Attributes:
        person: the annotation server's number of them; None where nobody has said.
        dealt: pages of their block; `answered` of them they have answered.
    """

    annotator_id: str
    person: int | None
    dealt: int
    answered: int


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Somebody whose answers are left out of what is counted, and why; the answers stay stored.

    Attributes:
        rule: its name; `BY_HAND` where a person decided.
        excluded_at: when.
        readmitted_at: since when they are counted again; None while they are not.
    """

    annotator_id: str
    rule: str
    detail: str
    excluded_at: datetime
    readmitted_at: datetime | None = None
