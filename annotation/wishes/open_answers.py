"""What free answers say of the list that was shown after them: whether they name something that it lacks.

A person who is asked openly, before any list, says that something is missing when one of the wishes of their answer is
not on the list that they were shown then. Whoever names nothing, or says that nothing matters, says that nothing is.
An answer that nobody has read to its end (an address in it, a part that is too long) says neither: it is set aside.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from valueprism_build.records import Rejected, Stage
from valueprism_build.wishes import Written

READ: Final = frozenset(("says_nothing", "only_small_words"))
"""Rules by which `phrases.split` sets aside what it has read: it names nothing."""


class OpenAnswer(NamedTuple):
    """What one answer says: whether something is missing."""

    situation_id: str
    annotator_id: str
    question: str
    missing: bool


@dataclass(frozen=True, slots=True)
class OpenAnswers:
    """The free answers of a campaign in two piles, and how they were read.

    Attributes:
        questions: all of whose answers are in one of the piles, but those of people who are left out.
        model: that embedded them.
        same: cosine from which two phrases are one wish.
        listed: cosine from which a wish is what is listed.
    """

    questions: frozenset[str]
    said: tuple[OpenAnswer, ...]
    rejected: tuple[Rejected, ...]
    model: str
    same: float
    listed: float

    @property
    def reading(self) -> str:
        """Return in words how they were read."""
        return (
            f"embeddings of {self.model}: a cosine of {self.same:g} or more for phrases, {self.listed:g} for the list"
        )


class Judged(NamedTuple):
    """Answers in two piles."""

    said: list[OpenAnswer]
    rejected: list[Rejected]


def judged(
    written: Sequence[Written],
    shown: Collection[str],
    lacking: Collection[tuple[str, str]],
    set_aside: Mapping[tuple[str, str], Sequence[Rejected]],
) -> Judged:
    """Return what each answer says.

    The rules: no_list, and those of `phrases.split` by which a part was not read.

    Args:
        written: the answers.
        shown: uids of the pages after which a list was shown.
        lacking: page and question of the answers with a wish that the list lacks.
        set_aside: the parts that are no phrases, by page and question.
    """
    found = Judged([], [])
    for one in written:
        key = one.uid, one.question
        unread = [part for part in set_aside.get(key, ()) if part.rule not in READ]
        if one.uid not in shown:
            found.rejected.append(_rejected(one, "no_list", "was followed by no list that could lack something"))
        elif key in lacking or not unread:
            found.said.append(OpenAnswer(one.situation_id, one.annotator_id, one.question, key in lacking))
        else:
            found.rejected.append(_rejected(one, unread[0].rule, unread[0].detail))
    return found


def _rejected(one: Written, rule: str, detail: str) -> Rejected:
    return Rejected(f"{one.uid}:{one.question}", Stage.MISSING, rule, detail)
