"""Candidates for negatives before a teacher: what it finds relevant after all is drawn anew, and never used."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from valueprism_build.ids import vrd_id
from valueprism_build.records import Rejected, Stage, Vrd
from valueprism_build.tasks.negative_corpus import Codes

RELEVANT: Final = "negative_is_relevant"
UNANSWERED: Final = "negative_unanswered"


class Foreign(NamedTuple):
    """A situation, and a consideration that may stand as its negative."""

    situation_id: str
    vrd: Vrd
    text: str


class Checker(Protocol):
    """Somebody who knows how relevant a consideration is in a situation."""

    @property
    def name(self) -> str:
        """Return who it is."""

    def relevance(self, pairs: Sequence[Foreign]) -> Mapping[Foreign, float]:
        """Return the relevance, 0 to 1, of each pair that an answer could be had for.

        Raises:
            BuildError: nobody answers.
        """


@dataclass(frozen=True, slots=True)
class Check:
    """Whom to ask, and what to make of it.

    Attributes:
        most: what is relevant above it, 0 to 1, is no negative.
        rounds: how often others are drawn in place of what is refused; at least 1.
    """

    checker: Checker
    most: float
    rounds: int


class Checked(NamedTuple):
    """What came of a check.

    Attributes:
        asked: distinct pairs.
        relevant: those of them that were refused; `unanswered` those that nobody could be told about.
        rejected: one for each of these.
    """

    checker: str
    most: float
    asked: int
    relevant: int
    unanswered: int
    rejected: tuple[Rejected, ...]


def counts_of(checked: Checked) -> dict[str, str | float]:
    """Return everything but the single rejects, for JSON."""
    return {name: value for name, value in checked._asdict().items() if name != "rejected"}


class Questioned:
    """All pairs that were asked about so far, and what was said."""

    def __init__(self, full: pa.Table, check: Check | None) -> None:
        """Prepare to ask about the table's situations and considerations; without a check everything is fit."""
        self._pairs = full.select(["situation_id", "vrd", "text"]).to_pylist() if check else []
        self._check = check
        self._relevance: dict[Foreign, float | None] = {}

    def unfit(self, positives: Codes, sources: Codes) -> NDArray[np.bool_]:
        """Return shape (pairs,): whether the row's consideration must not stand as the positive's negative.

        Asks about what nobody has asked about; what has no answer is unfit, since nobody has said that it is fit.
        """
        if self._check is None:
            return np.zeros(len(positives), np.bool_)
        check, most = self._check, self._check.most
        pairs = [self._foreign(*rows) for rows in zip(positives.tolist(), sources.tolist(), strict=True)]
        new = list(dict.fromkeys(pair for pair in pairs if pair not in self._relevance))
        if new:
            found = check.checker.relevance(new)
            self._relevance |= {pair: found.get(pair) for pair in new}
        return np.array([_is_unfit(self._relevance[pair], most) for pair in pairs], np.bool_)

    def checked(self) -> Checked | None:
        """Return what came of all of it."""
        if self._check is None:
            return None
        name, most = self._check.checker.name, self._check.most
        unfit = sorted(pair for pair, said in self._relevance.items() if _is_unfit(said, most))
        unanswered = sum(self._relevance[pair] is None for pair in unfit)
        rejected = tuple(_rejected(pair, self._relevance[pair], name, most) for pair in unfit)
        return Checked(name, most, len(self._relevance), len(unfit) - unanswered, unanswered, rejected)

    def _foreign(self, positive: int, source: int) -> Foreign:
        situation_id, other = self._pairs[positive]["situation_id"], self._pairs[source]
        return Foreign(situation_id, Vrd(other["vrd"]), other["text"])


def _is_unfit(said: float | None, most: float) -> bool:
    return said is None or said > most


def _rejected(pair: Foreign, said: float | None, name: str, most: float) -> Rejected:
    subject, about = vrd_id(pair.situation_id, pair.vrd, pair.text), f"{pair.text!r} in situation {pair.situation_id}"
    if said is None:
        return Rejected(subject, Stage.NEGATIVES, UNANSWERED, f"{name} did not say whether {about} is relevant")
    return Rejected(subject, Stage.NEGATIVES, RELEVANT, f"{name} finds {about} relevant ({said:.3f}, at most {most:g})")
