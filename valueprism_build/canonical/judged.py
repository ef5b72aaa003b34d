"""What people have said of pairs of wordings, in the shape that clustering asks for."""

from collections.abc import Iterable, Sequence
from typing import TypeAlias

from valueprism_build.errors import BuildError
from valueprism_build.ids import fold
from valueprism_build.records import SamePair, Vrd

Key: TypeAlias = tuple[Vrd, str]
"""A type and a folded text: what folds alike is one wording."""


def key_of(vrd: Vrd, text: str) -> Key:
    """Return what a wording is known by."""
    return vrd, fold(text) or text


def latest(pairs: Iterable[SamePair]) -> list[SamePair]:
    """Return the last judgement of each two wordings, in the order in which they were first judged."""
    kept: dict[frozenset[Key], SamePair] = {}
    for pair in pairs:
        kept[frozenset((key_of(pair.vrd_one, pair.one), key_of(pair.vrd_other, pair.other)))] = pair
    return list(kept.values())


class Judged:
    """Judged pairs of one type, free of contradiction.

    Attributes:
        same: pairs that are one consideration, in their order.
        apart: pairs that are two.
    """

    def __init__(self, pairs: Sequence[SamePair]) -> None:
        """Take the pairs of one type; those of two types are about concerns.

        Raises:
            BuildError: two pairs contradict each other, by way of others or at once.
        """
        keys = [
            (pair.same, key_of(pair.vrd_one, pair.one), key_of(pair.vrd_other, pair.other))
            for pair in pairs
            if pair.vrd_one == pair.vrd_other
        ]
        self.same = [(one, other) for same, one, other in keys if same]
        self.apart = [(one, other) for same, one, other in keys if not same]
        self._units: dict[Key, frozenset[Key]] = {}
        for one, other in self.same:
            unit = self.unit(one) | self.unit(other)
            self._units.update(dict.fromkeys(unit, unit))
        self._barred: dict[Key, set[Key]] = {}
        for one, other in self.apart:
            if other in self.unit(one):
                raise BuildError(
                    f"the judgements contradict one another: {one[1]!r} and {other[1]!r} ({one[0]}) are judged two "
                    "considerations and, by themselves or by way of others, one; take one judgement back"
                )
            self._barred.setdefault(one, set()).add(other)
            self._barred.setdefault(other, set()).add(one)

    def unit(self, key: Key) -> frozenset[Key]:
        """Return the wordings that must stay with this one, itself among them."""
        return self._units.get(key, frozenset((key,)))

    def barred(self, key: Key) -> set[Key]:
        """Return the wordings that must not be with this one or with what must stay with it."""
        return set().union(*(self._barred.get(mate, ()) for mate in self.unit(key)))
