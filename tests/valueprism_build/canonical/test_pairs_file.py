from pathlib import Path

import pytest

from valueprism_build.canonical.borderline import AuditPair
from valueprism_build.canonical.pairs_file import read_pairs, write_pairs
from valueprism_build.canonical.quality import WeightedPair
from valueprism_build.errors import BuildError
from valueprism_build.records import SamePair, Vrd

HEAD = "vrd_one,one,vrd_other,other,same,weight\n"


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "pairs.csv"
    path.write_bytes(text.encode())
    return path


def test_pairs_come_back_as_they_were_judged(tmp_path: Path) -> None:
    path = tmp_path / "pairs.csv"
    write_pairs(path, [AuditPair(Vrd.RIGHT, 'Right, "to" rest', "Rest", 2.5), AuditPair(Vrd.DUTY, "a", "b", 1)])
    assert read_pairs(path) == ([], 2)
    lines = path.read_text().splitlines()
    path.write_text("\n".join([*lines[:1], lines[1].replace(",,", ", Yes ,"), lines[2]]))
    pair = SamePair(Vrd.RIGHT, 'Right, "to" rest', Vrd.RIGHT, "Rest", same=True)
    assert read_pairs(path) == ([WeightedPair(pair, 2.5)], 1)


def test_a_file_of_a_spreadsheet_is_read(tmp_path: Path) -> None:
    # A byte order mark, line ends of another system, further columns, no weight.
    path = written(tmp_path, "\ufeffvrd_one,one,vrd_other,other,same,note\r\nValue,a,Right,b,no,x\r\n")
    assert read_pairs(path).pairs == [WeightedPair(SamePair(Vrd.VALUE, "a", Vrd.RIGHT, "b", same=False), 1.0)]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("one,other\na,b\n", "has no column vrd_one, vrd_other, same"),
        ("", "has no column vrd_one"),
        (HEAD + "Value,a,Value,b,maybe,1\n", "line 2: same is 'maybe'; write yes or no"),
        (HEAD + "Value,a,Value,b,,1\nValue,,Value,b,yes,1\n", "line 3: a wording is blank"),
        (HEAD + "Virtue,a,Value,b,yes,1\n", "line 2: type 'Virtue' or 'Value'; write Value, Right, Duty"),
        (HEAD + "Value,a,Value,b,yes,0\n", "line 2: weight '0'"),
        (HEAD + "Value,a,Value,b,yes,many\n", "line 2: weight 'many'"),
        (HEAD + "Value,a,Value,b,yes,nan\n", "line 2: weight 'nan'"),
        (HEAD + "Value,a\n", "^$"),
    ],
)
def test_a_row_that_cannot_be_meant_is_named(tmp_path: Path, text: str, complaint: str) -> None:
    path = written(tmp_path, text)
    if complaint == "^$":  # a short row has nothing under same: nobody has judged it
        assert read_pairs(path) == ([], 1)
        return
    with pytest.raises(BuildError, match=complaint):
        read_pairs(path)


def test_a_file_that_is_not_there_or_not_text_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match=r"cannot read .*absent\.csv"):
        read_pairs(tmp_path / "absent.csv")
    (tmp_path / "binary.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BuildError, match=r"cannot read .*binary\.csv"):
        read_pairs(tmp_path / "binary.csv")
    with pytest.raises(BuildError, match="cannot write"):
        write_pairs(tmp_path / "no" / "folder.csv", [])
