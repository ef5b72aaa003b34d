"""Numbers that the card and the manifest give, each taken from the rows."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from valueprism_build.records import Valence


class Count(NamedTuple):
    """How many rows have these values in the columns that were asked for."""

    values: tuple[str, ...]
    rows: int


def counted(table: pa.Table, columns: Sequence[str]) -> list[Count]:
    """Return the rows of each combination of the columns' values, ordered by the values."""
    groups = table.group_by(list(columns)).aggregate([([], "count_all")])
    groups = groups.sort_by([(name, "ascending") for name in columns])
    values = zip(*(groups[name].to_pylist() for name in columns), strict=True)
    return [Count(tuple(key), rows) for key, rows in zip(values, groups["count_all"].to_pylist(), strict=True)]


def one_per(full: pa.Table, column: str) -> pa.Table:
    """Return one row, the first, for each value of the column: situation_id gives the situations."""
    rows = full.append_column("row", pa.array(np.arange(full.num_rows)))
    first = rows.group_by([column]).aggregate([("row", "min")])["row_min"]
    return full.take(first.sort())


def torn_share(full: pa.Table) -> float:
    """Return the share of situations with at least one consideration for and one against, 0 to 1."""
    held = full.filter(pc.not_equal(full["valence"], str(Valence.EITHER)))
    both = counted(held.group_by(["situation_id", "valence"]).aggregate([]), ["situation_id"])
    return share(sum(count.rows > 1 for count in both), one_per(full, "situation_id").num_rows)


def concern_share(full: pa.Table, canonical: pa.Table, *, types: int) -> float:
    """Return the share of situations that name one concern in at least so many types, 0 to 1."""
    of_canonical = canonical.select(["canonical_id", "vrd", "concern_id"])
    concerns = full.select(["situation_id", "canonical_id"]).join(of_canonical, "canonical_id")
    named = concerns.group_by(["situation_id", "concern_id"]).aggregate([("vrd", "count_distinct")])
    several = named.filter(pc.greater_equal(named["vrd_count_distinct"], types))
    return share(len(several["situation_id"].unique()), one_per(full, "situation_id").num_rows)


def named(rows: pa.Table) -> pa.Array:
    """Return one name for each row, equal for equal types and, but for case, texts."""
    return pc.binary_join_element_wise(rows["vrd"], pc.utf8_lower(rows["text"]), "\x1f").combine_chunks()


def flagged(full: pa.Table) -> list[Count]:
    """Return the situations that carry each flag for sensitive content, ordered by flag."""
    flags = pa.table({"flag": pc.list_flatten(one_per(full, "situation_id")["flags"])})
    return counted(flags, ["flag"])


def share(part: int, whole: int) -> float:
    """Return part / whole, and 0 of nothing."""
    return part / whole if whole else 0.0
