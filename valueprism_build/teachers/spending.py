"""What asking took: by teacher, model and stage, of a run, of several runs, or of the rows of a release."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Final

from valueprism_build.records import Stage
from valueprism_build.teachers.budget import NOTHING

_ORDER: Final = {stage: place for place, stage in enumerate(Stage)}


@dataclass(frozen=True, slots=True)
class Spending:
    """What one model of one teacher was asked in one stage, and what it took.

    Attributes:
        answered: replies.
        failed_tries: tries without a usable reply, also of questions that were answered later.
        prompt_tokens: of the replies, as far as the endpoint has said; likewise `completion_tokens`.
        answers_cost: US dollars of the replies whose price is known.
        failed_cost: US dollars that are counted for the failed tries whose price is known.
        unpriced: replies and failed tries whose price is not known.
    """

    teacher: str
    model: str
    stage: Stage
    answered: int = 0
    failed_tries: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    answers_cost: Decimal = NOTHING
    failed_cost: Decimal = NOTHING
    unpriced: int = 0

    @property
    def cost(self) -> Decimal | None:
        """Return the US dollars of replies and failed tries, or None where the price of some is unknown."""
        return None if self.unpriced else self.answers_cost + self.failed_cost

    def __add__(self, other: "Spending") -> "Spending":
        """Return the sum, count by count, of this and another one of the same teacher, model and stage."""
        return Spending(
            self.teacher,
            self.model,
            self.stage,
            answered=self.answered + other.answered,
            failed_tries=self.failed_tries + other.failed_tries,
            prompt_tokens=self.prompt_tokens + other.prompt_tokens,
            completion_tokens=self.completion_tokens + other.completion_tokens,
            answers_cost=self.answers_cost + other.answers_cost,
            failed_cost=self.failed_cost + other.failed_cost,
            unpriced=self.unpriced + other.unpriced,
        )


def dollars(amount: Decimal | None) -> str:
    """Return an amount to its last digit and without needless ones, or "unknown"."""
    return "unknown" if amount is None else f"{amount.normalize():f}"


def as_json(row: Spending) -> dict[str, object]:
    """Return its fields and its cost, for JSON: amounts as text, which rounds nothing."""
    amounts = {"answers_cost": row.answers_cost, "failed_cost": row.failed_cost, "cost": row.cost}
    return asdict(row) | {name: dollars(amount) for name, amount in amounts.items()}


def summed(rows: Iterable[Spending]) -> list[Spending]:
    """Return one entry for each teacher, model and stage, in the order of these."""
    sums: dict[tuple[str, str, int], Spending] = {}
    for row in rows:
        key = (row.teacher, row.model, _ORDER[row.stage])
        sums[key] = sums[key] + row if key in sums else row
    return [sums[key] for key in sorted(sums)]
