"""What a run has cost is known afterwards, however it ended: by run, teacher and stage, failed tries included."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.flows.building import TEXTS, WAREHOUSE, build_with
from tests.flows.command_line import valueprism
from tests.flows.jobs import good_reply
from tests.teacher_faults import Fault
from tests.teacher_server import TeacherServer
from warehouse.connect import WAREHOUSE_FILE, open_warehouse

pytestmark = pytest.mark.usefixtures("prefect_api")

# A prompt costs nothing and a token of a reply US$ 0.001: a reply 0.02, a try of unknown outcome at most 0.1.
PRICES = {"prompt_price": "0", "completion_price": "1000"}
REPLY_TOKENS, MAX_TOKENS = 20, 100


@contextmanager
def serving(faults: dict[str, list[Fault]], **prices: str) -> Iterator[None]:
    with TeacherServer({}, default=good_reply("It"), faults=faults, usage=lambda _: (5, REPLY_TOKENS)) as server:
        table = {"base_url": server.base_url, "model": "m", "wait_initial": 0.01, "max_tokens": MAX_TOKENS, **prices}
        lines = "".join(f"{name} = {json.dumps(value)}\n" for name, value in table.items())
        Path("valueprism.toml").write_text(f"[teachers.priced]\n{lines}")
        yield


def status() -> dict[str, Any]:
    spent: dict[str, Any] = valueprism("status", "--warehouse", WAREHOUSE, "--json").summary["spent"]
    return spent


def row(answered: int, failed_tries: int, answers_cost: str, failed_cost: str) -> dict[str, object]:
    """Return what is told of so many replies and failed tries."""
    return {
        "teacher": "priced",
        "model": "m",
        "stage": "ask",
        "answered": answered,
        "failed_tries": failed_tries,
        "prompt_tokens": 5 * answered,
        "completion_tokens": REPLY_TOKENS * answered,
        "answers_cost": answers_cost,
        "failed_cost": failed_cost,
        "unpriced": 0,
        "cost": str(Decimal(answers_cost) + Decimal(failed_cost)),
    }


def test_failed_tries_are_in_the_progress_line_the_summary_the_status_and_the_release() -> None:
    with serving({TEXTS[0]: [Fault.RESET], TEXTS[1]: [Fault.FAILING]}, **PRICES):
        ran = build_with(["priced"])
        spent = row(3, 2, "0.06", "0.1")  # three replies of 0.02; the reset may have cost 0.1, the 500 did not
        assert ran.summary["spent"] == {"cost": "0.16", "unpriced": 0, "rows": [spent]}
        assert Decimal(ran.summary["cost"]) == Decimal("0.16")
        assert "75 tokens, US$ 0.1600" in next(line for line in ran.err.splitlines() if "3 of 3" in line)
        assert "US$ 0.1600 (0.1000 of it for 2 failed tries)" in ran.out

        again = build_with(["priced"]).summary
    assert again["spent"] == {"cost": "0", "unpriced": 0, "rows": []}
    told = {"cost": "0.16", "unpriced": 0, "rows": [spent]}
    assert status() == {"last_run": ran.summary["run_id"], "by_last_run": told, "in_all": told}

    released = valueprism("release", "create", "--warehouse", WAREHOUSE, "--version", "0.1.0", "--waive", "task_counts")
    assert released.code == 0, released.err
    assert json.loads(Path("releases/0.1.0/manifest.json").read_text())["spent"] == [spent]
    assert "| priced | m | ask | 3 | 2 | 0.16 |" in Path("releases/0.1.0/README.md").read_text()


def test_a_run_that_was_stopped_tells_what_it_spent() -> None:
    with serving({TEXTS[1]: [Fault.RESET, Fault.QUOTA]}, **PRICES):
        assert build_with(["priced"], "--concurrency", "1").code == 1
        assert status()["by_last_run"]["rows"] == [row(1, 2, "0.02", "0.1")]
        build_with(["priced"])
        assert status()["by_last_run"]["rows"] == [row(2, 0, "0.04", "0")]
    assert status()["in_all"]["rows"] == [row(3, 2, "0.06", "0.1")]


def test_a_run_that_was_killed_is_summed_up_from_the_journal_and_settled_by_the_next() -> None:
    with serving({}, **PRICES):
        assert build_with(["priced"]).code == 0
        with open_warehouse(WAREHOUSE) as db:  # what a kill leaves behind
            db.execute("DELETE FROM spending")
            db.execute("UPDATE run SET finished_at = NULL, outcome = NULL")
        assert status()["by_last_run"]["rows"] == [row(3, 0, "0.06", "0")]
        assert build_with(["priced"]).code == 0
        with open_warehouse(WAREHOUSE, read_only=True) as db:
            assert db.execute("SELECT teacher, answered FROM spending").fetchall() == [("priced", 3)]


def test_a_journal_that_is_taken_along_tells_what_its_replies_cost() -> None:
    with serving({}, **PRICES):
        assert build_with(["priced"]).code == 0
        (WAREHOUSE / WAREHOUSE_FILE).unlink()
        assert build_with(["priced"]).summary["spent"]["rows"] == []
    assert status()["in_all"]["rows"] == [row(3, 0, "0.06", "0")]


def test_a_price_that_nobody_knows_is_told_and_not_taken_for_nothing() -> None:
    with serving({}):
        ran = build_with(["priced"])
    assert (ran.summary["cost"], ran.summary["spent"]["unpriced"]) == (None, 3)
    assert "75 tokens, US$ unknown" in ran.out
    assert ran.summary["spent"]["rows"][0]["cost"] == "unknown"
