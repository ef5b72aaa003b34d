import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from valueprism_build.errors import ReleaseError
from valueprism_build.release import folder

KILLED = """
import os, signal, sys
from pathlib import Path
from valueprism_build.release.folder import staged
with staged(Path(sys.argv[1]), "1.0.0") as root:
    (root / "README.md").write_text("half")
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize(
    "version", ["1.0", "v1.0.0", "01.0.0", "1.0.0-rc1", "1.0.0\n", "", "../x", "\N{ARABIC-INDIC DIGIT ONE}.0.0"]
)
def test_a_version_that_is_not_three_plain_numbers_is_refused(version: str) -> None:
    with pytest.raises(ReleaseError, match=r"is not X\.Y\.Z"):
        folder.refuse_version(version)


def test_what_was_written_appears_under_the_version(tmp_path: Path) -> None:
    with folder.staged(tmp_path / "releases", "1.0.0") as root:
        (root / "data").mkdir()
        (root / "data" / "rows").write_text("whole")
        assert not (tmp_path / "releases" / "1.0.0").exists()
    assert (tmp_path / "releases" / "1.0.0" / "data" / "rows").read_text() == "whole"
    assert [path.name for path in (tmp_path / "releases").iterdir()] == ["1.0.0"]


def test_a_failure_leaves_nothing(tmp_path: Path) -> None:
    def fail() -> None:
        with folder.staged(tmp_path, "1.0.0") as root:
            (root / "README.md").write_text("half")
            raise ReleaseError("no")

    with pytest.raises(ReleaseError, match="no"):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_a_kill_between_writing_and_renaming_leaves_no_release_and_the_next_run_cleans_up(tmp_path: Path) -> None:
    killed = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert [path.name for path in tmp_path.iterdir()] == [".1.0.0.partial"]
    assert folder.previous(tmp_path, "2.0.0") is None
    with folder.staged(tmp_path, "1.0.0") as root:
        assert list(root.iterdir()) == []
    assert [path.name for path in tmp_path.iterdir()] == ["1.0.0"]


def test_a_version_that_came_into_being_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    def overtaken() -> None:
        with folder.staged(tmp_path, "1.0.0"):
            (tmp_path / "1.0.0").mkdir()
            (tmp_path / "1.0.0" / "README.md").write_text("theirs")

    with pytest.raises(ReleaseError, match="never overwritten"):
        overtaken()
    assert (tmp_path / "1.0.0" / "README.md").read_text() == "theirs"


def test_a_place_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(ReleaseError, match=rf"cannot write {blocked}: File exists"), folder.staged(blocked, "1.0.0"):
        pass


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_directory_is_one_line(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(ReleaseError, match="Permission denied"), folder.staged(tmp_path, "1.0.0"):
        pass


def test_the_release_before_is_the_highest_whole_one_below(tmp_path: Path) -> None:
    for name in ("0.9.0", "0.10.0", "1.0.0", "2.0.0", "notes"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "manifest.json").write_text("{}")
    (tmp_path / "0.11.0").mkdir()  # no manifest: not ours
    assert folder.previous(tmp_path, "1.0.0") == tmp_path / "0.10.0"
    assert folder.previous(tmp_path, "0.9.0") is None
    assert folder.previous(tmp_path / "absent", "1.0.0") is None
