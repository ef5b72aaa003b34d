from pathlib import Path

import datasets
import pytest

from valueprism_build.errors import SourceError
from valueprism_build.hub import dataset_rows
from valueprism_build.situations.reading import read
from valueprism_build.situations.sources import Source

ROWS = [{"situation": "Helping a friend"}, {"situation": "Telling a lie"}]


def test_a_folder_that_a_dataset_was_saved_in_is_read(tmp_path: Path) -> None:
    datasets.Dataset.from_list(ROWS).save_to_disk(str(tmp_path / "saved"))
    assert list(dataset_rows(str(tmp_path / "saved"), split="train")) == ROWS


def test_one_split_of_a_saved_dataset_is_read(tmp_path: Path) -> None:
    both = datasets.DatasetDict(train=datasets.Dataset.from_list(ROWS), test=datasets.Dataset.from_list(ROWS[:1]))
    both.save_to_disk(str(tmp_path / "saved"))
    assert list(dataset_rows(str(tmp_path / "saved"), split="test")) == ROWS[:1]
    with pytest.raises(SourceError, match="split 'val'"):
        list(dataset_rows(str(tmp_path / "saved"), split="val"))


def test_a_folder_of_parquet_files_is_streamed_as_a_source_with_the_folders_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "mine"
    folder.mkdir()
    datasets.Dataset.from_list(ROWS).to_parquet(str(folder / "train.parquet"))
    kept = [row for batch in read(Source("mine")) for row in batch.kept]
    assert [(row.source, row.source_id, row.text) for row in kept] == [
        ("mine", "1", "Helping a friend"),
        ("mine", "2", "Telling a lie"),
    ]


def test_a_folder_that_is_no_dataset_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "notes.bin").write_bytes(b"\0")
    with pytest.raises(SourceError, match="cannot be read as a dataset") as caught:
        list(dataset_rows(str(tmp_path), split="train"))
    assert "\n" not in str(caught.value)
