"""What an earlier release held out stays held out: another salt would deal its test rows to train."""

from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from valueprism_build.errors import ReleaseError
from valueprism_build.records import Split
from valueprism_build.release import parquet

HELD_OUT: Final = (("situation_id", "split"), ("canonical_id", "unseen_considerations"))
ORDER: Final = pa.array([str(split) for split in Split])


def refuse_moves(full: pa.Table, before: Path | None) -> None:
    """Refuse a release in which something moves from test to val or train, or from val to train.

    Towards test all may move: there families and considerations go that are merged with what is held out.

    Args:
        full: the rows with both splits.
        before: the folder of the release to compare with; None where there is none.

    Raises:
        ReleaseError: something moves, or that release cannot be read.
    """
    if before is None:
        return
    try:
        old = parquet.read(before, "full")
    except (OSError, pa.ArrowInvalid) as error:
        raise ReleaseError(
            f"cannot read {before / 'data' / 'full'} to compare with: {error}; mend or move it"
        ) from error
    for key, split in HELD_OUT:
        if split not in old.column_names:  # made before there was such a split
            continue
        moved = _moved(old, full, key, split)
        if moved.num_rows:
            first = moved.slice(0, 1).to_pylist()[0]
            raise ReleaseError(
                f"{moved.num_rows} {key}s would leave the part that {before.name} held out, as {first[key]} would from "
                f"{first['old']} to {first['new']} of {split}; keep the split_salt of {before.name}, or release "
                "into another directory"
            )


def _moved(old: pa.Table, new: pa.Table, key: str, split: str) -> pa.Table:
    """Return key, old and new split of what moves away from test."""
    one, other = (
        table.select([key, split]).group_by([key, split]).aggregate([]).rename_columns([key, name])
        for table, name in ((old, "old"), (new, "new"))
    )
    both = one.join(other, key, join_type="inner").sort_by(key)
    held, now = (pc.index_in(both[name], value_set=ORDER) for name in ("old", "new"))
    return both.filter(pc.less(now, held))
