"""The nouns of the house: frozen, flat, with ids derived from content.

Every stage takes and gives these. Nothing that comes in vanishes: it is kept, or it is a `Rejected`.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final


class Vrd(StrEnum):
    """What kind of consideration it is. The type is never dropped."""

    VALUE = "Value"
    RIGHT = "Right"
    DUTY = "Duty"


class Valence(StrEnum):
    """Whether a consideration speaks for the situation, against it, or depends on context."""

    SUPPORTS = "Supports"
    OPPOSES = "Opposes"
    EITHER = "Either"


class Stage(StrEnum):
    """Where on its way a record was set aside."""

    READ = "read"
    FILTER = "filter"
    ASK = "ask"
    PARSE = "parse"
    RELEVANCE = "relevance"
    DEDUP = "dedup"
    COVERAGE = "coverage"
    MISSING = "missing"
    CONTRAST = "contrast"
    NEGATIVES = "negatives"
    ANNOTATE = "annotate"


class Purpose(StrEnum):
    """What a teacher is asked for; `missing` is what people say a list lacks."""

    CONSIDERATIONS = "considerations"
    COVERAGE = "coverage"
    MISSING = "missing"
    RELEVANCE = "relevance"
    CONTRAST = "contrast"
    NEGATIVES = "negatives"  # relevance, of what no teacher has named

    @property
    def by_log_probabilities(self) -> bool:
        """Return whether the answer is the likelihood of its first word."""
        return self in (Purpose.RELEVANCE, Purpose.NEGATIVES)

    @property
    def stage(self) -> "Stage":
        """Return the stage that questions for this purpose are asked in."""
        return Stage.ASK if self is Purpose.CONSIDERATIONS else Stage(self.value)


MAY_BE_EMPTY: Final = frozenset({Purpose.COVERAGE, Purpose.MISSING})
"""What is asked of a list that is there: the answer may be that it lacks nothing, and comes after it in order."""


class Split(StrEnum):
    """The part of a task set that a row belongs to."""

    TRAIN = "train"
    VAL = "val"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class Situation:
    """A short text that says what somebody does, and where it came from.

    Attributes:
        id: `ids.situation_id(text)`.
        source: name of the file or dataset it was read from.
        source_id: the row's locator inside the source (line or row number from 1).
        licence: SPDX identifier or "unknown".
        language: ISO 639-1 code.
        flags: sensitive topics found in the text; flagged, never dropped.
    """

    id: str
    text: str
    source: str
    source_id: str
    licence: str
    language: str
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rejected:
    """A record set aside.

    Attributes:
        subject_id: `source:row` for a source row, a request hash for an answer,
            `request_hash:position` for one item of an answer, a consideration id after that.
        rule: a stable snake_case name that reports count by.
        detail: one sentence with the value that broke the rule.
    """

    subject_id: str
    stage: Stage
    rule: str
    detail: str


TEACHER_BUSY: Final = "teacher_busy"
"""The rule that sets aside a question which may be answered at another time."""
TEACHER_ERROR: Final = "teacher_error"
"""The rule that sets aside a question which will never be answered."""
UNANSWERED: Final = (
    TEACHER_BUSY,
    TEACHER_ERROR,
    "batch_expired",
    "batch_cancelled",
    "batch_failed",
    "batch_incomplete",
)
"""The rules that set aside a question which got no reply. Asking takes them back, deriving does not."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One reply of a teacher, raw, with what it took to get it.

    Attributes:
        request_hash: `ids.request_hash` of the canonical request: the journal's key.
        params: the request's parameters as canonical JSON.
        text: the reply as it came; empty when `error` is set. To a relevance question, the likeliest first words with
            their log-probabilities, as `completion.read_completion` writes them.
        finish_reason: as the endpoint reports it ("stop", "length", "content_filter", ...).
        cost: US dollars, or None when the price of the model is unknown.
        latency: seconds from sending to the last byte.
        error: why there is no reply; None for a reply.
        purpose: what was asked for.
        subject: for coverage the point of view, for what people miss an `ids.wish_id`, for relevance an `ids.vrd_id`,
            for a contrast a `contrasts.subject`.
    """

    request_hash: str
    situation_id: str
    teacher: str
    model: str
    prompt_version: str
    params: str
    text: str
    finish_reason: str
    prompt_tokens: int
    completion_tokens: int
    cost: Decimal | None
    latency: float
    created_at: datetime
    error: str | None = None
    purpose: Purpose = Purpose.CONSIDERATIONS
    subject: str = ""


@dataclass(frozen=True, slots=True)
class FailedTry:
    """One try of a request that brought no usable reply; it may have cost money all the same.

    Attributes:
        error: why it failed.
        cost: US dollars that are counted for it: nothing where the endpoint refused it, the most that it can have
            cost where nobody knows what became of it, None when the price of the model is unknown.
        outcome_known: whether the endpoint refused it; otherwise it may have been answered, and paid for.
        latency: seconds until it had failed.
        purpose: what was asked for.
    """

    request_hash: str
    situation_id: str
    teacher: str
    model: str
    error: str
    cost: Decimal | None
    outcome_known: bool
    latency: float
    created_at: datetime
    purpose: Purpose = Purpose.CONSIDERATIONS


@dataclass(frozen=True, slots=True)
class Consideration:
    """A value, right or duty that matters in a situation.

    Attributes:
        id: `ids.consideration_id(situation_id, vrd, text, valence)`.
        position: place in the teacher's list, from 0.
        relevance: 0 to 1, or None where nobody has measured it.
        canonical_id: id in the canonical inventory, or None.
        conflict_id: id of a near-identical consideration of contrary valence in the same situation, or None.
    """

    id: str
    situation_id: str
    vrd: Vrd
    text: str
    explanation: str
    valence: Valence
    teacher: str
    request_hash: str
    position: int
    relevance: float | None = None
    canonical_id: str | None = None
    conflict_id: str | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """One item of an answer and the consideration that stands for it: the item itself, or what it repeats.

    Attributes:
        consideration_id: of the survivor; several teachers, and one teacher several times, may have said it.
        valence: what this teacher said; Either merges with Supports and with Opposes.
        text: this teacher's wording.
    """

    consideration_id: str
    situation_id: str
    teacher: str
    request_hash: str
    position: int
    valence: Valence
    text: str


@dataclass(frozen=True, slots=True)
class Canonical:
    """One consideration of the canonical inventory, whatever its wordings.

    Attributes:
        id: `ids.canonical_id(vrd, label)`; it stays when members come and go.
        label: the wording that founded it, without a holder; every member is close to it.
        concern_id: equal for the value, the right and the duty of one concern.
        members: the wordings that stand for it, sorted.
        forerunners: ids of those that wordings were moved here from by judgements, at once or by way of others, sorted.
    """

    id: str
    vrd: Vrd
    label: str
    concern_id: str
    members: tuple[str, ...]
    forerunners: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SamePair:
    """A person's word on two wordings.

    Attributes:
        same: whether they say the same; of two types, whether they name one concern.
    """

    vrd_one: Vrd
    one: str
    vrd_other: Vrd
    other: str
    same: bool


@dataclass(frozen=True, slots=True)
class Annotator:
    """A person who answers.

    Attributes:
        id: a pseudonym; it leads back to nobody without the key.
        demographics: pairs of a dimension and the category that the person chose, in the order of asking.
    """

    id: str
    demographics: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Vote:
    """One person's answer to one question about one item.

    Attributes:
        item_id: of the consideration, or of the situation where the question is about it.
        question: id of the question in its study.
        seconds: what the person took for the page that the question stood on; None where nobody measured it.
    """

    item_id: str
    annotator_id: str
    question: str
    answer: str
    seconds: float | None
