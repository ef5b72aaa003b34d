"""Pairs of wordings that a person should look at: those put together, and those nearest to each other of the others."""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from valueprism_build.canonical.inventory import Inventory
from valueprism_build.canonical.judged import key_of
from valueprism_build.canonical.wording import general
from valueprism_build.embedding import Encoder, Vectors
from valueprism_build.records import Canonical, Vrd

Indices: TypeAlias = NDArray[np.intp]

NEIGHBOURS: Final = 3
LEAST_COSINE: Final = 0.7
_ROWS_AT_ONCE: Final = 1024


class AuditPair(NamedTuple):
    """Two wordings of one type.

    Attributes:
        weight: how many pairs of its kind this one stands for.
    """

    vrd: Vrd
    one: str
    other: str
    weight: float


def draw(inventory: Inventory, encoder: Encoder, *, pairs: int, rng: np.random.Generator) -> list[AuditPair]:
    """Return pairs to judge, of each type and of both sides of the line the same number, in an order that hides it.

    Together: a member and its label, unless they differ in case, marks or holder alone. Apart: a label and one of the
    three labels nearest to it, from cosine 0.7 on; memory is a thousand times the labels, four bytes each.

    Args:
        inventory: what is to be looked at.
        encoder: embeds the labels.
        pairs: how many at most.
        rng: draws them.
    """
    canonicals = inventory.canonicals()
    each = max(1, pairs // (2 * len(Vrd)))
    drawn: list[AuditPair] = []
    for vrd in Vrd:
        own = [canonical for canonical in canonicals if canonical.vrd == vrd]
        if not own:
            continue
        vectors = encoder.encode([canonical.label for canonical in own])
        for population in (_together(own), _apart(own, vectors)):
            chosen = rng.permutation(len(population))[:each]
            weight = len(population) / max(len(chosen), 1)
            drawn += [AuditPair(vrd, *population[int(index)], weight) for index in chosen]
    return [drawn[index] for index in rng.permutation(len(drawn))][:pairs]


def _said(canonical: Canonical) -> str:
    """Return the label, or where nobody says it in so many words (it lost a holder), a wording that somebody does."""
    return canonical.label if canonical.label in canonical.members else canonical.members[0]


def _together(canonicals: Sequence[Canonical]) -> list[tuple[str, str]]:
    return [
        (_said(canonical), member)
        for canonical in canonicals
        for key, member in {key_of(canonical.vrd, general(member)): member for member in canonical.members}.items()
        if key != key_of(canonical.vrd, canonical.label)
    ]


def _apart(canonicals: Sequence[Canonical], vectors: Vectors) -> list[tuple[str, str]]:
    found = {(min(one, other), max(one, other)) for one, other in _neighbours(vectors)}
    return [(_said(canonicals[one]), _said(canonicals[other])) for one, other in sorted(found)]


def _neighbours(vectors: Vectors) -> Iterator[tuple[int, int]]:
    """Yield each row with those of its nearest other rows that are near enough."""
    for start in range(0, len(vectors), _ROWS_AT_ONCE):
        cosines = vectors[start : start + _ROWS_AT_ONCE] @ vectors.T
        rows = np.arange(len(cosines))
        cosines[rows, start + rows] = -1
        count = min(NEIGHBOURS, cosines.shape[1])
        nearest = np.argpartition(-cosines, count - 1, axis=1)[:, :count]
        for row, others in zip(rows, nearest, strict=True):
            yield from ((start + int(row), int(other)) for other in others if cosines[row, other] >= LEAST_COSINE)
