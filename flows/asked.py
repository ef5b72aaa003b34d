"""What became of the questions of one run or of a part of it."""

from dataclasses import dataclass
from decimal import Decimal

from valueprism_build.errors import TeacherStoppedError
from valueprism_build.records import Stage
from valueprism_build.teachers.budget import NOTHING
from warehouse.runs import StageCount


@dataclass(frozen=True, slots=True)
class Asked:
    """Counts of questions, and what the answers took: asked = answered + cached + failed + unasked + waiting.

    Attributes:
        unasked: questions that are left because the budget is spent.
        waiting: questions that are in a batch under way.
        cost: US dollars, of answers and of failed tries; None where the price is unknown.
        last_failure: why the last question without an answer has none.
    """

    asked: int = 0
    answered: int = 0
    cached: int = 0
    failed: int = 0
    unasked: int = 0
    waiting: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: Decimal | None = NOTHING
    last_failure: str = ""

    def __add__(self, other: "Asked") -> "Asked":
        """Return the sum, count by count, of this and a later chunk."""
        return Asked(
            asked=self.asked + other.asked,
            answered=self.answered + other.answered,
            cached=self.cached + other.cached,
            failed=self.failed + other.failed,
            unasked=self.unasked + other.unasked,
            waiting=self.waiting + other.waiting,
            prompt_tokens=self.prompt_tokens + other.prompt_tokens,
            completion_tokens=self.completion_tokens + other.completion_tokens,
            cost=None if self.cost is None or other.cost is None else self.cost + other.cost,
            last_failure=other.last_failure or self.last_failure,
        )

    def stage(self, stage: Stage) -> StageCount:
        """Return what came into the stage and what became of it."""
        return StageCount(stage, self.asked - self.unasked - self.waiting, self.answered, self.cached, self.failed)

    def require_some(self, teacher: str) -> None:
        """Refuse a run in which nobody was answered: something is wrong with the teacher, not with the rows.

        Raises:
            TeacherStoppedError: all requests failed.
        """
        if self.failed and self.failed == self.asked:
            raise TeacherStoppedError(
                f"all {self.failed} requests to {teacher} failed, the last with: {self.last_failure}"
            )
