"""Families of situations that must not lie on both sides of a split, and how they stay what they are.

Two situations are one family when their letters are alike (near-duplicates, templates: "going 20 / 50 mph over the
limit") or their meaning is (paraphrases: "give candy to a kid" and "giving a child candy"), and so are both with
whatever is alike to either. What was once one family stays one, also when the situation that held it together is gone.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

import numpy as np

from valueprism_build.embedding import Encoder
from valueprism_build.situations.letter_links import link_by_letters
from valueprism_build.situations.links import Link, Links
from valueprism_build.situations.meaning_links import link_by_meaning

RELATED: Final = "making"
"""The route of a link between two situations of which one was made of the other."""


class FamilyThresholds(NamedTuple):
    """From where on two situations are one family.

    Attributes:
        similarity: Jaccard similarity of the character 4-shingles of the folded texts, in (0, 1].
        cosine: of the sentence embeddings, in [-1, 1].
    """

    similarity: float
    cosine: float


@dataclass(frozen=True, slots=True)
class Member:
    """A situation, and the family that it came into; that one may have been merged since.

    The text stays, also when the situation goes: whoever comes later is still compared with it.
    """

    situation_id: str
    text: str
    family_id: str


@dataclass(frozen=True, slots=True)
class Family:
    """A family, named after the situation that founded it.

    Attributes:
        into_id: the elder family that it was merged into; None while it stands by itself.
        reason: of that.
    """

    id: str
    into_id: str | None = None
    reason: str | None = None


class Related(NamedTuple):
    """Two situations that are one family whatever their words: one was made of the other."""

    one_id: str
    other_id: str


class Newcomer(NamedTuple):
    """A situation that has no family yet."""

    situation_id: str
    text: str


@dataclass(frozen=True, slots=True)
class Families:
    """All that is remembered. Nothing in it ever goes.

    Attributes:
        families: in the order in which they were founded.
        members: in the order in which they came.
    """

    families: tuple[Family, ...] = ()
    members: tuple[Member, ...] = ()

    def heads(self) -> dict[str, str]:
        """Return for the id of each family that of the one that it has become by mergers, its own if by none."""
        heads: dict[str, str] = {}
        for family in self.families:  # elders first, so the one that it was merged into is there
            heads[family.id] = family.id if family.into_id is None else heads[family.into_id]
        return heads

    def merged(self) -> dict[str, list[str]]:
        """Return for the head of each family the ids of all that it is made of, its own first."""
        parts = defaultdict(list)
        for family, head in self.heads().items():
            parts[head].append(family)
        return dict(parts)

    def homes(self) -> dict[str, str]:
        """Return for each situation the head of its family."""
        heads = self.heads()
        return {member.situation_id: heads[member.family_id] for member in self.members}


def update(
    known: Families,
    newcomers: Sequence[Newcomer],
    encoder: Encoder,
    least: FamilyThresholds,
    related: Sequence[Related] = (),
) -> Families:
    """Return the families with the newcomers in them.

    A newcomer joins the family of what it is like. One that is like members of two families merges them: the elder
    one stays. Situations that were here before are not compared with each other again, so another `least` says
    something about newcomers only.

    Args:
        known: from the last time.
        newcomers: no members yet, each once; the first of a family founds it.
        encoder: embeds every text, known ones too; not asked when there is no newcomer.
        least: from where on two are one family.
        related: pairs that are one family anyhow, new and old; pairs with somebody who is not there say nothing.
    """
    texts = [*(member.text for member in known.members), *(newcomer.text for newcomer in newcomers)]
    ranks = {family: rank for rank, family in enumerate(known.heads())}
    homes = known.homes()
    held = [ranks[homes[member.situation_id]] for member in known.members]
    groups = [*held, *range(len(ranks), len(ranks) + len(newcomers))]
    ids = [*(member.situation_id for member in known.members), *(newcomer.situation_id for newcomer in newcomers)]
    links = Links(_gapless(groups))
    _link_related(ids, related, links)
    if newcomers:
        count = len(known.members)
        link_by_letters(texts, links, similarity=least.similarity, known=count)
        link_by_meaning(encoder.encode(texts), links, cosine=least.cosine, known=count)
    return _joined(known, newcomers, groups, ids, links.found)


def _link_related(ids: Sequence[str], related: Sequence[Related], links: Links) -> None:
    places = {situation_id: place for place, situation_id in enumerate(ids)}
    here = [(places[one], places[other]) for one, other in related if one in places and other in places]
    one, other = np.array(here, np.int64).reshape(-1, 2).T
    links.join(one, other, np.ones(len(one)), RELATED)


def _gapless(groups: Sequence[int]) -> list[int]:
    numbers: dict[int, int] = {}
    return [numbers.setdefault(group, len(numbers)) for group in groups]


def _joined(
    known: Families, newcomers: Sequence[Newcomer], groups: Sequence[int], ids: Sequence[str], links: Iterable[Link]
) -> Families:
    """Follow the links: the eldest of what they hold together is the family, and known ones are merged into it.

    Args:
        known: its families have the ranks 0, 1, ...
        newcomers: theirs follow.
        groups: the rank of each position.
        ids: the situation at each position.
        links: between positions.
    """
    elder = list(range(len(known.families) + len(newcomers)))
    families = list(known.families)
    for link in links:
        one, other = sorted((_eldest(elder, groups[link.one]), _eldest(elder, groups[link.other])))
        elder[other] = one
        if one != other < len(families):
            reason = f"{ids[link.one]} and {ids[link.other]} are alike by {link.route}, {link.similarity:.3f}"
            families[other] = replace(families[other], into_id=families[one].id, reason=reason)
    first = len(known.families)
    ranks = [_eldest(elder, first + place) for place in range(len(newcomers))]
    founded = [
        Family(newcomer.situation_id) for place, newcomer in enumerate(newcomers) if ranks[place] == first + place
    ]
    names = [*(family.id for family in families), *(newcomer.situation_id for newcomer in newcomers)]
    came = [Member(*newcomer, names[rank]) for newcomer, rank in zip(newcomers, ranks, strict=True)]
    return Families((*families, *founded), (*known.members, *came))


def _eldest(elder: list[int], rank: int) -> int:
    while elder[rank] != rank:
        elder[rank] = elder[elder[rank]]
        rank = elder[rank]
    return rank
