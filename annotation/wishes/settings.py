"""What counts as one wish, and which wishes a teacher is asked about; light to import."""

from dataclasses import dataclass
from typing import Final

from valueprism_build.errors import SettingsError

QUESTIONS: Final = ("missing_open", "missing_listed")


@dataclass(frozen=True, slots=True)
class MissingSettings:
    """How free answers become wishes.

    The cosines belong to all-MiniLM-L6-v2, which puts "respect for elders" and "respect for the elderly" at 0.89, "the
    birds' health should matter" and "bird health" at 0.80, "respect" and "respect for nature" at 0.57. What is left
    apart costs a question; what is put together wrongly is lost. They find what is put in nearly the same words: no
    cosine tells what people mean in different ones (`tests/data/wishes_said.md`), which is left to the teacher.

    Attributes:
        questions: ids of the written questions whose answers are read.
        same: cosine from which two phrases about a situation are one wish.
        listed: cosine from which a wish says what is listed already.
        most_phrases: of one answer; further ones are set aside.
        most_words: of a phrase; a longer one is set aside.
        least_people: who must have voiced a wish before a teacher is asked about it.
        shown: phrases of a wish that a teacher is shown at most.
        least_cell: people of a category below whom its count is not shown.
    """

    questions: tuple[str, ...] = QUESTIONS
    same: float = 0.78
    listed: float = 0.85
    most_phrases: int = 20
    most_words: int = 60
    least_people: int = 1
    shown: int = 5
    least_cell: int = 5

    def __post_init__(self) -> None:
        """Refuse what reads nothing, and cosines that are none.

        Raises:
            SettingsError: a number is out of its range, or no question is named; the line names it.
        """
        if not self.questions:
            raise SettingsError("missing setting questions is empty; name a written question of the study")
        for name in ("same", "listed"):
            if not 0 < getattr(self, name) <= 1:
                raise SettingsError(f"missing setting {name} is {getattr(self, name)}; give a cosine above 0, up to 1")
        for name in ("most_phrases", "most_words", "least_people", "shown", "least_cell"):
            if getattr(self, name) < 1:
                raise SettingsError(f"missing setting {name} is {getattr(self, name)}; give 1 or more")
