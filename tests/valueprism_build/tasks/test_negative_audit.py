import csv
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from tests.valueprism_build.tasks.full_rows import alone, full_table, many
from tests.valueprism_build.tasks.word_encoder import WordEncoder
from valueprism_build.errors import BuildError
from valueprism_build.tasks import negatives
from valueprism_build.tasks.negative_audit import COLUMNS, Judged, measure, read_judged, sample, write_pairs
from valueprism_build.tasks.splits import assign


def split(full: pa.Table) -> pa.Table:
    return assign(full, alone(full), salt="1")


def judged_file(path: Path, *rows: str) -> Path:
    path.write_text("\n".join(["grade,relevant,note", *rows]) + "\n", encoding="utf-8")
    return path


def test_a_sample_goes_to_a_person_and_comes_back_judged(tmp_path: Path) -> None:
    full = split(full_table(many(20)))
    settings = negatives.NegativeSettings(least_related=1, least_named=1)
    drawn = negatives.draw(full, WordEncoder(), settings, {})
    pairs = sample(full, drawn, pairs=30, rng=np.random.default_rng(0))
    path = tmp_path / "pairs.csv"
    write_pairs(path, pairs)
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len({(row["situation_id"], row["canonical_id"]) for row in rows}) == 30
    own = {(row["situation_id"], row["canonical_id"]) for row in full.to_pylist()}
    assert not any((row["situation_id"], row["canonical_id"]) in own for row in rows)
    assert read_judged(path) == []
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows({**row, "relevant": "yes" if number < 3 else "No"} for number, row in enumerate(rows))
    assert sum(each.relevant for each in read_judged(path)) == 3


def test_the_rate_of_all_and_of_each_grade_has_wilsons_interval() -> None:
    judged = [Judged("easy", relevant=False)] * 190 + [
        Judged("hard", relevant=True),
        *[Judged("hard", relevant=False)] * 9,
    ]
    found = {each.grade: each for each in measure(judged)}
    assert [(grade, each.judged, each.relevant) for grade, each in found.items()] == [
        ("easy", 190, 0),
        ("hard", 10, 1),
        ("all", 200, 1),
    ]
    # Wilson with z = 1.96: none of 190 goes up to z^2 / (190 + z^2) = 3.84 / 193.84.
    assert found["easy"].rate.high == pytest.approx(0.0198, abs=1e-4)
    # 1 of 200: centre (.005 + .0096) / 1.0192 = .01433, spread 1.96 * sqrt(.004975 / 200 + .0048^2) / 1.0192 = .01344.
    assert found["all"].rate.low == pytest.approx(0.0009, abs=1e-4)
    assert found["all"].rate.high == pytest.approx(0.0278, abs=1e-4)


def test_what_is_neither_yes_nor_no_is_refused_with_its_line(tmp_path: Path) -> None:
    path = judged_file(tmp_path / "pairs.csv", "easy,no,", "easy,perhaps,")
    with pytest.raises(BuildError, match=r"pairs.csv, line 3: relevant is 'perhaps'"):
        read_judged(path)


def test_a_file_without_its_columns_or_that_is_not_there_is_refused(tmp_path: Path) -> None:
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    with pytest.raises(BuildError, match="has no column grade, relevant"):
        read_judged(tmp_path / "other.csv")
    with pytest.raises(BuildError, match="cannot read"):
        read_judged(tmp_path / "absent.csv")


def test_nobody_has_judged_anything() -> None:
    assert measure([]) == []
