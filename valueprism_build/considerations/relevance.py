"""How relevant a value, right or duty is in a situation, from a teacher's log-probabilities of Yes against No.

The method is Kaleido's (Sorensen et al., "Value Kaleidoscope", AAAI 2024): p(Yes) renormalised over Yes and No, a
threshold for each type, then deduplication in which the more relevant one stays. It asks a student model that was
trained for it; here any chat model that gives log-probabilities is asked.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import exp
from typing import Final, NamedTuple

from valueprism_build.errors import SettingsError
from valueprism_build.ids import fold, vrd_id
from valueprism_build.records import Answer, Consideration, Rejected, Stage, Vrd
from valueprism_build.teachers.teacher import LOCAL

IRRELEVANT: Final = "irrelevant"
SHOWN: Final = 3  # tokens of a reply without Yes and No that a reject names
RELEVANCE_VERSION: Final = "1"
"""Raised whenever the same replies would give other numbers, or set other items aside."""


@dataclass(frozen=True, slots=True)
class RelevanceSettings:
    """Whether relevance is measured, by whom, and from when on it suffices.

    What was measured before counts whether or not more is measured now.

    Attributes:
        measure: ask about what has not been measured yet.
        teacher: whose measurements count, and who is asked; empty for the first teacher of the build, or, where
            nothing more is measured, for whoever was asked last.
        least_value: a value of less relevance is set aside; None keeps all. Likewise for rights and duties.
    """

    measure: bool = False
    teacher: str = ""
    least_value: float | None = None
    least_right: float | None = None
    least_duty: float | None = None

    def __post_init__(self) -> None:
        for vrd, least in self.least.items():
            if not 0 <= least <= 1:
                raise SettingsError(f"relevance setting least_{vrd.lower()} is {least}; choose a number from 0 to 1")

    @property
    def least(self) -> dict[Vrd, float]:
        """Return the threshold of each type that has one."""
        given = {Vrd.VALUE: self.least_value, Vrd.RIGHT: self.least_right, Vrd.DUTY: self.least_duty}
        return {vrd: least for vrd, least in given.items() if least is not None}


class Measured(NamedTuple):
    """What the replies about one situation say.

    Attributes:
        by_vrd: relevance, 0 to 1, by `ids.vrd_id`.
        rejected: one for each reply that says neither Yes nor No.
    """

    by_vrd: dict[str, float]
    rejected: list[Rejected]


class Sifted(NamedTuple):
    """Everything that came in, in two piles."""

    kept: list[Consideration]
    rejected: list[Rejected]


def measured(replies: Sequence[Answer], teacher: str) -> Measured:
    """Return what one teacher's replies to relevance questions about one situation say.

    Numbers of several models cannot be held against each other, so only those count that came of one model, prompt
    and parameters: of several, those of which the latest reply is.

    Args:
        replies: to relevance questions about one situation.
        teacher: whose; empty for whoever was asked last, where the demonstration teacher goes behind all others.
    """
    wanted = [reply for reply in replies if teacher in ("", reply.teacher)]
    found = Measured({}, [])
    ordered = sorted(wanted, key=lambda reply: (reply.teacher != LOCAL, reply.created_at, reply.request_hash))
    for reply in (reply for reply in ordered if _way(reply) == _way(ordered[-1])):
        relevance = relevance_of(reply.text)
        if relevance is None:
            likeliest = ", ".join(repr(token) for token, _ in _top(reply.text)[:SHOWN])
            detail = f"neither Yes nor No is among the first tokens; the likeliest are {likeliest}"
            found.rejected.append(Rejected(reply.request_hash, Stage.RELEVANCE, "neither_yes_nor_no", detail))
        else:
            found.by_vrd[reply.subject] = relevance
    return found


def relevance_of(reply: str) -> float | None:
    """Return p(Yes) / (p(Yes) + p(No)), or None where neither is among the listed tokens.

    A token counts if it is the whole word, in whatever case, with whatever blanks and marks around it; the
    probabilities of all such tokens add up. A word that is not listed counts as 0, which is wrong by no more than the
    probability of the last one that is.

    Args:
        reply: as `completion.read_completion` makes it.
    """
    logs: dict[str, list[float]] = {"yes": [], "no": []}
    for token, logarithm in _top(reply):
        logs.get(fold(token), []).append(logarithm)
    both = [*logs["yes"], *logs["no"]]
    if not both:
        return None
    most = max(both)  # shifted, so that the exponential of the larger one is 1 and nothing is divided by 0
    yes, no = (sum(exp(logarithm - most) for logarithm in logs[word]) for word in ("yes", "no"))
    return yes / (yes + no)


def sift(items: Sequence[Consideration], by_vrd: Mapping[str, float], least: Mapping[Vrd, float]) -> Sifted:
    """Give each item its relevance, and set aside what lies below the threshold of its type.

    What nobody has measured is kept. A relevance exactly at the threshold suffices, as in Kaleido.

    Args:
        items: of any situation.
        by_vrd: relevance, 0 to 1, by `ids.vrd_id`.
        least: threshold of each type that has one.
    """
    sifted = Sifted([], [])
    for item in items:
        relevance = by_vrd.get(vrd_id(item.situation_id, item.vrd, item.text))
        if relevance is not None and relevance < least.get(item.vrd, 0.0):
            subject = f"{item.request_hash}:{item.position}"
            detail = f"relevance {relevance:.3f} of {item.text!r}, a {item.vrd.lower()} needs {least[item.vrd]:g}"
            sifted.rejected.append(Rejected(subject, Stage.RELEVANCE, IRRELEVANT, detail))
        else:
            sifted.kept.append(replace(item, relevance=relevance))
    return sifted


def _top(reply: str) -> list[tuple[str, float]]:
    listed: list[tuple[str, float]] = json.loads(reply)["top"]
    return listed


def _way(reply: Answer) -> tuple[str, str, str, str]:
    return (reply.teacher, reply.model, reply.prompt_version, reply.params)
