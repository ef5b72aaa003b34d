import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest

from tests.warehouse.rows import situation
from valueprism_build.errors import WarehouseError
from warehouse import situations
from warehouse.connect import open_in_memory, open_warehouse

PROJECT = Path(__file__).resolve().parents[2]
NOBODY = 65534

# Opens the warehouse, says so, and keeps it until a line comes or its input ends.
HOLD = """
import sys
from pathlib import Path
from warehouse.connect import open_warehouse
with open_warehouse(Path(sys.argv[1]), read_only=sys.argv[2] == "reader"):
    print("open", flush=True)
    sys.stdin.readline()
"""
# Runs into a full disk: a file of this process may not grow past a megabyte.
FILL = """
import resource, signal, sys
from pathlib import Path
import numpy as np
from valueprism_build.errors import WarehouseError
from warehouse.connect import open_warehouse
from warehouse.vectors import WarehouseVectors
with open_warehouse(Path(sys.argv[1])):
    pass
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
try:
    with open_warehouse(Path(sys.argv[1])) as db:
        for batch in range(20):
            texts = [f"{batch} {row}" for row in range(100)]
            WarehouseVectors(db).add_vectors("model", texts, np.random.default_rng(batch).random((100, 384), "float32"))
except WarehouseError as error:
    print(error)
"""


@contextmanager
def held_by_another_process(directory: Path, how: str = "writer") -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", HOLD, str(directory), how]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=PROJECT) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        yield process


@contextmanager
def powerless() -> Iterator[None]:
    """Run as a user whom permissions bind: root may write anywhere."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


def open_and_close(directory: Path, *, read_only: bool = False, wait_seconds: float = 20.0) -> None:
    with open_warehouse(directory, read_only=read_only, wait_seconds=wait_seconds):
        pass


def test_a_missing_directory_is_made_and_what_is_written_stays(tmp_path: Path) -> None:
    directory = tmp_path / "new" / "warehouse"
    with open_warehouse(directory) as db:
        assert situations.add(db, [situation(1)]) == 1
    with open_warehouse(directory, read_only=True) as db:
        assert list(situations.held(db)) == [situation(1)]
    assert [path.name for path in directory.iterdir()] == ["warehouse.duckdb"]


def test_a_reader_cannot_write(tmp_path: Path) -> None:
    open_and_close(tmp_path)
    with open_warehouse(tmp_path, read_only=True) as db, pytest.raises(duckdb.InvalidInputException, match="read-only"):
        situations.add(db, [situation(1)])


def test_a_reader_of_nothing_is_told_to_build(tmp_path: Path) -> None:
    with pytest.raises(WarehouseError, match="holds no warehouse; run `valueprism build --warehouse"):
        open_and_close(tmp_path / "nowhere", read_only=True)
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("read_only", [True, False])
def test_a_file_in_place_of_the_directory_is_named(tmp_path: Path, read_only: bool) -> None:
    (tmp_path / "taken").write_text("notes")
    with pytest.raises(WarehouseError, match="taken is a file; give a directory"):
        open_and_close(tmp_path / "taken", read_only=read_only)


def test_a_directory_below_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("notes")
    with pytest.raises(WarehouseError, match=r"cannot be written \(Not a directory\)"):
        open_and_close(tmp_path / "taken" / "below")


@pytest.mark.parametrize("content", ["", "plain text", "plain text " * 5000])
def test_a_file_that_is_not_duckdb_is_left_alone(tmp_path: Path, content: str) -> None:
    (tmp_path / "warehouse.duckdb").write_text(content)
    with pytest.raises(WarehouseError, match="is not a DuckDB file; move it away"):
        open_and_close(tmp_path)
    assert (tmp_path / "warehouse.duckdb").read_text() == content


def test_a_directory_that_may_not_be_written_is_named() -> None:
    with tempfile.TemporaryDirectory() as name:  # pytest's own folders are closed to other users
        directory = Path(name)
        directory.chmod(0o555)
        with powerless(), pytest.raises(WarehouseError, match=r"cannot be written \(Permission denied\)"):
            open_and_close(directory)
        with powerless(), pytest.raises(WarehouseError, match=r"cannot be written \(Permission denied\)"):
            open_and_close(directory / "below")


@pytest.mark.parametrize("read_only", [True, False])
def test_a_lock_that_stays_is_reported_with_its_holder(tmp_path: Path, read_only: bool) -> None:
    with (
        held_by_another_process(tmp_path) as holder,
        pytest.raises(WarehouseError, match=rf"in use by process {holder.pid} \(.+\); waited 0.2 s"),
    ):
        open_and_close(tmp_path, read_only=read_only, wait_seconds=0.2)


def test_a_lock_that_is_released_in_time_is_waited_for(tmp_path: Path) -> None:
    with held_by_another_process(tmp_path) as holder:
        told_to_end = threading.Event()

        def end_holder() -> None:
            told_to_end.set()
            holder.communicate("end\n")

        ending = threading.Timer(0.5, end_holder)
        ending.start()
        with open_warehouse(tmp_path, wait_seconds=30) as db:
            assert told_to_end.is_set()
            assert situations.add(db, [situation(1)]) == 1
        ending.join()  # it still reads from the holder, whose pipes close when this block ends


def test_a_holder_that_is_killed_lets_go(tmp_path: Path) -> None:
    with held_by_another_process(tmp_path) as holder:
        holder.kill()
        with open_warehouse(tmp_path, wait_seconds=5) as db:
            assert situations.add(db, [situation(1)]) == 1


def test_two_processes_read_at_once(tmp_path: Path) -> None:
    open_and_close(tmp_path)
    with held_by_another_process(tmp_path, "reader"), open_warehouse(tmp_path, read_only=True, wait_seconds=0) as db:
        assert list(situations.held(db)) == []


def test_processes_that_start_together_share_one_new_warehouse(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(tmp_path), "writer"]
    starters = [
        subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, cwd=PROJECT)
        for _ in range(3)
    ]
    told = [process.communicate(timeout=60)[0] for process in starters]
    assert told == ["open\n"] * 3
    assert [path.name for path in tmp_path.iterdir()] == ["warehouse.duckdb"]


def test_a_reader_beside_a_writer_of_the_same_process_is_refused_in_one_line(tmp_path: Path) -> None:
    with open_warehouse(tmp_path), pytest.raises(WarehouseError, match=r"cannot be opened: .*different configuration"):
        open_and_close(tmp_path, read_only=True, wait_seconds=0)


def test_a_full_disk_is_one_line_and_what_was_stored_stays(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", FILL, str(tmp_path)], capture_output=True, text=True, cwd=PROJECT, timeout=60, check=True
    )
    assert "could not be read or written" in ran.stdout
    assert "see that the disk has space" in ran.stdout
    assert ran.stdout.count("\n") == 1
    with open_warehouse(tmp_path) as db:
        [(stored,)] = db.execute("SELECT count(*) FROM embedding").fetchall()
    # Batches of 100 vectors are kept whole or not at all.
    assert stored % 100 == 0


def test_duckdb_fetches_nothing_and_takes_no_variable_for_a_table() -> None:
    with open_in_memory() as db:
        settings = db.execute(
            "SELECT current_setting('autoload_known_extensions'), current_setting('autoinstall_known_extensions')"
        ).fetchall()
        assert settings == [(False, False)]
        some_variable = [1]
        with pytest.raises(duckdb.CatalogException):
            db.execute("SELECT * FROM some_variable")
        assert some_variable == [1]


def test_a_thread_waits_for_another_of_its_process_that_has_it_open_otherwise(tmp_path: Path) -> None:
    happened: list[str] = []
    comes = threading.Event()

    def read() -> None:
        comes.set()
        with open_warehouse(tmp_path, read_only=True):
            happened.append("read")

    reader = threading.Thread(target=read)
    with open_warehouse(tmp_path):
        reader.start()
        assert comes.wait(60)
        happened.append("written")
    reader.join()
    assert happened == ["written", "read"]


def test_a_thread_that_would_wait_too_long_is_told_who_has_it(tmp_path: Path) -> None:
    def read() -> None:
        with open_warehouse(tmp_path, read_only=True, wait_seconds=0):
            pass

    with open_warehouse(tmp_path), ThreadPoolExecutor(1) as other:
        reading = other.submit(read)
        with pytest.raises(WarehouseError, match="another thread of this process"):
            reading.result()
