"""What a user gets wrong is one line that says what to mend, or a counted reject. Never a traceback."""

import json
import os
import random
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.flows.building import TEXTS, WAREHOUSE, build, obliging
from tests.flows.command_line import ROOT, Ran, ended, started, valueprism
from tests.flows.jobs import write_lines
from tests.flows.stored import rejects
from tests.teacher_server import TeacherServer

pytestmark = pytest.mark.usefixtures("prefect_api")


@pytest.fixture(scope="module")
def server() -> Iterator[TeacherServer]:
    with obliging() as started:
        yield started


def random_bytes(count: int) -> bytes:
    return random.Random(1).randbytes(count)


def file(name: str, content: bytes) -> str:
    Path(name).write_bytes(content)
    return name


def nothing() -> str:
    return "nowhere.jsonl"


def no_match() -> str:
    return "data-*.csv"


def empty() -> str:
    return file("empty.jsonl", b"")


def empty_csv() -> str:
    return file("empty.csv", b"")


def header_only() -> str:
    return file("header.csv", b"situation\n")


def folder() -> str:
    Path("folder").mkdir()
    return "folder"


def binary_jsonl() -> str:
    return file("binary.jsonl", random_bytes(5000))


def binary_parquet() -> str:
    return file("binary.parquet", random_bytes(5000))


def binary_csv() -> str:
    return file("binary.csv", random_bytes(5000))


def unknown_extension() -> str:
    return file("notes.txt", b"Lying to a friend\n")


def other_column() -> str:
    return file("other.jsonl", b'{"action": "Lying to a friend"}\n')


def other_csv_column() -> str:
    return file("other.csv", b"action,x\nLying to a friend,1\n")


SOURCES = [
    (nothing, r"nowhere\.jsonl: no such file"),
    (no_match, r"data-\*\.csv: no file matches"),
    (empty, r"empty\.jsonl: the file is empty"),
    (empty_csv, r"empty\.csv: "),
    (header_only, r"header\.csv: it holds no rows"),
    (folder, r"folder"),
    (binary_jsonl, r"binary\.jsonl: the file is binary, not text"),
    (binary_parquet, r"binary\.parquet"),
    (binary_csv, r"binary\.csv"),
    (unknown_extension, r"notes\.txt: unknown extension '\.txt'"),
    (other_column, r"other\.jsonl.*'?situation'?.*action"),
    (other_csv_column, r"other\.csv.*'?situation'?.*action"),
]


@pytest.mark.parametrize(("source", "said"), SOURCES, ids=[source.__name__ for source, _ in SOURCES])
def test_a_source_that_cannot_be_read_is_one_line(server: TeacherServer, source: object, said: str) -> None:
    assert callable(source)
    requests = len(server.received)
    ran = build(server, situations=source())
    assert (ran.code, ran.out) == (1, "")
    assert re.search(said, ran.complaint), ran.complaint
    assert len(server.received) == requests


def test_rows_that_cannot_be_read_are_counted_with_their_line_and_cost_no_other(server: TeacherServer) -> None:
    lines = [json.dumps({"situation": text}).encode() for text in TEXTS]
    latin = '{"situation": "Smoking in a caf\xe9"}'.encode("latin-1")
    bad = [b'{"situation": "Broken', b"[1, 2]", b'{"action": "Lying"}', b'{"situation": 7}', latin, b""]
    Path("mixed.jsonl").write_bytes(b"\n".join([lines[0], *bad, *lines[1:]]) + b"\n")

    summary = build(server, situations="mixed.jsonl").summary

    assert summary["funnel"][0] == {"stage": "read", "came_in": 9, "kept": 3, "held": 0, "rejected": 6}
    assert [(reject.subject, reject.rule) for reject in rejects(WAREHOUSE)] == [
        ("mixed.jsonl:2", "broken_json"),
        ("mixed.jsonl:3", "not_an_object"),
        ("mixed.jsonl:4", "missing_text"),
        ("mixed.jsonl:5", "not_text"),
        ("mixed.jsonl:6", "not_utf8"),
        ("mixed.jsonl:7", "blank_line"),
    ]
    assert rejects(WAREHOUSE)[0].detail.startswith("line 2 is no JSON")


def test_a_line_of_40_megabytes_is_a_counted_reject(server: TeacherServer) -> None:
    long = json.dumps({"situation": "a " * 20_000_000})
    Path("long.jsonl").write_text(f'{{"situation": "{TEXTS[0]}"}}\n{long}\n{{"situation": "{TEXTS[1]}"}}\n')
    assert build(server, situations="long.jsonl").summary["situations"] == 2
    assert [(reject.subject, reject.rule) for reject in rejects(WAREHOUSE)] == [("long.jsonl:2", "row_too_large")]


def test_a_column_that_some_rows_lack_costs_those_rows(server: TeacherServer) -> None:
    Path("some.csv").write_text(f"context,action1\n{TEXTS[0]},I wait\n{TEXTS[1]}\n")
    ran = build(server, "--text-template", "{context} {action1}", situations="some.csv")
    [read, *_] = ran.summary["funnel"]
    assert (read["came_in"], read["kept"], read["rejected"]) == (2, 1, 1)


def test_openai_itself_without_a_key_is_one_line() -> None:
    ran = valueprism("build", "--situations", "sample", "--teacher", "openai")
    assert (ran.code, ran.out) == (1, "")
    assert "needs a key; set OPENAI_API_KEY or VALUEPRISM_TEACHERS__OPENAI__API_KEY" in ran.complaint


def test_an_unknown_flag_is_wrong_usage() -> None:
    ran = valueprism("build", "--situationz", "sample")
    assert ran.code == 2
    assert "--situationz" in ran.err
    assert "Traceback" not in ran.err


def test_an_unknown_variable_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VALUEPRISM_CONCURENCY", "8")
    for command in (["build"], ["status"], ["doctor"], ["release", "create", "--version", "0.1.0"]):
        ran = valueprism(*command)
        assert (ran.code, ran.out) == (1, "")
        assert "unknown setting VALUEPRISM_CONCURENCY" in ran.complaint


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ("concurency = 8", "unknown setting 'concurency'"),
        ("[teachers.a]\nmodell = 'm'", "unknown setting modell"),
        ("concurrency = 'many'", "setting 'concurrency'"),
        ("[teacher", "valueprism.toml is not valid TOML"),
    ],
)
def test_a_file_of_settings_that_cannot_be_used_is_one_line(toml: str, said: str) -> None:
    Path("valueprism.toml").write_text(toml)
    ran = valueprism("build")
    assert (ran.code, ran.out) == (1, "")
    assert said in ran.complaint


def test_a_warehouse_that_is_a_file_is_one_line(server: TeacherServer) -> None:
    WAREHOUSE.write_text("not a folder")
    assert "warehouse is a file; give a directory" in build(server).complaint
    assert "warehouse is a file" in valueprism("status", "--warehouse", WAREHOUSE).complaint


def test_a_warehouse_below_a_file_is_one_line(server: TeacherServer) -> None:
    Path("file").write_text("not a folder")
    below = Path("file") / "warehouse"
    ran = build(server, "--warehouse", below)
    assert (ran.code, ran.out) == (1, "")
    assert f"{below} cannot be written" in ran.complaint


def test_a_warehouse_that_is_no_duckdb_file_is_one_line(server: TeacherServer) -> None:
    WAREHOUSE.mkdir()
    (WAREHOUSE / "warehouse.duckdb").write_bytes(random_bytes(5000))
    assert "is not a DuckDB file" in build(server).complaint
    (WAREHOUSE / "warehouse.duckdb").unlink()
    (WAREHOUSE / "answers.sqlite").write_bytes(random_bytes(5000))
    assert "answers.sqlite" in build(server).complaint


def test_status_and_release_without_a_warehouse_are_one_line() -> None:
    assert "holds no warehouse" in valueprism("status", "--warehouse", WAREHOUSE).complaint
    assert "holds no warehouse" in valueprism("release", "create", "--version", "1.0.0").complaint


@pytest.mark.skipif(sys.platform != "linux", reason="gives up root's right to write anywhere, with prctl")
def test_a_directory_that_may_not_be_written_is_one_line(
    prefect_api: str, server: TeacherServer, tmp_path: Path
) -> None:
    write_lines(tmp_path / "mine.jsonl", TEXTS)
    WAREHOUSE.mkdir(mode=0o555)
    # CAP_DAC_OVERRIDE (1) leaves the bounding set (PR_CAPBSET_DROP, 24): after exec the mode counts for root as well.
    drop = "import ctypes, os, sys; ctypes.CDLL(None).prctl(24, 1, 0, 0, 0); os.execv(sys.executable, sys.argv[1:])"
    command = ["build", "--situations", "mine.jsonl", "--teacher", "openai", "--base-url", server.base_url]
    ran = subprocess.run(
        [sys.executable, "-c", drop, sys.executable, "-m", "flows", *command, "--warehouse", str(WAREHOUSE)],
        env={**os.environ, "PYTHONPATH": str(ROOT), "PREFECT_API_URL": prefect_api},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    said = Ran(ran.returncode, ran.stdout, ran.stderr)
    assert (said.code, said.out) == (1, "")
    assert "warehouse cannot be written (Permission denied)" in said.complaint


def test_a_warehouse_that_another_process_has_open_is_one_line_after_a_bounded_wait(
    server: TeacherServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    WAREHOUSE.mkdir()
    code = "import duckdb, sys; db = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", code, str(WAREHOUSE / "warehouse.duckdb")]
    monkeypatch.setenv("VALUEPRISM_LOCK_WAIT_SECONDS", "0.2")
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "open\n"
        ran = build(server)
        holder.communicate()
    assert (ran.code, ran.out) == (1, "")
    assert f"is in use by process {holder.pid}" in ran.complaint
    assert "waited 0.2 s" in ran.complaint
    assert build(server).code == 0


def test_as_a_process_it_says_no_more_than_the_one_line_either(prefect_api: str, tmp_path: Path) -> None:
    err = tmp_path / "err.txt"
    ran = ended(started(["build", "--situations", "nowhere.jsonl"], {"PREFECT_API_URL": prefect_api}, err), err)
    assert (ran.code, ran.out) == (1, "")
    assert "nowhere.jsonl: no such file" in ran.complaint
