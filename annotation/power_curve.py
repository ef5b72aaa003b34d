"""What more people, or more answers of each, would let a campaign find."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from annotation.power import Ask, answering_of, smallest_difference
from annotation.settings import PowerSettings

SCALES: Final = (0.25, 0.35, 0.5, 0.7, 0.85, 1.0, 1.25, 1.5, 2.0, 2.5, 3.0)
"""Of the people that are planned."""


class CurvePoint(NamedTuple):
    """What a campaign of another size could find.

    Attributes:
        people: of each of two strata.
        overlap: people a unit, over all strata.
        difference: the smallest of the rates of the two over all items, 0 to 1.
    """

    people: int
    overlap: int
    difference: float


def power_curve(
    *, people: int, strata: int, overlap: int, items: int, settings: PowerSettings, scales: Sequence[float] = SCALES
) -> list[CurvePoint]:
    """Return the smallest differences for half, all and double the overlap, by people of a stratum.

    Where the people are fewer, each answers more: an item gets `overlap` answers either way. Nobody answers an item
    twice, so there is no point where that would take it.

    Args:
        people: of a stratum, as planned; all strata are taken to be alike.
        strata: how many, at least two; of each two of them the rates are compared.
        overlap: as planned.
        items: that are asked about.
        settings: of the test, and how people answer.
        scales: of the people.
    """
    ask = Ask(settings.alpha, settings.power, strata * (strata - 1) // 2)
    found = []
    for of_unit in sorted({max(strata, overlap // 2), overlap, 2 * overlap}):
        for each_stratum in sorted({max(2, round(scale * people)) for scale in scales}):
            answers_each = items * of_unit / (strata * each_stratum)
            if 1 <= answers_each <= items:
                answering = answering_of(settings.constant, settings.person_sd, settings.item_sd, answers_each)
                difference = smallest_difference(answering, each_stratum, each_stratum, ask)
                found.append(CurvePoint(each_stratum, of_unit, difference))
    return found
