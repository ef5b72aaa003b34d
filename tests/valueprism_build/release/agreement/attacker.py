"""An attacker who holds every row that was ever told, and makes no use of how the tables are checked.

They write down one unknown for each profile (a category of every demographic) with each set of answers to everything
that was asked about a situation, twice: people who were there from the first version on, and people who came with the
second. Every row is a sum of unknowns. Then they ask how many people a cell can hold at most.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import linprog

from tests.valueprism_build.release.agreement.asking import AGREE, FAITH, MISSING, POLITICS
from valueprism_build.release.agreement.opinions import Dimension

DIMENSIONS = (POLITICS, FAITH)
UNITS = {("agree", "i1"): AGREE, ("agree", "i2"): AGREE, ("missing", None): MISSING}
FIRST, LATER = 0, 1


@dataclass(frozen=True)
class Cell:
    """People of one category who gave one answer, and when they came; of everybody without a demographic."""

    unit: tuple[str, str | None]
    answer: str
    dimension: str | None
    category: str | None
    came: int


class Attacker:
    def __init__(self, versions: Sequence[pa.Table]) -> None:
        listed = [(*one.categories, one.unsaid) for one in DIMENSIONS]
        answers = [question.answers for question in UNITS.values()]
        self._profiles = [np.array(each) for each in zip(*product(*listed, *answers, (FIRST, LATER)), strict=True)]
        sums, totals = [], []
        told = [(place, row) for place, rows in enumerate(versions) for row in rows.to_pylist()]
        for place, row in told:
            # Who was counted in a row of a later version that says "since 1.0.0" was there from the first.
            latest = FIRST if place == 0 or row["since"] == "1.0.0" else LATER
            sums.append(self._rows(row) & (self._profiles[-1].astype(int) <= latest))
            totals.append(row["count"])
        self._sums = sparse.csr_array(np.unique(np.column_stack([np.array(sums), totals]), axis=0)) if sums else None

    @property
    def knows_anything(self) -> bool:
        return self._sums is not None

    def most(self, cell: Cell) -> float | None:
        """Return how many people the cell can hold, or None if the attacker's assumptions cannot all be true."""
        assert self._sums is not None
        held = self._unit(cell.unit) == cell.answer
        held &= self._profiles[-1].astype(int) == cell.came
        for place, dimension in enumerate(DIMENSIONS):
            if dimension.id == cell.dimension:
                held &= self._profiles[place] == cell.category
        width = len(held)
        solved = linprog(
            -held.astype(float),
            A_eq=self._sums[:, :width].astype(float),
            b_eq=self._sums[:, [width]].toarray().ravel(),
            bounds=(0, 10_000),
            method="highs",
        )
        return None if solved.x is None else float(-solved.fun)

    def _unit(self, unit: tuple[str, str | None]) -> NDArray[np.str_]:
        return self._profiles[len(DIMENSIONS) + list(UNITS).index(unit)]

    def _rows(self, row: dict[str, object]) -> NDArray[np.bool_]:
        item = None if row["consideration_id"] is None else str(row["consideration_id"])
        counted = np.isin(self._unit((str(row["question"]), item)), np.array(row["answers"]))
        for place, dimension in enumerate(DIMENSIONS):
            if dimension.id == row["demographic"]:
                counted &= np.isin(self._profiles[place], np.array(row["members"]))
        return counted


def cells(came: int) -> Iterator[Cell]:
    """Return every cell that anybody may want to know."""
    for unit, question in UNITS.items():
        for answer in question.answers:
            yield Cell(unit, answer, None, None, came)
            for dimension in DIMENSIONS:
                yield from (Cell(unit, answer, dimension.id, each, came) for each in categories(dimension))


def categories(dimension: Dimension) -> tuple[str, ...]:
    return (*dimension.categories, dimension.unsaid)
