"""Whether people pay attention: right on gold items, the same on repeats, and not faster than anybody can read.

Nobody is measured against the others' answers: a minority's view is data.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from annotation.vocabulary import Place, Study
from valueprism_build.campaigns import CampaignItem
from valueprism_build.records import Vote


@dataclass(frozen=True, slots=True)
class Attention:
    """What one person did with pages that tell.

    Attributes:
        right: answers to gold items that are not wrong, of `gold`; questions that gold says nothing of don't count.
        same: answers to repeats that are what the person said first, of `repeats`.
        seconds: median over the pages of items; None where nobody measured it.
    """

    annotator_id: str
    right: int
    gold: int
    same: int
    repeats: int
    seconds: float | None


def attention(
    study: Study,
    items: Mapping[str, CampaignItem],
    votes: Sequence[Vote],
    on_gold: Sequence[Vote],
    on_repeats: Sequence[Vote],
) -> list[Attention]:
    """Return how attentive each person was who has answered anything, ordered by id.

    Args:
        study: says which answers to gold items are not wrong.
        items: all of the campaign, by id.
        votes: on items.
        on_gold: on gold items.
        on_repeats: on items that were shown once more.
    """
    judged = {question.id: question for question in study.at(Place.ITEM)}
    right, same = defaultdict[str, list[bool]](list), defaultdict[str, list[bool]](list)
    for vote in on_gold:
        kind, question = items[vote.item_id].gold, judged[vote.question]
        if kind is not None and question.gold and kind in question.gold:
            right[vote.annotator_id].append(vote.answer in question.gold[kind])
    first = {(vote.annotator_id, vote.item_id, vote.question): vote.answer for vote in votes}
    for vote in on_repeats:
        before = first.get((vote.annotator_id, vote.item_id, vote.question))
        if before is not None:
            same[vote.annotator_id].append(vote.answer == before)
    seconds = defaultdict[str, list[float]](list)
    for vote in votes:
        if vote.seconds is not None:
            seconds[vote.annotator_id].append(vote.seconds)
    return [
        Attention(
            one,
            sum(right[one]),
            len(right[one]),
            sum(same[one]),
            len(same[one]),
            median(seconds[one]) if seconds[one] else None,
        )
        for one in sorted({vote.annotator_id for vote in (*votes, *on_gold, *on_repeats)})
    ]
