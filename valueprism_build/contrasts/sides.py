"""On which side of a situation each of its canonical considerations stands, where all rows agree."""

from typing import Final, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from valueprism_build.records import Valence

FOR: Final = 1
AGAINST: Final = -1


class Sides(NamedTuple):
    """The sides, and what their numbers stand for.

    Attributes:
        frame: one row for each situation and canonical consideration of one side: situation and canonical (numbers),
            side (`FOR` or `AGAINST`) and row (of the table, the first that says so).
        situations: ids, in the order of the table.
        canonicals: ids.
        first: for each situation its first row of the table.
    """

    frame: pd.DataFrame
    situations: list[str]
    canonicals: list[str]
    first: NDArray[np.int64]


def sides_of(full: pa.Table) -> Sides:
    """Return the sides; what is Either, or for and against at once in other wordings, stands on none.

    Args:
        full: needs situation_id, canonical_id and valence.
    """
    situation, canonical = (
        full[name].combine_chunks().dictionary_encode() for name in ("situation_id", "canonical_id")
    )
    sides = pd.Series(full["valence"].to_pylist()).map({Valence.SUPPORTS: FOR, Valence.OPPOSES: AGAINST}).fillna(0)
    rows = pd.DataFrame(
        {
            "situation": situation.indices.to_numpy().astype(np.int64),
            "canonical": canonical.indices.to_numpy().astype(np.int64),
            "side": sides.to_numpy(np.int64),
            "row": np.arange(full.num_rows),
        }
    )
    of_pair = rows.groupby(["situation", "canonical"], sort=True)
    frame = of_pair.agg(side=("side", "min"), other=("side", "max"), row=("row", "min")).reset_index()
    frame = frame[(frame["side"] == frame["other"]) & (frame["side"] != 0)].drop(columns="other")
    first = np.unique(situation.indices.to_numpy(), return_index=True)[1].astype(np.int64)
    return Sides(
        frame.reset_index(drop=True), situation.dictionary.to_pylist(), canonical.dictionary.to_pylist(), first
    )
