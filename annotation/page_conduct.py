"""How people went about their pages: what gold items and repeats tell of them, how long they took, how far they came.

Everything here is told by a person's own answers, and by what was known of gold items before anybody answered. Nobody
is measured against what others answer: who differs from everybody is whom the study is about.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final, NamedTuple

from annotation.attention import Attention, attention
from annotation.vocabulary import Place, Study
from valueprism_build.campaigns import CampaignItem, PageKind, ShownVote, Sitter
from valueprism_build.records import Vote

LONG_TEXT: Final = 40
"""Characters from which two people do not write a text alike by chance."""


class Run(NamedTuple):
    """One answer to one question, given page after page.

    Attributes:
        pages: how many.
        gold_right: gold items among them whose answer is not wrong; likewise `gold_wrong`.
        gold_wrong: see `gold_right`.
    """

    question: str
    answer: str
    pages: int
    gold_right: int
    gold_wrong: int


@dataclass(frozen=True, slots=True)
class PageConduct:
    """How one person went about their pages.

    Attributes:
        attention: what gold items, repeats and time tell.
        dealt: their pages; `answered` of them they have answered.
        timed: pages of items that have a time.
        runs: all of two pages or more, the longest first.
        same_account: somebody who sat down before them and whom the server knows by the same account; empty for nobody.
        same_texts: how many long texts of theirs stand word for word under the name of one who sat down before them.
    """

    annotator_id: str
    attention: Attention
    dealt: int
    answered: int
    timed: int
    runs: tuple[Run, ...]
    same_account: str
    same_texts: int


def page_conduct(
    study: Study, items: Mapping[str, CampaignItem], shown: Sequence[ShownVote], sitters: Sequence[Sitter]
) -> list[PageConduct]:
    """Return the conduct of everybody who has a seat, ordered by id.

    Args:
        study: says which answers to gold items are not wrong.
        items: all of the campaign, by id.
        shown: all answers of the campaign, in any order.
        sitters: who has a seat, in the order of sitting down.
    """
    by_kind, by_person = defaultdict[PageKind, list[Vote]](list), defaultdict[str, list[ShownVote]](list)
    for one in shown:
        by_kind[one.kind].append(one.vote)
        by_person[one.vote.annotator_id].append(one)
    on_gold, on_repeats = by_kind[PageKind.GOLD], by_kind[PageKind.REPEAT]
    measured = {one.annotator_id: one for one in attention(study, items, by_kind[PageKind.ITEM], on_gold, on_repeats)}
    accounts, copies = _first_of_account(sitters), _copied_texts(study, by_person, sitters)
    return [
        PageConduct(
            annotator_id=one.annotator_id,
            attention=measured.get(one.annotator_id) or Attention(one.annotator_id, 0, 0, 0, 0, None),
            dealt=one.dealt,
            answered=one.answered,
            timed=len({v.position for v in by_person[one.annotator_id] if _is_timed(v)}),
            runs=_runs(study, items, by_person[one.annotator_id]),
            same_account=accounts.get(one.annotator_id, ""),
            same_texts=copies.get(one.annotator_id, 0),
        )
        for one in sorted(sitters, key=lambda sitter: sitter.annotator_id)
    ]


def _is_timed(one: ShownVote) -> bool:
    return one.kind is PageKind.ITEM and one.vote.seconds is not None


def _runs(study: Study, items: Mapping[str, CampaignItem], shown: Iterable[ShownVote]) -> tuple[Run, ...]:
    """Return the runs of one answer in the order of the pages; a page on which a question is not asked ends none."""
    found: list[Run] = []
    in_order = sorted(shown, key=lambda one: one.position)
    for question in (one for one in study.at(Place.ITEM) if one.answers):
        mine = [one for one in in_order if one.vote.question == question.id]
        for answer, pages in groupby(mine, key=lambda one: one.vote.answer):
            kinds = [items[one.vote.item_id].gold if one.kind is PageKind.GOLD else None for one in pages]
            judged = [
                answer in question.gold[kind] for kind in kinds if kind and question.gold and kind in question.gold
            ]
            found.append(Run(question.id, answer, len(kinds), sum(judged), len(judged) - sum(judged)))
    return tuple(sorted((run for run in found if run.pages > 1), key=lambda run: -run.pages))


def _first_of_account(sitters: Sequence[Sitter]) -> dict[str, str]:
    first: dict[int, str] = {}
    found = {}
    for one in sitters:
        if one.person is not None:
            earlier = first.setdefault(one.person, one.annotator_id)
            if earlier != one.annotator_id:
                found[one.annotator_id] = earlier
    return found


def _copied_texts(
    study: Study, by_person: Mapping[str, Sequence[ShownVote]], sitters: Sequence[Sitter]
) -> dict[str, int]:
    """Return how many texts each person has that one and the same person before them wrote, the most of any one."""
    written = {question.id for question in study.questions if not question.answers}
    writers = defaultdict[str, list[str]](list)
    found = {}
    for sitter in sitters:
        votes = (one.vote for one in by_person.get(sitter.annotator_id, ()))
        texts = {vote.answer for vote in votes if vote.question in written and len(vote.answer) >= LONG_TEXT}
        alike = [writer for text in texts for writer in writers[text]]
        found[sitter.annotator_id] = max(map(alike.count, set(alike)), default=0)
        for text in texts:
            writers[text].append(sitter.annotator_id)
    return found
