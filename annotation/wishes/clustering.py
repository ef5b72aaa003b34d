"""Phrases about one situation to wishes: what says the same is one wish, however many say it.

A phrase joins the wish whose founder has its form (`canonical.wording`), else the nearest founder by embedding, else it
founds one. It is compared with founders only, so nothing chains, and it stays where it once came to.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from valueprism_build.canonical.wording import wording
from valueprism_build.considerations.opposites import opposite_wording
from valueprism_build.embedding import Vectors
from valueprism_build.ids import phrase_digest, wish_id
from valueprism_build.records import Vrd


class Said(NamedTuple):
    """A way to put a wish.

    Attributes:
        text: as the first who put it so wrote it.
        gist: `saying_nothing.gist` of it.
        people: how many put it so.
    """

    situation_id: str
    text: str
    gist: str
    people: int

    @property
    def digest(self) -> str:
        """Return what it is remembered by."""
        return phrase_digest(self.situation_id, self.gist)


@dataclass(frozen=True, slots=True)
class Cluster:
    """A wish with its phrases, the founder first, then the most said; `rows` are their numbers among all phrases."""

    wish_id: str
    phrases: tuple[Said, ...]
    rows: tuple[int, ...]


def cluster(phrases: Sequence[Said], vectors: Vectors, known: Mapping[str, str], *, same: float) -> list[Cluster]:
    """Return the wishes among the phrases about one situation, in the order in which they come up.

    Args:
        phrases: with different digests.
        vectors: of their gists, shape (len(phrases), d), each row of L2 norm 1.
        known: digest -> wish of the phrases that have one already.
        same: cosine from which a phrase joins a founder's wish.
    """
    # What is known goes first, founders before all; then what most people say, which founds what others join.
    order = sorted(
        range(len(phrases)),
        key=lambda row: (
            known.get(phrases[row].digest) != wish_id(phrases[row].digest),
            phrases[row].digest not in known,
            -phrases[row].people,
            phrases[row].digest,
        ),
    )
    rows: dict[str, list[int]] = {}
    for row in order:
        phrase = phrases[row]
        home = known.get(phrase.digest) or _nearest(row, phrases, vectors, rows, same) or wish_id(phrase.digest)
        rows.setdefault(home, []).append(row)
    return [Cluster(home, tuple(phrases[row] for row in own), tuple(own)) for home, own in rows.items()]


def _nearest(
    row: int, phrases: Sequence[Said], vectors: Vectors, rows: Mapping[str, Sequence[int]], same: float
) -> str | None:
    gist = phrases[row].gist
    founders = {home: own[0] for home, own in rows.items() if not opposite_wording(gist, phrases[own[0]].gist)}
    form = wording(Vrd.VALUE, gist)
    for home, founder in founders.items():
        if wording(Vrd.VALUE, phrases[founder].gist) == form:
            return home
    if not founders:
        return None
    cosines = vectors[list(founders.values())] @ vectors[row]
    best = int(np.argmax(cosines))
    return list(founders)[best] if cosines[best] >= same else None
