"""What became of the cells: told, merged, withheld, by rule."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Rule(StrEnum):
    """Why something is not told as it is.

    - `under_k`: some cell has fewer than k people, however the others are merged.
    - `changed_too_little`: against an earlier version, so the difference would tell of a few.
    - `not_in_release`: the release does not hold what the question was about.
    - `no_closed_question`: the answer is free text, was asked for after a certain answer only, or is none of the
      question's.
    - `not_shared`: the person answered only part of what nearly the same people answered.
    """

    UNDER_K = "under_k"
    CHANGED_TOO_LITTLE = "changed_too_little"
    NOT_IN_RELEASE = "not_in_release"
    NO_CLOSED_QUESTION = "no_closed_question"
    NOT_SHARED = "not_shared"


@dataclass(slots=True)
class Tally:
    """Counts. A cell is one answer by people of one category, or by all, about one question and subject.

    Attributes:
        told: cells that are a row by themselves.
        merged: cells that a row counts together with others.
        withheld: cells in no row, by rule.
        kept: questions about something whose counts are those of an earlier version.
        answers: that are in no table, by rule.
    """

    told: int = 0
    merged: int = 0
    withheld: Counter[Rule] = field(default_factory=Counter)
    kept: int = 0
    answers: Counter[Rule] = field(default_factory=Counter)

    def as_json(self) -> Mapping[str, object]:
        """Return the counts as JSON-able values."""
        return {
            "cells_told": self.told,
            "cells_merged": self.merged,
            "cells_withheld": _by_rule(self.withheld),
            "kept_from_earlier": self.kept,
            "answers_left_out": _by_rule(self.answers),
        }


def _by_rule(counts: Counter[Rule]) -> dict[str, int]:
    return {str(rule): counts[rule] for rule in Rule if counts[rule]}
