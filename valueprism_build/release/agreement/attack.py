"""What somebody can work out who has every version of the tables, as far as it is about fewer than k people.

They know how the tables are made. Of each category, answer and version they know that the number of people is none or
more, that a row is the sum of its cells, and that who was counted once is counted ever after; so for each cell there is
a largest number of people that fits all rows, found by linear programming, as the protection of suppressed cells is
audited (M. Fischetti and J. J. Salazar, "Solving the cell suppression problem on tabular data with linear constraints",
Management Science 2001). A cell whose largest number is under k is known to be small. There must be none, neither among
those who were counted first nor among those who came later.

Tables of different demographics of the same people have only the answers in common, and given these any table of one
goes with any of the other (A. Dobra and S. Fienberg, "Bounds for cell entries in contingency tables given marginal
totals and decomposable graphs", PNAS 2000); so each demographic is attacked by itself, with the table of everybody. In
a single version that is two sums for a cell, and the smaller of them is its largest number.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import linprog

from valueprism_build.release.agreement.counted import Counted, Counts, coarser_classes
from valueprism_build.release.agreement.rows import EVERYBODY, OTHERS, Unit, UnitKey, from_arrow

NEARLY: Final = 1e-6
"""What a solver may be off by."""
NOWHERE: Final = -1


class Block(NamedTuple):
    """The unknown numbers of one table in its versions: how many came with each version, by cell.

    Cells that every row counts together are one unknown. Each version has `cells` of them, the oldest version first.

    Attributes:
        sums: shape (rows, versions * cells), which unknowns a row of some version adds up.
        totals: shape (rows,), what they come to.
        groups: shape (cells,), equal for cells of one group.
    """

    name: str
    sums: NDArray[np.float64]
    totals: NDArray[np.float64]
    groups: NDArray[np.int64]


def exposed(versions: Sequence[pa.Table], k: int) -> list[str]:
    """Return what is about fewer than k people, by name; nothing where all is well.

    Args:
        versions: rows of each release that has some, oldest first, the one in question last.
        k: at least 1.
    """
    told = [from_arrow(rows) for rows in versions]
    found = [fault for units in told[-1:] for unit in units.values() for fault in _faults(unit, k)]
    found += _not_nested(told[-1].values()) if told else []
    if found:
        return found
    blocks = [block for key in (told[-1] if told else {}) for block in _blocks(key, told)]
    return _known_small(blocks, k)


def _faults(unit: Unit, k: int) -> list[str]:
    """Return the tables of one version that are broken by themselves."""
    everybody = unit.tables.get(EVERYBODY)
    faults = []
    for demographic, table in unit.tables.items():
        name = f"{'/'.join(unit.key)} by {demographic}"
        if table.counts.shape[1] < 2 or table.counts.min() < k:
            faults.append(f"{name} has a cell under {k}")
        if everybody is None or not _adds_up(table, everybody):
            faults.append(f"{name} does not add up to the table of everybody")
    return faults


def _adds_up(table: Counted, everybody: Counted) -> bool:
    classes = coarser_classes(table.classes, everybody.classes)
    whole = None if classes != table.classes else everybody.summed((), table.classes)
    return whole is not None and np.array_equal(table.counts.sum(axis=0), whole.counts[0])


def _not_nested(units: Iterable[Unit]) -> list[str]:
    """Return tables of one situation, which are of the same people, that differ by a group that neither of them has."""
    alike: dict[tuple[str, str, str], set[frozenset[str]]] = {}
    for unit in units:
        for demographic, table in unit.tables.items():
            of = (unit.key.campaign, unit.subject.situation_id, demographic)
            alike.setdefault(of, set()).add(frozenset(table.named))
    return [
        f"tables of {'/'.join(of)} name groups that are not nested"
        for of, named in alike.items()
        if any(not one <= other for one, other in pairwise(sorted(named, key=len)))
    ]


def _blocks(key: UnitKey, told: Sequence[Mapping[UnitKey, Unit]]) -> list[Block]:
    """Return the tables of a unit that differ between versions; those that stand alone tell what their cells do."""
    history = [units[key] for units in told if key in units]
    names = dict.fromkeys(name for unit in history for name in unit.tables if name != EVERYBODY)
    blocks = []
    for demographic in names or [EVERYBODY]:
        versions: list[Unit] = []
        for unit in history:
            if not (versions and _is_alike(unit, versions[-1], demographic)):
                versions.append(unit)
        if len(versions) > 1:
            blocks.append(_block(f"{'/'.join(key)} by {demographic}", demographic, versions))
    return blocks


def _is_alike(one: Unit, other: Unit, demographic: str) -> bool:
    pairs = [(one.tables.get(name), other.tables.get(name)) for name in (EVERYBODY, demographic)]
    return all(mine is theirs if mine is None or theirs is None else mine.is_alike(theirs) for mine, theirs in pairs)


class _Sums(NamedTuple):
    """One table of one version: which of its rows and columns each category and each answer is counted in."""

    version: int
    rows: dict[str, int]
    columns: dict[str, int]
    counts: Counts


def _block(name: str, demographic: str, versions: Sequence[Unit]) -> Block:
    """Return the unknowns of a demographic, and what the versions say of them and of everybody."""
    tables = _sums(demographic, versions)
    groups, answers = _patterns([table.rows for table in tables]), _patterns([table.columns for table in tables])
    cells = [(group, answer) for group in groups for answer in answers]
    sums, totals = [], []
    for place, (version, _, _, counts) in enumerate(tables):
        for row, column in np.ndindex(counts.shape):
            counted = [group[place] == row and answer[place] == column for group, answer in cells]
            sums.append([*counted * (version + 1), *[False] * len(cells) * (len(versions) - version - 1)])
            totals.append(counts[row, column])
    of_group = np.repeat(np.arange(len(groups)), len(answers))
    return Block(name, np.array(sums, dtype=np.float64), np.array(totals, dtype=np.float64), of_group)


def _sums(demographic: str, versions: Sequence[Unit]) -> list[_Sums]:
    of_groups = [unit.members[demographic] for unit in versions if demographic in unit.tables]
    categories = [category for members in of_groups for each in members.values() for category in each] or [""]
    tables = []
    for version, unit in enumerate(versions):
        for name in dict.fromkeys((EVERYBODY, demographic)):
            if name not in unit.tables:
                continue
            table = unit.tables[name]
            rows = dict.fromkeys(categories, 0)
            if name != EVERYBODY:
                groups = enumerate((*table.named, OTHERS))
                rows = {category: row for row, group in groups for category in unit.members[name][group]}
            columns = {answer: column for column, each in enumerate(table.classes) for answer in each}
            tables.append(_Sums(version, rows, columns, table.counts))
    return tables


def _patterns(places: Sequence[Mapping[str, int]]) -> list[tuple[int, ...]]:
    """Return the distinct places, table by table, that categories or answers have; -1 in one that lacks it."""
    names = dict.fromkeys(name for table in places for name in table)
    return list(dict.fromkeys(tuple(table.get(name, NOWHERE) for table in places) for name in names))


def _known_small(blocks: Sequence[Block], k: int) -> list[str]:
    found = []
    for block, largest in zip(blocks, _largest(blocks, k), strict=True):
        by_version = largest.reshape(-1, len(block.groups))
        for version, most in enumerate(by_version):
            # That nobody of a group came later is about nobody.
            came = np.isin(block.groups, block.groups[most > NEARLY]) | (version == 0)
            # What an earlier release with a smaller k has told is told; the present one must not make it worse.
            least = min(k, block.totals.min()) if version == 0 else k
            if np.any(came & (most < least - NEARLY)):
                found.append(f"{block.name} and its earlier versions tell of fewer than {k}")
                break
    return found


def _largest(blocks: Sequence[Block], enough: float) -> list[NDArray[np.float64]]:
    """Return the largest value of each unknown of each block, or one that is enough; zeros where nothing fits.

    The blocks have nothing in common, so one programme maximises an unknown of each at once. What its solution shows
    to be large enough need not be maximised by itself.
    """
    largest = [np.zeros(block.sums.shape[1]) for block in blocks]
    open_ = {place: list(range(block.sums.shape[1])) for place, block in enumerate(blocks)}
    while open_:
        solved = _solutions({place: (blocks[place], unknowns[0]) for place, unknowns in open_.items()})
        for place, values in solved.items():
            largest[place] = np.maximum(largest[place], values)
            open_[place] = [unknown for unknown in open_[place][1:] if largest[place][unknown] < enough]
        open_ = {place: unknowns for place, unknowns in open_.items() if place in solved and unknowns}
    return largest


def _solutions(asked: Mapping[int, tuple[Block, int]]) -> dict[int, NDArray[np.float64]]:
    """Return what fits each block with one of its unknowns as large as can be; none for what nothing fits."""
    places, blocks = list(asked), [block for block, _ in asked.values()]
    ends = np.cumsum([block.sums.shape[1] for block in blocks])
    objective = np.zeros(ends[-1])
    for (block, unknown), end in zip(asked.values(), ends, strict=True):
        objective[end - block.sums.shape[1] + unknown] = -1
    sums = sparse.block_diag([block.sums for block in blocks], format="csr")
    totals = np.concatenate([block.totals for block in blocks])
    solved = linprog(objective, A_eq=sums, b_eq=totals, bounds=(0, None), method="highs")
    if solved.x is not None:
        return dict(zip(places, np.split(solved.x, ends[:-1]), strict=True))
    if len(places) == 1:
        return {}
    halves = places[: len(places) // 2], places[len(places) // 2 :]
    return {place: one for half in halves for place, one in _solutions({each: asked[each] for each in half}).items()}
