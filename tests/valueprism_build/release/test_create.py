import hashlib
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import datasets
import pyarrow as pa
import pytest

from tests.valueprism_build.release.making import NOON, made
from tests.valueprism_build.tasks.full_rows import alone, canonicals, full_table, many
from tests.valueprism_build.tasks.word_encoder import WordEncoder
from valueprism_build.errors import ReleaseError
from valueprism_build.records import Split
from valueprism_build.release import parquet
from valueprism_build.release.create import draft
from valueprism_build.release.settings import ReleaseSettings
from valueprism_build.tasks.splits import split_of
from valueprism_build.tasks.task_sets import CONFIGS

TINY = {"Do a pushup": ["Value: Health"], "Sing aloud": ["Value: Art", "Duty: Duty to ask"]}


def contents(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def loaded(root: Path, config: str, cache: Path) -> dict[str, int]:
    found = datasets.load_dataset(str(root), config, cache_dir=str(cache))
    return {split: rows.num_rows for split, rows in found.items()}


@pytest.fixture(autouse=True)
def _offline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))


def test_every_config_loads_offline_with_the_counts_of_the_release(tmp_path: Path) -> None:
    release = made(full_table(many(60)), tmp_path)
    counts = {(count.config, count.split): count.rows for count in release.counts}
    for config in ("full", *CONFIGS):
        rows = loaded(release.path, config, tmp_path / "cache")
        assert rows == {split: n for (name, split), n in counts.items() if name == config}
    assert counts["full", "train"] == 480
    pairs = 480 - len(release.rejected)
    assert sum(n for (config, _), n in counts.items() if config == "mixture") == 3 * 480 + 2 * pairs
    assert pairs > 460  # 480 random words: nearly each finds one to be exchanged with
    assert min(rows for (config, _), rows in counts.items() if config != "contrast") > 0


def test_a_tiny_release_loads_with_the_splits_that_have_rows(tmp_path: Path) -> None:
    release = made(full_table(TINY), tmp_path)
    assert 0 in {count.rows for count in release.counts}
    for config in ("full", *CONFIGS):
        held = {count.split: count.rows for count in release.counts if count.config == config}
        assert loaded(release.path, config, tmp_path / "cache") == {split: rows for split, rows in held.items() if rows}
        assert len(list((release.path / "data" / config).iterdir())) == len(held)
    # The only duty has no other duty to be exchanged with, so it is in no pair: 2 * (3 - 1).
    assert sum(loaded(release.path, "relevance", tmp_path / "cache").values()) == 4
    assert [reject.rule for reject in release.rejected] == ["no_negative"]


def test_contrasts_load_offline_and_stand_in_the_card_and_the_manifest(tmp_path: Path) -> None:
    # One more situation for each, alike in letters, with the valences of its first two considerations turned round.
    full = full_table(many(20) | {f"{situation} now": texts[1::-1] for situation, texts in many(20).items()})
    release = made(full, tmp_path)
    loaded_rows = loaded(release.path, "contrast", tmp_path / "cache")
    assert sum(loaded_rows.values()) == 20
    card = (release.path / "README.md").read_text()
    assert "The 20 rows of `contrast`" in card
    assert "| found in the data | 20 |" in card
    assert "| asked for, open | 0 |" in card
    files = {file["path"]: file["rows"] for file in json.loads((release.path / "manifest.json").read_text())["files"]}
    assert sum(rows for path, rows in files.items() if path.startswith("data/contrast/")) == 20
    again = made(full, tmp_path, "1.1.0")
    assert "| contrast | 20 | 0 | 0 | 0 |" in (again.path / "CHANGELOG.md").read_text()


def test_a_release_of_several_files_a_split_loads_whole_and_in_order(tmp_path: Path) -> None:
    release = made(full_table(many(30)), tmp_path, rows_per_file=50)
    texts = datasets.load_dataset(str(release.path), "full", split="train", cache_dir=str(tmp_path / "cache"))["text"]
    assert list(texts) == full_table(many(30))["text"].to_pylist()


def test_made_twice_only_the_moment_in_the_manifest_differs(tmp_path: Path) -> None:
    full = full_table(many(40))
    chunked = pa.concat_tables([full.slice(0, 100), full.slice(100)])
    first = contents(made(full, tmp_path / "a").path)
    second = contents(made(chunked, tmp_path / "b", created_at=NOON + timedelta(days=1)).path)
    one, other = json.loads(first.pop("manifest.json")), json.loads(second.pop("manifest.json"))
    assert first == second
    assert one.pop("created_at") != other.pop("created_at")
    assert one == other


def test_the_manifest_tells_hash_size_and_rows_of_every_file(tmp_path: Path) -> None:
    release = made(full_table(many(20)), tmp_path)
    manifest = json.loads((release.path / "manifest.json").read_text())
    files = contents(release.path)
    del files["manifest.json"]
    told = {file["path"]: (file["sha256"], file["bytes"]) for file in manifest["files"]}
    assert told == {path: (hashlib.sha256(data).hexdigest(), len(data)) for path, data in files.items()}
    rows = {file["path"]: file["rows"] for file in manifest["files"]}
    assert rows["data/full/train-00000-of-00001.parquet"] == 160
    assert rows["README.md"] is None
    assert manifest["teachers"] == [{"teacher": "openai", "model": "m", "prompt_version": "v1", "rows": 160}]
    spent = [(row["teacher"], row["stage"], row["cost"], row["failed_cost"]) for row in manifest["spent"]]
    assert spent == [("openai", "ask", "1.525", "0.025"), ("vllm", "relevance", "unknown", "0")]


def test_no_situation_is_in_two_splits_of_any_config_on_disk(tmp_path: Path) -> None:
    release = made(full_table(many(60)), tmp_path)
    for config in CONFIGS:
        rows = parquet.read(release.path, config, ["situation_id", "split"])
        assert rows.group_by(["situation_id", "split"]).aggregate([]).num_rows == 60


def test_near_duplicate_situations_are_in_one_split(tmp_path: Path) -> None:
    listed = many(60)
    twins = {f"{situation}!!": texts for situation, texts in listed.items()}
    twins |= {f"{situation} now": [f"Value: {n}x"] for n, situation in enumerate(listed)}
    rows = parquet.read(made(full_table(twins), tmp_path).path, "full")
    splits = dict(zip(rows["situation"].to_pylist(), rows["split"].to_pylist(), strict=True))
    assert all(splits[f"{situation}!!"] == splits[f"{situation} now"] for situation in listed)


def test_a_red_gate_writes_nothing(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match="--waive teacher_grade"):
        made(full_table(many(20), teacher="local"), tmp_path / "releases")
    assert not (tmp_path / "releases").exists()


def test_a_waiver_is_told_in_the_manifest_and_on_the_card(tmp_path: Path) -> None:
    release = made(full_table(many(20), teacher="local"), tmp_path, waived=frozenset({"teacher_grade"}))
    assert json.loads((release.path / "manifest.json").read_text())["waived"] == ["teacher_grade"]
    card = (release.path / "README.md").read_text()
    assert "| teacher_grade | red, waived |" in card
    assert "160 of 160 rows are by `local`" in card


def test_making_a_version_again_with_the_same_rows_leaves_it_as_it_is(tmp_path: Path) -> None:
    full = full_table(many(20))
    before = contents(made(full, tmp_path).path)
    again = made(full, tmp_path, created_at=NOON + timedelta(days=1))
    assert contents(again.path) == before
    assert [path.name for path in tmp_path.iterdir()] == ["1.0.0"]


def test_a_version_that_exists_with_other_rows_is_refused_and_untouched(tmp_path: Path) -> None:
    before = contents(made(full_table(many(20)), tmp_path).path)
    with pytest.raises(ReleaseError, match=r"README.md differs\) and is never overwritten"):
        made(full_table(many(21)), tmp_path)
    assert contents(tmp_path / "1.0.0") == before


def test_the_changelog_counts_a_new_situation_in_every_config_and_keeps_the_history(tmp_path: Path) -> None:
    listed = many(20)
    made(full_table(dict(list(listed.items())[:19])), tmp_path, "1.0.0")
    release = made(full_table(listed), tmp_path, "1.1.0")
    lines = (release.path / "CHANGELOG.md").read_text().splitlines()
    for config in ("full", "generative", "valence", "explanation"):
        assert f"| {config} | 160 | 8 | 0 | 0 |" in lines
    assert lines.index("## 1.1.0") < lines.index("## 1.0.0")
    # Each of the eight positives brings itself and one more No, unless it stays alone or makes another stay alone.
    added, removed = next(line.split("|")[3:5] for line in lines if line.startswith("| relevance"))
    assert 0 < int(added) - int(removed) <= 2 * 16


def test_a_waived_empty_release_is_whole(tmp_path: Path) -> None:
    release = made(full_table({}), tmp_path, waived=frozenset({"has_rows"}))
    assert {count.rows for count in release.counts} == {0}
    assert "For 0 everyday situations" in (release.path / "README.md").read_text()


def test_a_release_holds_out_what_came_from_a_consideration_that_was_held_out() -> None:
    full = full_table(many(20))
    inventory = canonicals(full)
    held_out = next(f"c{i}" for i in range(999) if split_of(f"c{i}", ReleaseSettings().split_salt) == Split.TEST)
    moved = [replace(inventory[0], forerunners=(held_out,)), *inventory[1:]]
    rows = draft(full, moved, alone(full), WordEncoder(), ReleaseSettings()).full
    splits = dict(zip(rows["canonical_id"].to_pylist(), rows["unseen_considerations"].to_pylist(), strict=True))
    assert split_of(inventory[0].id, ReleaseSettings().split_salt) == "train"
    assert splits.pop(inventory[0].id) == "test"
    assert splits == {id_: split_of(id_, ReleaseSettings().split_salt) for id_ in splits}
