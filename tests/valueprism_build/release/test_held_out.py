from pathlib import Path

import pyarrow as pa
import pytest

from tests.valueprism_build.tasks.full_rows import alone, canonicals, full_table, many
from valueprism_build.errors import ReleaseError
from valueprism_build.release import parquet
from valueprism_build.release.held_out import refuse_moves
from valueprism_build.tasks.splits import assign


def rows(*parts: tuple[str, str, str, str]) -> pa.Table:
    """Return rows of (situation, split, consideration, unseen_considerations)."""
    names = ("situation_id", "split", "canonical_id", "unseen_considerations")
    return pa.table({name: [part[place] for part in parts] for place, name in enumerate(names)})


def released(folder: Path, table: pa.Table) -> Path:
    parquet.write(folder / "1.0.0", "full", {"train": table}, 1000)
    return folder / "1.0.0"


def test_what_was_in_test_may_not_come_to_train(tmp_path: Path) -> None:
    before = released(tmp_path, rows(("a", "test", "x", "train"), ("b", "train", "y", "train")))
    with pytest.raises(ReleaseError, match=r"1 situation_ids would leave .* 1\.0\.0 .* a would from test to train"):
        refuse_moves(rows(("a", "train", "x", "train")), before)
    with pytest.raises(ReleaseError, match="a would from test to val"):
        refuse_moves(rows(("a", "val", "x", "train")), before)


def test_a_consideration_that_was_held_out_stays_so_too(tmp_path: Path) -> None:
    before = released(tmp_path, rows(("a", "train", "x", "val")))
    with pytest.raises(ReleaseError, match="x would from val to train of unseen_considerations"):
        refuse_moves(rows(("a", "train", "x", "train")), before)


def test_towards_test_all_may_move_and_new_rows_may_lie_anywhere(tmp_path: Path) -> None:
    before = released(
        tmp_path, rows(("a", "train", "x", "train"), ("b", "val", "y", "val"), ("c", "test", "z", "test"))
    )
    refuse_moves(rows(("a", "val", "x", "test"), ("b", "test", "y", "test"), ("d", "train", "w", "train")), before)
    refuse_moves(rows(("d", "train", "w", "train")), None)


def test_another_salt_is_refused_where_a_release_with_the_first_one_exists(tmp_path: Path) -> None:
    # 60 situations: about 6 are in test, and another salt leaves one in ten of them there.
    full = full_table(many(60))
    one, other = (assign(full, alone(full), canonicals(full), salt=salt) for salt in ("1", "2"))
    before = released(tmp_path, one)
    refuse_moves(one, before)
    with pytest.raises(ReleaseError, match=r"keep the split_salt of 1\.0\.0"):
        refuse_moves(other, before)


def test_an_earlier_release_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    before = released(tmp_path, rows(("a", "test", "x", "train")))
    next((before / "data" / "full").glob("*.parquet")).write_bytes(b"no table")
    with pytest.raises(ReleaseError, match="to compare with"):
        refuse_moves(rows(("a", "test", "x", "train")), before)
