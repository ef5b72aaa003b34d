import json
import os
import tracemalloc
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from valueprism_build.errors import SourceError
from valueprism_build.records import Situation
from valueprism_build.situations.reading import read
from valueprism_build.situations.sifted import Sifted
from valueprism_build.situations.sources import Source


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def everything(source: Source, **limits: int) -> Sifted:
    batches = list(read(source, **limits))
    return Sifted([row for b in batches for row in b.kept], [], [row for b in batches for row in b.rejected])


def file_of(folder: Path, name: str, content: str | bytes) -> Source:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return Source(str(path))


def texts(rows: Sequence[Situation]) -> list[str]:
    return [row.text for row in rows]


def test_each_row_carries_its_source_place_licence_and_language(tmp_path: Path) -> None:
    rows = '{"situation": "Helping a friend"}\n{"situation": "Aider", "licence": "MIT", "language": "fr"}\n'
    kept = everything(file_of(tmp_path, "a.jsonl", rows)).kept
    assert [(r.source, r.source_id, r.licence, r.language) for r in kept] == [
        ("a.jsonl", "1", "unknown", "en"),
        ("a.jsonl", "2", "MIT", "fr"),
    ]


def test_broken_lines_in_the_middle_are_rejected_with_their_line_number_and_cost_no_neighbour(tmp_path: Path) -> None:
    lines = [
        b'\xef\xbb\xbf{"situation": "first"}\r\n',
        b"{broken\n",
        b"[1]\n",
        b"\n",
        b'{"other": 1}\n',
        b'{"situation": null}\n',
        b'{"situation": 7}\n',
        b'{"situation": "\xff"}\n',
        b'{"situation": "\\ud800"}\n',
        b"[" * 100_000 + b"\n",
        b'{"situation": "last"}',
    ]
    found = everything(file_of(tmp_path, "a.jsonl", b"".join(lines)))
    assert texts(found.kept) == ["first", "last"]
    assert [(r.subject_id, r.rule) for r in found.rejected] == [
        ("a.jsonl:2", "broken_json"),
        ("a.jsonl:3", "not_an_object"),
        ("a.jsonl:4", "blank_line"),
        ("a.jsonl:5", "missing_text"),
        ("a.jsonl:6", "missing_text"),
        ("a.jsonl:7", "not_text"),
        ("a.jsonl:8", "not_utf8"),
        ("a.jsonl:9", "not_utf8"),
        ("a.jsonl:10", "broken_json"),
    ]
    assert all(f"line {number}" in r.detail for number, r in enumerate(found.rejected, start=2))


def test_a_line_of_40_megabytes_is_rejected_without_being_held_in_memory(tmp_path: Path) -> None:
    source = file_of(tmp_path, "a.jsonl", b'{"situation": "' + b"x" * 40_000_000 + b'"}\n{"situation": "after it"}\n')
    tracemalloc.start()
    found = everything(source)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert texts(found.kept) == ["after it"]
    # 15 bytes before the x, 40 million, `"}` and the line end: 40 000 018
    assert [(r.rule, r.detail) for r in found.rejected] == [
        ("row_too_large", "line 1 has 40000018 bytes, at most 1000000")
    ]
    assert peak < 8_000_000  # a few copies of the limit, a fifth of the line


def test_memory_does_not_grow_with_the_number_of_lines(tmp_path: Path) -> None:
    peaks = []
    for lines in (2_000, 20_000):
        source = file_of(tmp_path, f"{lines}.jsonl", '{"situation": "Helping an old neighbour"}\n' * lines)
        tracemalloc.start()
        assert sum(len(batch.kept) for batch in read(source, batch_size=500)) == lines
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    # Two batches are alive at a time (the consumer's and the next one); ten times the lines may not cost twice.
    assert peaks[1] < 2 * peaks[0]


def test_csv_with_quoted_line_ends_a_byte_order_mark_and_crlf_is_read(tmp_path: Path) -> None:
    content = '\ufeffsituation,n\r\n"Helping\r\na friend",1\r\n"Saying ""no""",2\r\n'
    kept = everything(file_of(tmp_path, "a.csv", content)).kept
    assert [(r.source_id, r.text) for r in kept] == [("1", "Helping\r\na friend"), ("2", 'Saying "no"')]


def test_broken_csv_rows_cost_only_themselves(tmp_path: Path) -> None:
    content = 'situation,n\nfirst,1\ntoo,many,fields\n\nfew\n"never closed,3\nlast,4\n'
    found = everything(file_of(tmp_path, "a.csv", content))
    assert texts(found.kept) == ["first", "last"]
    assert [(r.subject_id, r.rule) for r in found.rejected] == [
        ("a.csv:2", "broken_csv"),
        ("a.csv:3", "blank_line"),
        ("a.csv:4", "broken_csv"),
        ("a.csv:5", "broken_csv"),
    ]
    assert found.rejected[0].detail == "line 3 has 3 fields, the header 2"
    assert found.rejected[3].detail.startswith("line 6 is broken")


def test_an_oversized_csv_line_is_rejected_and_the_next_is_read(tmp_path: Path) -> None:
    found = everything(file_of(tmp_path, "a.csv", "situation\n" + "x" * 500 + "\nlast one\n"), max_row_bytes=100)
    assert texts(found.kept) == ["last one"]
    assert [r.rule for r in found.rejected] == ["row_too_large"]


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.string_view()])
def test_bad_bytes_are_a_question_of_their_row_whatever_the_string_type(tmp_path: Path, kind: pa.DataType) -> None:
    column = pa.array([b"Feeding the ducks", b"\xff"]).cast(pa.large_binary())
    pq.write_table(pa.table({"situation": column.view(pa.large_string()).cast(kind)}), tmp_path / "a.parquet")
    found = everything(Source(str(tmp_path / "a.parquet")))
    assert [row.text for row in found.kept] == ["Feeding the ducks"]
    assert [reject.rule for reject in found.rejected] == ["not_utf8"]


def test_rows_read_one_by_one_may_begin_with_one_that_lacks_the_column(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"other": 1}\n{"situation": "Feeding the ducks"}\n')
    found = everything(Source(str(tmp_path / "a.jsonl")), batch_size=1)
    assert [row.text for row in found.kept] == ["Feeding the ducks"]
    assert [reject.rule for reject in found.rejected] == ["missing_text"]


def test_parquet_rows_are_read_with_nulls_bad_bytes_and_large_texts_rejected(tmp_path: Path) -> None:
    column = pa.array([b"fine", None, b"\xff", b"x" * 200], pa.binary())
    pq.write_table(pa.table({"situation": column, "licence": ["MIT"] * 4, "n": [1, 2, 3, 4]}), tmp_path / "a.parquet")
    found = everything(Source(str(tmp_path / "a.parquet")), max_row_bytes=100, batch_size=2)
    assert [(r.text, r.licence) for r in found.kept] == [("fine", "MIT")]
    assert [(r.subject_id, r.rule) for r in found.rejected] == [
        ("a.parquet:2", "missing_text"),
        ("a.parquet:3", "not_utf8"),
        ("a.parquet:4", "row_too_large"),
    ]


def test_a_template_joins_columns_and_a_row_without_one_of_them_is_rejected(tmp_path: Path) -> None:
    rows = '{"context": "You {see} it.", "act": "I help."}\n{"context": "Alone."}\n'
    path = file_of(tmp_path, "a.jsonl", rows).location
    found = everything(Source(path, text_template="{context} {act}"))
    assert texts(found.kept) == ["You {see} it. I help."]
    assert [r.rule for r in found.rejected] == ["missing_text"]


def test_a_glob_reads_files_in_order_and_files_of_one_name_keep_their_rows_apart(tmp_path: Path) -> None:
    for folder in ("b", "a"):
        (tmp_path / folder).mkdir()
        file_of(tmp_path / folder, "s.jsonl", json.dumps({"situation": folder}) + "\n")
    kept = everything(Source(str(tmp_path / "*" / "*.jsonl"))).kept
    assert [(r.text, r.source) for r in kept] == [("a", "a/s.jsonl"), ("b", "b/s.jsonl")]


def test_a_source_is_named_by_its_path_below_this_folder_and_one_from_elsewhere_by_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "data").mkdir()
    path = file_of(tmp_path / "data", "a.jsonl", '{"situation": "one"}\n{}\n').location
    monkeypatch.chdir(tmp_path)
    found = everything(Source(path))
    assert (found.kept[0].source, found.rejected[0].subject_id) == ("data/a.jsonl", "data/a.jsonl:2")
    assert everything(Source("data/a.jsonl")).kept == found.kept
    monkeypatch.chdir(tmp_path / "data")
    assert {everything(Source(name)).kept[0].source for name in ("a.jsonl", "../data/a.jsonl", path)} == {"a.jsonl"}
    (tmp_path / "other").mkdir()
    monkeypatch.chdir(tmp_path / "other")
    assert {everything(Source(name)).kept[0].source for name in ("../data/a.jsonl", path)} == {"data/a.jsonl"}


def test_a_file_name_that_no_column_can_hold_is_refused_in_words(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"caf\xe9.jsonl")
    path.write_text('{"situation": "one"}\n')
    with pytest.raises(SourceError, match=r"caf\\xe9\.jsonl: the file's name is not UTF-8"):
        everything(Source(str(path)))


def test_the_packaged_sample_has_200_rows_under_cc0() -> None:
    kept = everything(Source("sample")).kept
    assert Counter(row.licence for row in kept) == {"CC0-1.0": 200}
    assert {row.source for row in kept} == {"sample"}


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("empty.jsonl", b"", "is empty"),
        ("header.csv", b"situation\n", "holds no rows"),
        ("binary.jsonl", b"\x7fELF\0\0", "is binary"),
        ("wide.csv", "situation\nx\n".encode("utf-16"), "UTF-16"),
        ("a.xlsx", b"PK", "unknown extension '.xlsx'"),
        ("broken.parquet", b"PAR1 no more", "cannot be read as Parquet"),
        ("columns.csv", b"scenario,label\na b,1\n", "no column 'situation'; its columns are scenario, label"),
        ("columns.jsonl", b'{"scenario": "a"}\n', "no column 'situation'; its columns are scenario"),
        ("noheader.csv", b"Helping a friend,1\nTelling a lie,2\n", "needs a header line"),
        ("twice.csv", b"situation,situation\na,b\n", "more than once"),
    ],
)
def test_a_source_that_cannot_be_read_is_one_clear_line(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    with pytest.raises(SourceError) as caught:
        everything(file_of(tmp_path, name, content))
    message = str(caught.value)
    assert name in message
    assert words in message
    assert "\n" not in message


def test_a_missing_column_names_the_flags_that_mend_it(tmp_path: Path) -> None:
    pq.write_table(pa.table({"scenario": ["a"]}), tmp_path / "a.parquet")
    with pytest.raises(SourceError, match=r"columns are scenario .*--text-column.*--text-template"):
        everything(Source(str(tmp_path / "a.parquet")))


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("no braces", "names no column"),
        ("{open", "write columns as"),
        ("{}", "plain column"),
        ("{a!r}", "plain column"),
    ],
)
def test_a_template_that_cannot_be_filled_is_refused(tmp_path: Path, template: str, words: str) -> None:
    path = file_of(tmp_path, "a.jsonl", '{"situation": "one"}\n').location
    with pytest.raises(SourceError, match=words):
        everything(Source(path, text_template=template))


def test_a_template_naming_an_absent_column_is_refused(tmp_path: Path) -> None:
    path = file_of(tmp_path, "a.csv", "context,act\na,b\n").location
    with pytest.raises(SourceError, match=r"no column 'action1'; its columns are context, act"):
        everything(Source(path, text_template="{context} {action1}"))


@pytest.mark.parametrize(("location", "words"), [("nowhere.jsonl", "no such file"), ("*.jsonl", "no file matches")])
def test_a_place_where_nothing_is_is_one_clear_line(tmp_path: Path, location: str, words: str) -> None:
    with pytest.raises(SourceError, match=words):
        everything(Source(str(tmp_path / location)))
