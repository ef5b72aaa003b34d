"""Answers to considerations: parse every reply about a situation, then remove what is said twice.

A pure function of the replies, so that parsing can be repeated at no cost whenever it changes.
"""

from collections.abc import Sequence
from dataclasses import asdict
from typing import NamedTuple

from valueprism_build.considerations.dedup import DEDUP_VERSION, DedupThresholds, deduplicate
from valueprism_build.considerations.parsing import PARSER_VERSION, parse
from valueprism_build.embedding import Encoder
from valueprism_build.ids import request_hash
from valueprism_build.records import Answer, Consideration, Rejected, Said


class Derived(NamedTuple):
    """What the replies about one situation came to: every item is kept, or in `rejected` with its stage and rule.

    Attributes:
        said: every item that parsed, with the kept one that stands for it.
    """

    kept: list[Consideration]
    rejected: list[Rejected]
    said: list[Said]


def fingerprint(
    answers: Sequence[Answer], echoes: frozenset[str], thresholds: DedupThresholds, embedding_model: str
) -> str:
    """Return a hash of everything that `derive` depends on for one situation: equal hashes promise equal results."""
    return request_hash(
        {
            "answers": sorted(answer.request_hash for answer in answers),
            "parser": PARSER_VERSION,
            "dedup": DEDUP_VERSION,
            "echoes": sorted(echoes),
            "thresholds": asdict(thresholds),
            "embedding_model": embedding_model,
        }
    )


def derive(
    groups: Sequence[Sequence[Answer]], *, echoes: frozenset[str], encoder: Encoder, thresholds: DedupThresholds
) -> list[Derived]:
    """Parse and deduplicate; the result has one entry per group, in order.

    Args:
        groups: for each situation all its replies, of whatever teacher; of what several say, the first one's stays.
        echoes: folded explanations of the prompt's worked examples; an item that repeats one is set aside.
        encoder: embeds the distinct texts of all groups in one call.
        thresholds: from when on two considerations say the same.
    """
    owner = {answer.request_hash: index for index, group in enumerate(groups) for answer in group}
    parsed = [[parse(answer, echoes=echoes) for answer in group] for group in groups]
    derived = [Derived([], [reject for reply in replies for reject in reply.rejected], []) for replies in parsed]
    distinct = deduplicate(
        [[item for reply in replies for item in reply.kept] for replies in parsed], encoder, thresholds
    )
    for item in distinct.kept:
        derived[owner[item.request_hash]].kept.append(item)
    for said in distinct.said:
        derived[owner[said.request_hash]].said.append(said)
    for reject in distinct.rejected:
        derived[owner[reject.subject_id.partition(":")[0]]].rejected.append(reject)
    return derived
