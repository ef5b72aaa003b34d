from pathlib import Path

import pytest

from annotation.report.target import read_target
from valueprism_build.errors import SourceError


def target(folder: Path, *rows: str) -> Path:
    path = folder / "target.csv"
    path.write_text("\n".join(["demographic,category,share", *rows]) + "\n", encoding="utf-8")
    return path


def test_shares_are_read_and_brought_to_one(tmp_path: Path) -> None:
    found = read_target(target(tmp_path, "gender,Woman,0.5", "gender,Man,0.495", "age,25-34,1"))
    # .995 is rounding: .5 / .995 and .495 / .995.
    assert found["gender"] == pytest.approx({"Woman": 0.50251, "Man": 0.49749}, abs=1e-5)
    assert found["age"] == {"25-34": 1.0}


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (["gender,Woman,51"], "row 1 has share '51'; give a share from 0 to 1"),
        (["gender,Woman,some"], "row 1 has share 'some'"),
        (["gender,Woman,0.5", "gender,Man,0.4"], "the shares of 'gender' add up to 0.900"),
        (["gender,Woman,0.5", "gender,Woman,0.5"], "row 2 names 'Woman' of 'gender' a second time"),
        (["gender,,1"], "row 1 lacks its demographic or category"),
    ],
)
def test_a_target_that_cannot_be_is_refused_by_row_and_reason(tmp_path: Path, rows: list[str], words: str) -> None:
    with pytest.raises(SourceError, match=words):
        read_target(target(tmp_path, *rows))
