"""What every step over situations gives back: all that came in, in piles."""

from typing import NamedTuple

from valueprism_build.records import Rejected, Situation


class Sifted(NamedTuple):
    """Everything that came in, in three piles.

    Attributes:
        kept: new situations, in the order of the source.
        held: situations that the warehouse already has, as the warehouse has them.
        rejected: rows set aside, with the rule that did it.
    """

    kept: list[Situation]
    held: list[Situation]
    rejected: list[Rejected]
