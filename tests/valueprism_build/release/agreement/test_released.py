"""The config `agreement` of a release on disk."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import datasets
import pytest

from tests.valueprism_build.release.agreement.asking import asked, people
from tests.valueprism_build.release.making import NOON, made
from tests.valueprism_build.tasks.full_rows import full_table
from valueprism_build.campaigns import CampaignItem
from valueprism_build.errors import ReleaseError
from valueprism_build.records import Valence, Vrd
from valueprism_build.release import parquet
from valueprism_build.release.agreement import earlier, written
from valueprism_build.release.agreement.build import Agreement
from valueprism_build.release.agreement.opinions import Opinions
from valueprism_build.release.agreement.rows import AGREEMENT_SCHEMA
from valueprism_build.release.agreement.tally import Tally

FULL = full_table({"I kill time": ["Value: Joy", "Value: Work"], "Sing aloud": ["Value: Art"]})
GIVEN = {("Liberal", "Yes"): 10, ("Liberal", "No"): 6, ("Conservative", "Yes"): 8, ("Conservative", "No"): 9}


def opinions(*more: dict[tuple[str, str], int]) -> Opinions:
    """Return answers to whether people agree with the first consideration."""
    said, answers = people(GIVEN)
    for each in more:
        others, theirs = people(each, start=len(said))
        said, answers = said | others, answers | theirs
    row = FULL.slice(0, 1).to_pylist()[0]
    item = CampaignItem(
        row["consideration_id"],
        row["situation_id"],
        row["situation"],
        Vrd(row["vrd"]),
        row["text"],
        row["explanation"],
        Valence(row["valence"]),
    )
    return asked({("agree", item.id): answers}, said, (item,))


def test_what_people_answered_loads_offline_like_any_other_config(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    release = made(FULL, tmp_path / "releases", opinions=opinions())
    rows = datasets.load_dataset(str(release.path), "agreement", cache_dir=str(tmp_path / "cache"))
    assert {split: part.num_rows for split, part in rows.items()} == {"train": 6}
    # Everybody: Yes 18, No 15. Conservatives, the larger group, 8 and 9; the others 10 and 6.
    assert rows["train"]["count"][:] == [18, 15, 8, 9, 10, 6]
    assert set(rows["train"]["text"]) == {"Joy"}
    assert parquet.read(release.path, "agreement").schema.equals(AGREEMENT_SCHEMA)


def test_the_manifest_tells_k_and_what_was_merged_or_withheld(tmp_path: Path) -> None:
    release = made(FULL, tmp_path, opinions=opinions())
    manifest = json.loads((release.path / "manifest.json").read_text())
    # No and Not sure are one row: of 3 cells by all and of 12 by politics, Yes by all and by Conservatives stand alone.
    assert manifest["agreement"] == {
        "k": 5,
        "cells_told": 2,
        "cells_merged": 13,
        "cells_withheld": {},
        "kept_from_earlier": 0,
        "answers_left_out": {},
    }
    assert manifest["release_settings"]["agreement_k"] == 5
    rows = {file["path"]: file["rows"] for file in manifest["files"]}
    assert rows["data/agreement/train-00000-of-00001.parquet"] == 6


def test_the_card_gives_figures_of_the_rows(tmp_path: Path) -> None:
    card = (made(FULL, tmp_path, opinions=opinions()).path / "README.md").read_text()
    for expected in (
        "- config_name: agreement\n",
        "The 6 rows of `agreement` count what people answered",
        "| pilot | agree | Do you agree? | 1 | 33 |",
        "| pilot | politics | Conservative | 1 | 16.5 | 16 |",
        "Of 15 cells 13 (86.7%) are\nmerged and 0 (0.0%) withheld.",
        "| agreement | 6 | 0 | 0 | 6 |",
        "| k_anonymity | green | 6 counts, and what follows from them, are of 5 people or more |",
        "what people said of 1 of 3 considerations is in `agreement`",
    ):
        assert expected in card


def test_without_a_campaign_a_release_says_nothing_of_people(tmp_path: Path) -> None:
    release = made(FULL, tmp_path, opinions=Opinions())
    assert not (release.path / "data" / "agreement").exists()
    assert "agreement" not in {count.config for count in release.counts}
    assert "agreement" not in json.loads((release.path / "manifest.json").read_text())
    card = (release.path / "README.md").read_text()
    assert "What people answered" not in card
    assert "people have not checked it" in card


def test_where_all_is_withheld_the_release_loads_and_says_so(tmp_path: Path) -> None:
    few = replace(opinions(), answers=opinions().answers.slice(0, 12))
    release = made(FULL, tmp_path / "releases", opinions=few)
    card = (release.path / "README.md").read_text()
    assert "config_name: agreement" not in card
    assert "No table of groups is large enough to be told." in card
    assert len(datasets.load_dataset(str(release.path), "full", cache_dir=str(tmp_path / "cache"))["train"]) == 3


def test_a_later_version_tells_what_changed_and_keeps_what_a_few_would_be_known_by(tmp_path: Path) -> None:
    made(FULL, tmp_path, opinions=opinions())
    second = made(
        FULL, tmp_path, "1.1.0", opinions=opinions({("Liberal", "No"): 3}), created_at=NOON + timedelta(days=1)
    )
    assert "| agreement | 6 | 0 | 0 | 0 |" in (second.path / "CHANGELOG.md").read_text()
    more = {(group, answer): 9 for group in ("Liberal", "Conservative") for answer in ("Yes", "No")}
    third = made(FULL, tmp_path, "1.2.0", opinions=opinions(more), created_at=NOON + timedelta(days=2))
    assert "| agreement | 6 | 0 | 0 | 6 |" in (third.path / "CHANGELOG.md").read_text()
    fourth = made(FULL, tmp_path, "1.3.0", created_at=NOON + timedelta(days=3))
    assert "| agreement | 0 | 0 | 6 | 0 |" in (fourth.path / "CHANGELOG.md").read_text()


def test_a_release_made_again_after_others_is_what_it_was(tmp_path: Path) -> None:
    made(FULL, tmp_path, opinions=opinions())
    later = opinions({("Liberal", "No"): 3})
    made(FULL, tmp_path, "2.0.0", opinions=later, created_at=NOON + timedelta(days=1))
    assert made(FULL, tmp_path, opinions=opinions(), created_at=NOON + timedelta(days=2)).version == "1.0.0"


def test_a_patch_of_an_old_version_is_compared_with_the_newer_ones_too(tmp_path: Path) -> None:
    made(FULL, tmp_path, "2.0.0", opinions=opinions())
    patch = made(
        FULL, tmp_path, "1.0.1", opinions=opinions({("Liberal", "No"): 3}), created_at=NOON + timedelta(days=1)
    )
    assert parquet.read(patch.path, "agreement")["count"].to_pylist() == [18, 15, 8, 9, 10, 6]


def test_an_earlier_release_that_cannot_be_read_stops_the_next(tmp_path: Path) -> None:
    first = made(FULL, tmp_path, opinions=opinions())
    (first.path / "data" / "agreement" / "train-00000-of-00001.parquet").write_bytes(b"no parquet")
    with pytest.raises(ReleaseError, match=r"cannot read release .*1\.0\.0.*mend or restore it"):
        made(FULL, tmp_path, "1.1.0", opinions=opinions())
    assert earlier.read(tmp_path / "nowhere", "1.0.0") == ()


def test_files_that_tell_of_too_few_are_found_after_they_are_written(tmp_path: Path) -> None:
    release = made(FULL, tmp_path, opinions=opinions())
    rows = parquet.read(release.path, "agreement")
    written.check(release.path, Agreement(rows, 5, Tally(), ()))
    with pytest.raises(ReleaseError, match=r"what was written tells of too few people: .* has a cell under 7"):
        written.check(release.path, Agreement(rows, 7, Tally(), ()))
