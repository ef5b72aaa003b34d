"""The counts of one run of asking: what a progress line shows while it goes on, and what is reported at its end."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from valueprism_build.records import Answer, FailedTry, Rejected
from valueprism_build.teachers.budget import NOTHING


@dataclass(frozen=True, slots=True)
class AskProgress:
    """How far it is.

    Attributes:
        answered: replies that arrived and are stored.
        cached: questions whose reply was stored before, or by another process.
        rejected: questions that will not be answered in this run.
        cost: US dollars, of replies and of failed tries; None where the price is unknown.
    """

    answered: int
    cached: int
    rejected: int
    prompt_tokens: int
    completion_tokens: int
    cost: Decimal | None


@dataclass(frozen=True, slots=True)
class AskReport:
    """What came of a run: answered + cached + repeated + unasked + waiting + len(rejected) is the number of questions.

    Attributes:
        answered: replies that arrived and are stored.
        cached: questions whose reply was stored before, or by another process.
        repeated: questions that were already among those of this run.
        unasked: questions that are left because the budget is spent.
        waiting: questions that are in a batch under way.
        rejected: one per question without a reply, in the order in which they failed.
        failed_tries: tries without a usable reply, also of questions that were answered later.
        cost: US dollars, of replies and of failed tries; None where the price is unknown.
    """

    answered: int
    cached: int
    repeated: int
    unasked: int
    waiting: int
    rejected: list[Rejected]
    failed_tries: int
    prompt_tokens: int
    completion_tokens: int
    cost: Decimal | None


@dataclass(slots=True)
class Tally:
    """Counts up; the attributes are those of `AskReport`."""

    answered: int = 0
    cached: int = 0
    repeated: int = 0
    unasked: int = 0
    waiting: int = 0
    rejected: list[Rejected] = field(default_factory=list)
    failed_tries: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: Decimal | None = NOTHING

    def count(self, answers: Iterable[Answer], failed_tries: Iterable[FailedTry]) -> None:
        """Add what was stored; answers that hold an error count nothing, their tries do."""
        for answer in answers:
            if answer.error is None:
                self.answered += 1
                self.prompt_tokens += answer.prompt_tokens
                self.completion_tokens += answer.completion_tokens
                self.cost = _sum(self.cost, answer.cost)
        for failed in failed_tries:
            self.failed_tries += 1
            self.cost = _sum(self.cost, failed.cost)

    def progress(self) -> AskProgress:
        """Return how far it is."""
        return AskProgress(
            answered=self.answered,
            cached=self.cached,
            rejected=len(self.rejected),
            prompt_tokens=self.prompt_tokens,
            completion_tokens=self.completion_tokens,
            cost=self.cost,
        )

    def report(self) -> AskReport:
        """Return what came of it."""
        return AskReport(
            answered=self.answered,
            cached=self.cached,
            repeated=self.repeated,
            unasked=self.unasked,
            waiting=self.waiting,
            rejected=self.rejected,
            failed_tries=self.failed_tries,
            prompt_tokens=self.prompt_tokens,
            completion_tokens=self.completion_tokens,
            cost=self.cost,
        )


def _sum(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    return None if one is None or other is None else one + other
