"""Which items a campaign asks about: drawn by hash, stratum by stratum.

An item's place in the draw depends on its id and the seed alone. So the same seed draws the same sample on any machine,
and a dataset that has grown keeps what it had, but for what its strata now give up to others.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import pyarrow as pa

from annotation.dealing import Unit
from annotation.settings import STRATIFY_BY, Allocation
from valueprism_build.campaigns import CampaignItem
from valueprism_build.errors import BuildError
from valueprism_build.records import Valence, Vrd

Stratum: TypeAlias = tuple[str, ...]
"""One value of each column that the sample is stratified by."""


class Taken(NamedTuple):
    """What became of one stratum, in units.

    Attributes:
        there: how many there are that have not been asked about.
        wanted: how many the sample was to have of it.
        taken: how many it has: fewer where there are too few.
    """

    stratum: Stratum
    there: int
    wanted: int
    taken: int


@dataclass(frozen=True, slots=True)
class Sample:
    """What a campaign asks about.

    Attributes:
        units: in the order of the draw.
        strata: sorted by stratum.
        asked: items that were left out because they, or their situation, have been asked about.
    """

    units: tuple[Unit, ...]
    strata: tuple[Taken, ...]
    asked: int


def draw(
    candidates: pa.Table,
    size: int,
    *,
    whole_situations: bool,
    by: Sequence[str] = STRATIFY_BY,
    allocation: Allocation = Allocation.PROPORTIONAL,
    asked: Collection[str] = frozenset(),
    seed: int,
) -> Sample:
    """Return a stratified sample.

    Args:
        candidates: one row an item, with consideration_id (unique), situation_id and the columns of `by`, all strings.
        size: units: situations where whole ones are drawn, else items.
        whole_situations: whether a situation comes with all its items; its stratum is then, column by column, what most
            of its items are (of equals the first of the alphabet), and it is left out if one of them was asked about.
        by: columns to stratify by; none makes one stratum of all.
        allocation: how many of each stratum.
        asked: ids of items that are left out.
        seed: another one draws others.

    Raises:
        BuildError: `size` is below 1, a column is not there, or no item is left to ask about.
    """
    lacking = sorted({"consideration_id", "situation_id", *by} - set(candidates.column_names))
    if lacking:
        known = ", ".join(candidates.column_names)
        raise BuildError(f"items cannot be stratified by {', '.join(lacking)}; there are the columns {known}")
    if size < 1:
        raise BuildError(f"a sample of {size} asks nothing; give 1 or more")
    ids = (candidates[name].to_pylist() for name in ("consideration_id", "situation_id"))
    rows = [_Row(item, situation) for item, situation in zip(*ids, strict=True)]
    values = zip(*(candidates[name].to_pylist() for name in by), strict=True) if by else [()] * len(rows)
    stratum_of = dict(zip((row.item for row in rows), map(tuple, values), strict=True))
    units = _units(rows, whole_situations=whole_situations)
    fresh = [unit for unit in units if not any(item in asked for item in unit.items)]
    if not fresh:
        raise BuildError(
            f"nothing is left to ask about: campaigns have asked about all {len(rows)} items, or about their "
            "situations; bring in new ones by `valueprism build --situations`"
        )
    strata: defaultdict[Stratum, list[Unit]] = defaultdict(list)
    for unit in sorted(fresh, key=lambda unit: _hashed(unit.id, seed)):
        strata[_stratum([stratum_of[item] for item in unit.items])].append(unit)
    wanted = _allocated({stratum: len(there) for stratum, there in strata.items()}, size, allocation)
    taken = {stratum: there[: wanted[stratum]] for stratum, there in strata.items()}
    return Sample(
        units=tuple(sorted((unit for some in taken.values() for unit in some), key=lambda one: _hashed(one.id, seed))),
        strata=tuple(Taken(one, len(strata[one]), wanted[one], len(taken[one])) for one in sorted(strata)),
        asked=len(rows) - sum(len(unit.items) for unit in fresh),
    )


def sampled_items(candidates: pa.Table, sample: Sample) -> list[CampaignItem]:
    """Return the items of a sample as people will see them, in the order of the table.

    Args:
        candidates: what the sample was drawn from, with the columns of the full table.
        sample: a draw.
    """
    wanted = {item for unit in sample.units for item in unit.items}
    return [
        CampaignItem(
            row["consideration_id"],
            row["situation_id"],
            row["situation"],
            Vrd(row["vrd"]),
            row["text"],
            row["explanation"],
            Valence(row["valence"]),
        )
        for row in candidates.to_pylist()
        if row["consideration_id"] in wanted
    ]


def sampled_units(items: Iterable[CampaignItem], *, whole_situations: bool, seed: int) -> list[Unit]:
    """Return the units of a sample from its items, in the order of the draw."""
    rows = [_Row(item.id, item.situation_id) for item in items]
    return sorted(_units(rows, whole_situations=whole_situations), key=lambda one: _hashed(one.id, seed))


class _Row(NamedTuple):
    item: str
    situation: str


def _units(rows: Sequence[_Row], *, whole_situations: bool) -> list[Unit]:
    if not whole_situations:
        return [Unit(row.item, row.situation, (row.item,)) for row in rows]
    items: defaultdict[str, list[str]] = defaultdict(list)
    for row in rows:
        items[row.situation].append(row.item)
    return [Unit(situation, situation, tuple(sorted(some))) for situation, some in items.items()]


def _stratum(of_items: Sequence[Stratum]) -> Stratum:
    """Return, column by column, what most of the items are."""
    columns = (Counter(values) for values in zip(*of_items, strict=True))
    return tuple(min(counts, key=lambda value: (-counts[value], value)) for counts in columns)


def _allocated(there: Mapping[Stratum, int], size: int, allocation: Allocation) -> dict[Stratum, int]:
    """Return how many of each stratum, by largest remainders (Hamilton's method); `size` in all."""
    weights = there if allocation is Allocation.PROPORTIONAL else dict.fromkeys(there, 1)
    total = sum(weights.values())
    whole = {stratum: size * weight // total for stratum, weight in weights.items()}
    # Whole numbers all the way: of equal remainders the first stratum of the alphabet gets more.
    by_remainder = sorted(weights, key=lambda stratum: (-(size * weights[stratum] % total), stratum))
    for stratum in by_remainder[: size - sum(whole.values())]:
        whole[stratum] += 1
    return whole


def _hashed(id_: str, seed: int) -> bytes:
    return hashlib.blake2b(f"{seed}\x1f{id_}".encode(), digest_size=8).digest()
