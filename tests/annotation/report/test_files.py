import json
from dataclasses import replace
from pathlib import Path

import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest

from annotation.report.files import write_tables
from annotation.report.tables import SCHEMAS, QuestionFacts, Report, coded, made, of_rows
from annotation.votes.scales import Level
from valueprism_build.errors import BuildError

FACTS = QuestionFacts("agree", "Do you?", Level.BINARY, ("No", "Yes"), ("Yes",))
TABLE = of_rows("participation", [{"what": "votes, “all”", "count": 3}, {"what": "👍", "count": None}])
REPORT = Report("Test", (FACTS,), {"seed": "0"}, ("Method.",), ("Caution.",), {"participation": TABLE})


def test_each_table_is_written_twice_and_reads_back_the_same(tmp_path: Path) -> None:
    written = write_tables(REPORT, tmp_path / "new" / "folder")
    assert [path.name for path in written] == ["participation.csv", "participation.parquet", "report.json"]
    read = pa_csv.read_csv(written[0])
    assert read["what"].to_pylist() == ["votes, “all”", "👍"]
    assert read["count"].to_pylist() == [3, None]
    assert pq.read_table(written[1]).equals(TABLE)
    words = json.loads(written[2].read_text(encoding="utf-8"))
    assert (words["questions"][0]["yes"], words["cautions"], words["tables"]) == (
        ["Yes"],
        ["Caution."],
        {"participation": 2},
    )


def test_a_table_of_an_earlier_report_does_not_stay_beside_a_new_one(tmp_path: Path) -> None:
    write_tables(replace(REPORT, tables={**REPORT.tables, "refused": of_rows("refused", [])}), tmp_path)
    (tmp_path / "mine.csv").write_text("kept")
    write_tables(REPORT, tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {
        "mine.csv",
        "participation.csv",
        "participation.parquet",
        "report.json",
    }


def test_a_folder_that_cannot_be_made_is_said_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BuildError, match=r"cannot write the report to .*; give another --out"):
        write_tables(REPORT, tmp_path / "file")


def test_what_is_not_a_number_is_null_and_a_place_from_the_end_is_a_name() -> None:
    table = made("refused_counts", {"rule": coded([1, 0, -1], ["a", "b", "b"]), "count": [1, 2, 3]})
    assert table["rule"].to_pylist() == ["b", "a", "b"]
    assert of_rows("rates", []).schema == SCHEMAS["rates"]
    one = of_rows("representativeness", [{"demographic": "age", "people": 1, "p_value": float("nan")}])
    assert one["p_value"].to_pylist() == [None]
