"""The seam to whoever answers: a `Teacher`, the question it gets, and the store that remembers its replies."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from math import inf
from typing import Final, Literal, NamedTuple, Protocol, TypeAlias
from urllib.parse import urlsplit

from valueprism_build.errors import SettingsError
from valueprism_build.records import Answer, FailedTry, Purpose, Vrd

LOCAL: Final = "local"  # the name of the teacher that is served on this machine and costs nothing


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a chat."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Ask:
    """One question about one situation, ready to send.

    Attributes:
        prompt_version: version of the prompt that the messages were made from.
        sample_index: 0 for the first sample of the same question, 1 for a second, ...
        purpose: what is asked for.
        subject: for coverage the point of view, for what people miss an `ids.wish_id`, for relevance an `ids.vrd_id`,
            for a contrast a `contrasts.subject`.
    """

    situation_id: str
    messages: tuple[Message, ...]
    prompt_version: str
    sample_index: int = 0
    purpose: Purpose = Purpose.CONSIDERATIONS
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Slot:
    """One place in the reply of a small model: a consideration of this type, its text one of these."""

    vrd: Vrd
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TeacherSettings:
    """Whom to ask and how.

    Attributes:
        name: what rows carry as their teacher.
        base_url: the endpoint up to and including "/v1".
        api_key: never shown and never stored; empty for servers that want none.
        temperature: None leaves it to the endpoint (some models accept no value).
        max_tokens: longest reply; None leaves it to the endpoint.
        seed: for endpoints that sample reproducibly; sample i is asked with seed + i. None sends none.
        structured: "json_schema" where the endpoint decodes by a schema, "text" where it does not.
        max_items: most considerations in a reply; only a schema enforces it.
        slots: if any, the reply holds exactly one consideration per slot; for small models on llama.cpp.
        slot_explanation: with slots, most characters of an explanation.
        top_logprobs: likeliest first words that are asked for to measure relevance; some endpoints allow 5 only.
        attempts: tries of one request, the first included.
        timeout: seconds for one try.
        wait_initial: seconds before the second try, doubled for each later one, with jitter of as much again.
        wait_max: most seconds between two tries; an endpoint that asks for more is not tried again.
        requests_per_minute: None for what the endpoint's own headers say, if they do; likewise for tokens.
        tokens_per_minute: prompt and completion together.
        prompt_price: US dollars per million tokens; with `completion_price` it replaces the price list's.
        identity_url: what stands for the base URL in the identity of a request, where the URL is accidental.
        output_licence: under which licence its replies may be passed on (SPDX), or "unknown".
        may_train: whether a model may be trained on its replies; None where nobody has said.
    """

    name: str
    base_url: str = ""
    model: str = ""
    api_key: str = field(default="", repr=False)
    temperature: float | None = 0.0
    max_tokens: int | None = 2000
    seed: int | None = 7
    structured: Literal["json_schema", "text"] = "json_schema"
    max_items: int = 12
    slots: tuple[Slot, ...] = ()
    slot_explanation: int = 150
    top_logprobs: int = 20
    attempts: int = 5
    timeout: float = 120.0
    wait_initial: float = 0.5
    wait_max: float = 60.0
    requests_per_minute: float | None = None
    tokens_per_minute: float | None = None
    prompt_price: Decimal | None = None
    completion_price: Decimal | None = None
    identity_url: str | None = None
    output_licence: str = "unknown"
    may_train: bool | None = None

    def __post_init__(self) -> None:
        """Refuse numbers that would lift a limit instead of setting it: a time-out of 0 waits for ever.

        Raises:
            SettingsError: a number is out of its range; the line names it.
        """
        waits = {"wait_initial": self.wait_initial, "wait_max": self.wait_max}
        limits = {
            "attempts": self.attempts,
            "max_items": self.max_items,
            "max_tokens": self.max_tokens,
            "requests_per_minute": self.requests_per_minute,
            "timeout": self.timeout,
            "tokens_per_minute": self.tokens_per_minute,
        }
        for name, value in {**limits, **waits}.items():
            if value is not None and not (0 < value < inf or (value == 0 and name in waits)):
                raise SettingsError(f"{name} of teacher {self.name!r} is {value}; give a number above 0")

    @property
    def endpoint(self) -> str:
        """Return what stands for the base URL in the identity of a request."""
        return (self.identity_url or self.base_url).rstrip("/")


OnFailedTry: TypeAlias = Callable[[FailedTry], None]


def variable_of(teacher: str, setting: str) -> str:
    """Return the environment variable of a setting of a teacher: what errors tell a user to mend."""
    return f"VALUEPRISM_TEACHERS__{teacher}__{setting}".upper()


def require_address(settings: TeacherSettings) -> None:
    """Refuse what cannot be asked before anything is sent.

    Raises:
        SettingsError: the base URL or the key cannot be used.
    """
    key = variable_of(settings.name, "api_key")
    try:
        url = urlsplit(settings.base_url)
        usable = url.scheme in {"http", "https"} and bool(url.hostname) and url.port != 0
        usable = usable and not (url.query or url.fragment) and bool(url.netloc.encode("idna"))
    except ValueError:  # a port that is no number, a name that is none
        usable = False
    if "@" in settings.base_url:  # not repeated: what stands before it may be a password
        raise SettingsError(f"the base URL of teacher {settings.name!r} holds an @: take it out and set {key}")
    if not usable:
        raise SettingsError(f"base URL {settings.base_url!r} is no http:// or https:// address: mend --base-url")
    if not all("!" <= character <= "~" for character in settings.api_key):
        raise SettingsError(f"the key holds a space, a line end or a letter that no key has: mend {key}")


def utc_now() -> datetime:
    """Return the present time: the default clock of whoever stamps an answer."""
    return datetime.now(UTC)


class Teacher(Protocol):
    """Anything that turns a question into text."""

    @property
    def name(self) -> str:
        """Return the name that rows carry as their teacher."""

    @property
    def model(self) -> str:
        """Return the model that is asked."""

    def params(self, purpose: Purpose) -> str:
        """Return the parameters of every request for one purpose as canonical JSON."""

    def request_hash(self, ask: Ask) -> str:
        """Return the hash of the canonical request: messages, model, parameters, schema, base URL, sample."""

    async def answer(self, ask: Ask, on_failed_try: OnFailedTry) -> Answer:
        """Return the reply, raw, after telling of each try that failed before it, or of all when all failed.

        Raises:
            BudgetSpentError: the next try might cost more than is left.
            TeacherBusyError: it may answer later, and the bounded tries are used up.
            TeacherError: it will never answer this question.
            TeacherStoppedError: it will answer no question (key refused, nobody listens).
        """


class Claimed(NamedTuple):
    """What became of a claim: those not named here are being asked by somebody else.

    Attributes:
        answered: hashes for which a reply is stored.
        granted: hashes that are the claimant's to ask.
        waiting: hashes that are in a batch under way.
    """

    answered: set[str]
    granted: set[str]
    waiting: frozenset[str] = frozenset()


class AnswerStore(Protocol):
    """Replies, raw, durable before they are used; the cache and the provenance.

    Several processes may share it. Each claims what it is about to ask, for a bounded time, so that no two pay for
    the same reply.
    """

    def add(self, answers: Sequence[Answer], failed_tries: Sequence[FailedTry] = ()) -> None:
        """Commit all in one transaction and end the claims on these requests.

        A stored reply is never overwritten, a stored error is.
        """

    def answered(self, hashes: Sequence[str]) -> set[str]:
        """Return those request hashes for which a reply (not an error) is stored."""

    def claim(self, hashes: Sequence[str], now: datetime, lease: timedelta) -> Claimed:
        """Claim for so long what has no reply, waits in no batch, and is claimed by nobody else who lives."""

    def renew(self, hashes: Sequence[str], now: datetime, lease: timedelta) -> None:
        """Extend one's own claims on these requests."""

    def release(self, hashes: Sequence[str]) -> None:
        """End one's own claims on these requests."""

    def for_situations(self, situation_ids: Sequence[str], purposes: Sequence[Purpose]) -> list[Answer]:
        """Return the replies (not the errors) to such questions, by situation, teacher, model, prompt, hash."""


def failed_answer(teacher: Teacher, ask: Ask, error: str, created_at: datetime) -> Answer:
    """Return what a store keeps of a question that got no reply."""
    return Answer(
        request_hash=teacher.request_hash(ask),
        situation_id=ask.situation_id,
        teacher=teacher.name,
        model=teacher.model,
        prompt_version=ask.prompt_version,
        params=teacher.params(ask.purpose),
        text="",
        finish_reason="error",
        prompt_tokens=0,
        completion_tokens=0,
        cost=None,
        latency=0.0,
        created_at=created_at,
        error=error,
        purpose=ask.purpose,
        subject=ask.subject,
    )
