"""Answers to considerations: parse every reply about a situation, remove what is irrelevant, then what is said twice.

The order is KaleidoSYS's: scores first, so that of what is said twice the more relevant wording can stay.

A pure function of the replies, so that parsing can be repeated at no cost whenever it changes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from types import MappingProxyType
from typing import Final, NamedTuple, TypeAlias

from valueprism_build.considerations.dedup import DEDUP_VERSION, deduplicate
from valueprism_build.considerations.near_identical import DedupThresholds
from valueprism_build.considerations.parsing import MAX_ITEMS, PARSER_VERSION, Parsed, parse
from valueprism_build.considerations.relevance import RELEVANCE_VERSION, RelevanceSettings, measured, sift
from valueprism_build.embedding import Encoder
from valueprism_build.ids import request_hash
from valueprism_build.records import MAY_BE_EMPTY, Answer, Consideration, Purpose, Rejected, Said
from valueprism_build.wishes import MOST_WISHED

LISTING: Final = frozenset({Purpose.CONSIDERATIONS, *MAY_BE_EMPTY})
"""The purposes whose replies list considerations."""
_MOST_ITEMS: Final = {Purpose.MISSING: MOST_WISHED}

Quoted: TypeAlias = Mapping[str, frozenset[str]]
"""`quoting.run_digests` of what people wrote, by the wish that it is; a teacher that repeats it repeats a person."""
NOBODY: Final[Quoted] = MappingProxyType({})


class Derived(NamedTuple):
    """What the replies about one situation came to: every item is kept, or in `rejected` with its stage and rule.

    Attributes:
        said: every item that parsed, with the kept one that stands for it.
    """

    kept: list[Consideration]
    rejected: list[Rejected]
    said: list[Said]


def fingerprint(
    answers: Sequence[Answer],
    echoes: frozenset[str],
    thresholds: DedupThresholds,
    relevance: RelevanceSettings,
    embedding_model: str,
    quoted: Quoted = NOBODY,
) -> str:
    """Return a hash of everything that `derive` depends on for one situation: equal hashes promise equal results."""
    runs = {one.subject: sorted(_quoted(one, quoted)) for one in answers if one.purpose is Purpose.MISSING}
    return request_hash(
        ({"quoted": runs} if runs else {})
        | {
            "answers": sorted(answer.request_hash for answer in answers),
            "parser": PARSER_VERSION,
            "dedup": DEDUP_VERSION,
            "relevance": [RELEVANCE_VERSION, relevance.teacher, relevance.least],
            "echoes": sorted(echoes),
            "thresholds": asdict(thresholds),
            "embedding_model": embedding_model,
        }
    )


def listed(answers: Sequence[Answer], echoes: frozenset[str], quoted: Quoted = NOBODY) -> Parsed:
    """Parse the replies about one situation that list considerations, in their order.

    Args:
        answers: to questions of any purpose.
        echoes: folded explanations of the prompt's worked examples; an item that repeats one is set aside.
        quoted: likewise.
    """
    parsed = [
        parse(
            answer,
            echoes=echoes,
            quoted=_quoted(answer, quoted),
            max_items=_MOST_ITEMS.get(answer.purpose, MAX_ITEMS),
        )
        for answer in answers
        if answer.purpose in LISTING
    ]
    return Parsed([item for one in parsed for item in one.kept], [row for one in parsed for row in one.rejected])


def derive(
    groups: Sequence[Sequence[Answer]],
    *,
    echoes: frozenset[str],
    encoder: Encoder,
    thresholds: DedupThresholds,
    relevance: RelevanceSettings,
    quoted: Quoted = NOBODY,
) -> list[Derived]:
    """Parse, sift by relevance and deduplicate; the result has one entry per group, in order.

    Args:
        groups: for each situation all its replies, of whatever teacher and purpose; of what several say, the more
            relevant stays, else the first.
        echoes: as of `listed`.
        encoder: embeds the distinct texts of all groups in one call.
        thresholds: from when on two considerations say the same.
        relevance: whose measurements count, and from when on an item is relevant.
        quoted: as of `listed`.
    """
    owner = {answer.request_hash: index for index, group in enumerate(groups) for answer in group}
    derived, relevant = [], []
    for group in groups:
        parsed = listed(group, echoes, quoted)
        scores = measured([answer for answer in group if answer.purpose is Purpose.RELEVANCE], relevance.teacher)
        sifted = sift(parsed.kept, scores.by_vrd, relevance.least)
        relevant.append(sifted.kept)
        derived.append(Derived([], [*parsed.rejected, *scores.rejected, *sifted.rejected], []))
    distinct = deduplicate(relevant, encoder, thresholds)
    for item in distinct.kept:
        derived[owner[item.request_hash]].kept.append(item)
    for said in distinct.said:
        derived[owner[said.request_hash]].said.append(said)
    for reject in distinct.rejected:
        derived[owner[reject.subject_id.partition(":")[0]]].rejected.append(reject)
    return derived


def _quoted(answer: Answer, quoted: Quoted) -> frozenset[str]:
    return quoted.get(answer.subject, frozenset()) if answer.purpose is Purpose.MISSING else frozenset()
