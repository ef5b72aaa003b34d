"""The main job, end to end: on situations written here, and on the real ones where they are."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pytest

from tests.flows.command_line import Ran, valueprism
from tests.flows.jobs import Job, Step, good_reply, make_job
from tests.flows.stored import answered, data_digests, row_counts, task_set
from tests.teacher_server import TeacherServer
from valueprism_build.ids import fold
from valueprism_build.release.settings import ReleaseSettings

TASKS = ("generative", "relevance", "valence", "explanation", "mixture", "chat")


@dataclass(frozen=True, slots=True)
class Done:
    """A job that was built and released, with its teacher still there."""

    job: Job
    server: TeacherServer
    warehouse: Path
    releases: Path
    built: Ran
    released: Ran

    @property
    def release(self) -> Path:
        return self.releases / "0.1.0"

    def build(self) -> Ran:
        """Run the same command again."""
        source = ("--situations", self.job.situations, "--licence", "CC0-1.0")
        teacher = ("--teacher", "openai", "--base-url", self.server.base_url)
        return valueprism("build", *source, *teacher, "--warehouse", self.warehouse, "--json")

    def make_release(self, releases: Path) -> Ran:
        where = ("--warehouse", self.warehouse, "--releases", releases)
        return valueprism("release", "create", "--version", "0.1.0", *where, "--json")


@pytest.fixture(scope="module", params=["written here", "shared/data"])
def done(request: pytest.FixtureRequest, prefect_api: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Done]:
    folder = tmp_path_factory.mktemp("job")
    job = make_job(request.param, folder)
    with TeacherServer(job.answers, default=good_reply("Whatever it is")) as server:
        job_done = Done(job, server, folder / "warehouse", folder / "releases", Ran(1, "", ""), Ran(1, "", ""))
        job_done = replace(job_done, built=job_done.build())
        yield replace(job_done, released=job_done.make_release(job_done.releases))


@pytest.fixture
def copy(done: Done, tmp_path: Path) -> Done:
    """The same job on copies of its files, to go on with."""
    shutil.copytree(done.warehouse, tmp_path / "warehouse")
    situations = Path(shutil.copy(done.job.situations, tmp_path))
    return replace(done, job=replace(done.job, situations=situations), warehouse=tmp_path / "warehouse")


def funnel_of(summary: dict[str, Any]) -> list[Step]:
    return [Step(**step) for step in summary["funnel"]]


def test_every_row_that_comes_into_a_stage_is_kept_held_or_rejected(done: Done) -> None:
    funnel = funnel_of(done.built.summary)
    assert [step.stage for step in funnel] == ["read", "filter", "ask", "parse", "dedup"]
    for step in funnel:
        assert step.came_in == step.kept + step.held + step.rejected
    for before, after in pairwise(funnel):
        if after.stage != "parse":  # from here on it is items of replies
            assert after.came_in == before.kept + before.held
    # What came in is what the file and the replies hold; a line is a row, an item is an item.
    assert funnel[0].came_in == len(done.job.situations.read_text(encoding="utf-8").splitlines())
    items = [len(json.loads(done.job.answers[text])["considerations"]) for text in done.server.delivered]
    assert funnel[3].came_in == sum(items)
    assert not done.job.funnel or tuple(funnel) == done.job.funnel


def test_status_tells_the_same_funnel_as_the_build(done: Done) -> None:
    status = valueprism("status", "--warehouse", done.warehouse, "--json").summary
    assert status["funnel"] == done.built.summary["funnel"]
    assert status["totals"]["considerations"] == done.built.summary["considerations"]
    by_stage = {step.stage: step.rejected for step in funnel_of(status)}
    for stage, rejected in by_stage.items():
        assert sum(row["rows"] for row in status["rejected"] if row["stage"] == stage) == rejected


def test_n_considerations_of_which_k_have_a_negative_give_n_n_n_2k_and_3n_and_2k_rows(done: Done) -> None:
    n = done.built.summary["considerations"]
    k = task_set(done.release, "relevance")["output"].to_pylist().count("No")
    due = {"full": n, "generative": n, "valence": n, "explanation": n, "relevance": 2 * k, "mixture": 3 * n + 2 * k}
    assert {config: task_set(done.release, config).num_rows for config in due} == due
    told = done.released.summary["counts"]
    assert sum(rows for part, rows in told.items() if part.startswith("mixture/")) == 3 * n + 2 * k


def test_datasets_loads_the_release_without_touching_the_network(done: Done, tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "touched = []\n"
        "sys.addaudithook(lambda name, _: touched.append(name) if name in ('socket.connect', 'socket.getaddrinfo')"
        " else None)\n"
        "import datasets, json\n"
        "rows = datasets.load_dataset(sys.argv[1], 'valence')\n"
        "shape = {split: [len(part), *part.column_names[:2]] for split, part in rows.items()}\n"
        "print(json.dumps([shape, touched]))\n"
    )
    environment = {**os.environ, "HF_HOME": str(tmp_path / "hub"), "HF_HUB_OFFLINE": "1"}
    command = [sys.executable, "-c", code, str(done.release)]
    loaded = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert loaded.returncode == 0, loaded.stderr
    shape, touched = json.loads(loaded.stdout.splitlines()[-1])
    assert touched == []
    told = done.released.summary["counts"]
    assert shape == {split: [told[f"valence/{split}"], "input", "output"] for split in ("train", "val", "test")}


def test_no_situation_and_no_near_duplicate_pair_lies_in_two_splits(done: Done) -> None:
    split_of: dict[str, str] = {}
    for config in ("full", *TASKS):
        rows = task_set(done.release, config).group_by(["situation", "split"]).aggregate([]).to_pylist()
        for row in rows:
            assert split_of.setdefault(row["situation"], row["split"]) == row["split"]
    shingles = {text: {fold(text)[i : i + 4] for i in range(max(1, len(fold(text)) - 3))} for text in split_of}
    near = [
        (one, other)
        for one, other in combinations(split_of, 2)
        if len(shingles[one] & shingles[other]) / len(shingles[one] | shingles[other])
        >= ReleaseSettings().family_similarity
    ]
    assert near  # else the next line would prove nothing
    assert [(one, other) for one, other in near if split_of[one] != split_of[other]] == []
    assert len(set(split_of.values())) == 3


def test_a_release_made_twice_has_the_same_bytes(done: Done, tmp_path: Path) -> None:
    again = done.make_release(tmp_path / "releases")
    assert again.code == 0
    assert data_digests(tmp_path / "releases" / "0.1.0") == data_digests(done.release)


def test_the_same_command_again_asks_nothing_and_adds_no_row(copy: Done) -> None:
    before, requests = row_counts(copy.warehouse), len(copy.server.received)
    again = copy.build().summary
    assert len(copy.server.received) == requests
    assert (again["asked"], again["known"]) == (0, before["journal"])
    assert row_counts(copy.warehouse) == before
    for step in funnel_of(again):
        assert step.came_in == step.kept + step.held + step.rejected
        assert step.kept == 0 or step.stage == "read"


@pytest.mark.parametrize("place", ["middle", "end"])
def test_one_situation_more_asks_once_wherever_it_stands(copy: Done, place: str) -> None:
    new = "Feeding seagulls on the deck of a ferry"
    lines = copy.job.situations.read_text(encoding="utf-8").splitlines()
    lines.insert(len(lines) // 2 if place == "middle" else len(lines), json.dumps({"situation": new}))
    copy.job.situations.write_text("\n".join(lines) + "\n", encoding="utf-8")
    before, requests = row_counts(copy.warehouse), len(copy.server.received)

    assert copy.build().summary["asked"] == 1

    assert [request.situation for request in copy.server.received[requests:]] == [new]
    after = row_counts(copy.warehouse)
    # The new situation's reply lists four considerations; a wording that no other situation has is embedded and joins
    # the inventory, too.
    at_need = {"embedding", "canonical", "canonical_member"}
    assert {name: after[name] - before[name] for name in after if name not in at_need} == {
        "journal": 1,
        "situation": 1,
        "family": 1,
        "family_member": 1,
        "rejected": 0,
        "answer": 1,
        "consideration": 4,
        "said": 4,
        "derived": 1,
        "contrast": 0,
    }
    assert copy.build().summary["asked"] == 0
    assert len(copy.server.received) == requests + 1


def test_the_release_shows_every_consideration_with_its_provenance(done: Done) -> None:
    full = task_set(done.release, "full")
    assert pc.unique(full["teacher"]).to_pylist() == ["openai"]
    assert pc.unique(full["source"]).to_pylist() == ["/".join(done.job.situations.parts[-2:])]
    assert set(full["situation_id"].to_pylist()) == set(answered(done.warehouse))
    counts = full.group_by("licence").aggregate([("licence", "count")]).to_pylist()
    assert counts == [{"licence": "CC0-1.0", "licence_count": full.num_rows}]
