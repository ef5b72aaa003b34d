from pathlib import Path

import pyarrow as pa
import pytest

from tests.valueprism_build.release.making import drafted
from tests.valueprism_build.tasks.full_rows import many
from valueprism_build.errors import ReleaseError
from valueprism_build.release.changelog import Change, compare, render

OLD = pa.table(
    {
        "task": ["t", "t", "t"],
        "situation_id": ["a", "a", "b"],
        "consideration_id": ["1", "2", "3"],
        "output": ["x", "y", None],
    }
)


def test_rows_are_told_apart_by_key_and_changed_if_another_column_differs() -> None:
    new = pa.table(
        {
            "task": ["t", "t", "t"],
            "situation_id": ["b", "a", "c"],
            "consideration_id": ["3", "2", "1"],
            "output": ["z", "y", "x"],
        }
    )
    # (c, 1) is new, (a, 1) is gone, (b, 3) went from null to z, (a, 2) stayed.
    assert compare("valence", OLD, new) == Change("valence", added=1, removed=1, changed=1)


def test_the_order_of_rows_and_a_new_column_change_nothing() -> None:
    new = OLD.take([2, 0, 1]).append_column("note", pa.array(["n", "n", "n"]))
    assert compare("valence", OLD, new) == Change("valence", 0, 0, 0)


def test_messages_and_flags_are_compared_too() -> None:
    chat = drafted(many(2)).task_sets["chat"]
    turns = chat["messages"].to_pylist()
    turns[0][1]["content"] = "else"
    changed = chat.set_column(0, "messages", pa.array(turns, chat.schema.field("messages").type))
    assert compare("chat", chat, changed) == Change("chat", 0, 0, 1)
    full = drafted({"I kill time": ["Value: Joy"], "Sing": ["Value: Art"]}).full
    plain = full.set_column(full.schema.get_field_index("flags"), "flags", pa.array([[], []], pa.list_(pa.string())))
    assert compare("full", full, plain) == Change("full", 0, 0, 1)


def test_a_config_without_rows_on_one_side_is_all_added_or_all_removed() -> None:
    assert compare("valence", OLD.slice(3), OLD) == Change("valence", 3, 0, 0)
    assert compare("valence", OLD, OLD.slice(3)) == Change("valence", 0, 3, 0)


def test_the_first_release_says_so() -> None:
    assert (
        render("1.0.0", {"valence": OLD}, None)
        == "# Changelog\n\n## 1.0.0\n\nFirst release: nothing to compare with.\n"
    )


def test_a_release_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    broken = tmp_path / "1.0.0" / "data" / "valence"
    broken.mkdir(parents=True)
    (broken / "train-00000-of-00001.parquet").write_bytes(b"no parquet")
    with pytest.raises(ReleaseError, match=r"cannot read .*valence to compare with"):
        render("1.1.0", {"valence": OLD}, tmp_path / "1.0.0")
