"""Two demographics crossed: groups such as women of 60 and over, where there are enough people to speak of.

A small cell says little and may point to a person, so it is merged with the other small cells of the same category of
the first demographic; if even these together are too few, they are withheld and counted (Hundepool et al., "Statistical
Disclosure Control", 2012, section 4.3.1: recoding and suppression). A single merged cell could be found by subtracting
the others from their total; whoever publishes totals beside these figures must withhold a second cell.
"""

from typing import Final, NamedTuple

import numpy as np

from annotation.agreement.crossed_laplace import Ints

# In place of the second category: all that were merged.
MERGED: Final = -1


class Crossed(NamedTuple):
    """The new groups.

    Attributes:
        group: shape (people,), the cell that each person is of, or -1: a demographic not said, or the cell withheld.
            It goes wherever the code of one demographic does.
        first: shape (cells,), the category of the first demographic; likewise `second`, or `MERGED`.
        second: see `first`.
        people: shape (cells,).
        merged: how many cells with people went into merged ones.
        withheld: how many cells with people were too few even so; they hold `withheld_people`.
        withheld_people: see `withheld`.
        unsaid: people who did not say both.
    """

    group: Ints
    first: Ints
    second: Ints
    people: Ints
    merged: int
    withheld: int
    withheld_people: int
    unsaid: int


def crossed(first: Ints, second: Ints, *, least: int = 20) -> Crossed:
    """Cross two demographics.

    Args:
        first: shape (people,), categories from 0, or -1 where it was not said; likewise `second`.
        second: see `first`.
        least: people in a cell that is shown.
    """
    said = (first >= 0) & (second >= 0)
    cells, sizes = np.unique(np.stack([first[said], second[said]], axis=1), axis=0, return_counts=True)
    small = sizes < least
    merged_size = np.bincount(cells[small, 0], sizes[small], int(first.max(initial=0)) + 1)
    # A small cell alone in its category has nothing to merge with: the sum is then its own size, below `least`.
    joins = small & (merged_size[cells[:, 0]] >= least)
    away = small & ~joins
    shown = np.where(joins, MERGED, cells[:, 1])
    kept, kept_of = np.unique(np.stack([cells[~away, 0], shown[~away]], axis=1), axis=0, return_inverse=True)
    number = np.full(len(cells), -1)
    number[~away] = kept_of.reshape(-1)
    width = int(second.max(initial=0)) + 1
    place = np.full((int(first.max(initial=0)) + 1) * width, -1)
    place[cells[:, 0] * width + cells[:, 1]] = number
    group = np.full(len(first), -1)
    group[said] = place[first[said] * width + second[said]]
    return Crossed(
        group=group,
        first=kept[:, 0],
        second=kept[:, 1],
        people=np.bincount(group[group >= 0], minlength=len(kept)),
        merged=int(joins.sum()),
        withheld=int(away.sum()),
        withheld_people=int(sizes[away].sum()),
        unsaid=int((~said).sum()),
    )
