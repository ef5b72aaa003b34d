from pathlib import Path

import pyarrow as pa
import pytest

from valueprism_build.release import parquet

TABLE = pa.table({"input": [f"text {i}" for i in range(10)], "split": ["train"] * 7 + ["val"] * 3})


@pytest.mark.parametrize(("rows", "sizes"), [(3, [3, 3, 1]), (7, [7]), (8, [7])])
def test_a_split_is_cut_into_files_of_at_most_so_many_rows(tmp_path: Path, rows: int, sizes: list[int]) -> None:
    written = parquet.write(tmp_path, "valence", parquet.by_split(TABLE), rows)
    n = len(sizes)
    expected = {f"data/valence/train-{i:05d}-of-{n:05d}.parquet": size for i, size in enumerate(sizes)}
    assert {path: size for path, size in written.items() if "train" in path} == expected
    assert parquet.read(tmp_path, "valence").sort_by("input").equals(TABLE)


def test_an_empty_split_is_one_file_with_columns(tmp_path: Path) -> None:
    written = parquet.write(tmp_path, "valence", parquet.by_split(TABLE), 100)
    assert written["data/valence/test-00000-of-00001.parquet"] == 0


def test_chunks_do_not_change_the_bytes(tmp_path: Path) -> None:
    parquet.write(tmp_path, "one", {"train": TABLE}, 100)
    parquet.write(tmp_path, "two", {"train": pa.concat_tables([TABLE.slice(0, 4), TABLE.slice(4)])}, 100)
    first, second = sorted(tmp_path.rglob("*.parquet"))
    assert first.read_bytes() == second.read_bytes()
