"""What every command has: help, a line in the README, a parseable end; and status and doctor."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
import typer

from flows.campaign_creating import create
from flows.campaign_planning import Wanted
from flows.cli import app
from flows.settings import load
from tests.annotation.exchange.scripted_server import ScriptedServer
from tests.flows.building import TEXTS, WAREHOUSE, build, build_with, obliging, two_teachers
from tests.flows.command_line import ROOT, Ran, valueprism
from tests.flows.conduct import CARELESS, store_conduct
from valueprism_build.ids import situation_id


def commands(group: typer.Typer, before: Sequence[str] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the words of each command and of each group of commands."""
    yield tuple(before)
    for command in group.registered_commands:
        assert command.callback is not None
        yield (*before, command.name or command.callback.__name__)
    for sub in group.registered_groups:
        assert sub.name is not None
        assert sub.typer_instance is not None
        yield from commands(sub.typer_instance, (*before, sub.name))


GROUPS = [(), ("batches",), ("campaign",), ("canonical",), ("negatives",), ("release",), ("teachers",)]
ALL = list(commands(app))
# What these print is tested where there is a server: test_campaign_on_server.py, test_campaign_live.py.
ON_SERVER = {f"campaign {command}" for command in ("create", "pull", "redeal", "forget", "end", "live", "links")}
PLAN = ("--people", 2, "--sample", 2, "--overlap", 2)


def test_the_walk_finds_what_is_known_to_be_there() -> None:
    assert {(), ("build",), ("status",), ("doctor",), ("release",), ("release", "create")} <= set(ALL)


@pytest.mark.parametrize("words", ALL, ids=" ".join)
def test_every_command_has_help(words: tuple[str, ...]) -> None:
    ran = valueprism(*words, "--help")
    assert (ran.code, ran.err) == (0, "")
    assert " ".join(("Usage:", *words)).split()[-1] in ran.out
    assert "--help" in ran.out
    if words not in GROUPS:
        assert "--json" in ran.out


@pytest.mark.parametrize("words", [("--help",), ("status", "--warehouse", str(WAREHOUSE))], ids=" ".join)
def test_what_only_shows_does_not_wait_for_libraries_that_it_has_no_use_for(words: tuple[str, ...]) -> None:
    store_conduct("pilot")
    heavy = {"nltk", "pandas", "prefect", "sklearn", "torch"}
    program = (
        "import sys\nfrom flows.cli import main\n"
        f"try: main(sys.argv[1:])\nexcept SystemExit as end: print(end.code, *({heavy} & {{*sys.modules}}))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program, *words],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.splitlines()[-1] == "0"


def test_the_readme_has_a_line_for_each_command_and_for_no_other() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    table = re.findall(r"^\| `valueprism ([a-z ]+)` \| (.+) \|$", readme, flags=re.MULTILINE)
    assert [words for words, told in table if told.strip()] == [words for words, _ in table]
    assert {words for words, _ in table} == {" ".join(words) for words in ALL if words not in GROUPS}


def test_a_group_without_a_command_is_wrong_usage() -> None:
    assert valueprism().code == 2
    assert valueprism("release").code == 2


def judged_negatives() -> Path:
    path = Path("negatives.csv")
    path.write_text("grade,relevant\neasy,no\n", encoding="utf-8")
    return path


def votes_of_others() -> tuple[str, ...]:
    Path("votes.csv").write_text(
        "item_id,annotator_id,question,answer\ni,p,agree,Yes\ni,q,agree,No\n", encoding="utf-8"
    )
    Path("people.csv").write_text("annotator_id\np\nq\n", encoding="utf-8")
    return ("--votes", "votes.csv", "--annotators", "people.csv")


def status_of_a_campaign() -> Ran:
    settings = load({"warehouse": str(WAREHOUSE)})
    create(settings, "told-of", Wanted("agreement", {"everybody": 1}, 1, 1, None, 0), ScriptedServer())
    return valueprism("campaign", "status", "told-of", "--warehouse", WAREHOUSE, "--json")


@pytest.mark.usefixtures("prefect_api")
def test_json_is_the_last_line_of_every_command() -> None:
    where = ("--warehouse", WAREHOUSE)
    with obliging() as one, obliging() as other:
        two_teachers(one, other)
        waived = ("--waive", "task_counts", "--waive", "training_allowed")
        built = build_with(["first", "second"])
        store_conduct("told", situation_id(TEXTS[0]))
        ran = {
            "build": built,
            "status": valueprism("status", *where, "--json"),
            "balance": valueprism("balance", *where, "--json"),
            "teachers compare": valueprism("teachers", "compare", *where, "--json"),
            "reparse": valueprism("reparse", *where, "--json"),
            "doctor": valueprism("doctor", *where, "--json"),
            "canonical update": valueprism("canonical", "update", *where, "--json"),
            "canonical audit": valueprism("canonical", "audit", "--out", "pairs.csv", *where, "--json"),
            "campaign plan": valueprism(*("campaign", "plan", *PLAN, *where, "--json")),
            "campaign simulate": valueprism(*("campaign", "simulate", *PLAN, *where, "--json")),
            "campaign quality": valueprism(*("campaign", "quality", "told", *where, "--json")),
            "campaign exclude": valueprism(*("campaign", "exclude", "told", *where, "--json")),
            "campaign readmit": valueprism(*("campaign", "readmit", "told", CARELESS, *where, "--json")),
            "campaign report": valueprism(*("campaign", "report", *votes_of_others(), "--out", "report", "--json")),
            "campaign missing": valueprism(*("campaign", "missing", "told", *where, "--json")),
            "campaign enrich": valueprism(*("campaign", "enrich", "told", "--teacher", "first", *where, "--json")),
            "campaign status": status_of_a_campaign(),
            "negatives audit": valueprism("negatives", "audit", "--judged", judged_negatives(), *where, "--json"),
            "batches list": valueprism("batches", "list", *where, "--json"),
            "batches cancel": valueprism("batches", "cancel", "--teacher", "first", *where, "--json"),
            "release create": valueprism(*("release", "create", "--version", "0.1.0", *where, "--json", *waived)),
        }
    keys = {
        "build": {"run_id", "situations", "asked", "known", "considerations", "funnel"},
        "status": {"totals", "funnel", "rejected", "kinds", "teachers", "runs"},
        "balance": {"leanings", "situations", "one_way", "contrived"},
        "teachers compare": {"comparisons"},
        "reparse": {"replies", "added", "removed", "changed", "rules"},
        "doctor": {"python", "prefect", "teacher local", "warehouse", "disk"},
        "canonical update": {"wordings", "considerations", "concerns"},
        "canonical audit": {"path", "pairs"},
        "campaign plan": {"study", "people", "answers", "pages", "strata", "usd"},
        "campaign simulate": {"votes", "people", "left", "short", "rejected", "attention"},
        "campaign quality": {"people", "would_exclude", "readmitted", "exclusions"},
        "campaign exclude": {"changed", "people", "exclusions"},
        "campaign readmit": {"changed", "people", "exclusions"},
        "campaign report": {"out", "page", "tables", "participation", "refused", "rates", "cautions"},
        "campaign missing": {"campaign", "answers", "outcomes", "wishes"},
        "campaign enrich": {"run_id", "asked", "known", "considerations", "spent"},
        "campaign status": {"answered", "left", "per_hour", "strata", "items", "stopped", "gold", "refused"},
        "negatives audit": {"easy", "all"},
        "batches list": {"batches"},
        "batches cancel": {"batches"},
        "release create": {"version", "path", "counts", "gates"},
    }
    without_server = {" ".join(words) for words in ALL if words not in GROUPS} - ON_SERVER
    assert ran.keys() == keys.keys() == without_server
    for name, ended in ran.items():
        assert keys[name] <= ended.summary.keys()
        assert ended.complaints == []


@pytest.mark.usefixtures("prefect_api")
def test_status_shows_what_the_warehouse_holds() -> None:
    with obliging() as server:
        run_id = build(server).summary["run_id"]
    ran = valueprism("status", "--warehouse", WAREHOUSE)
    assert (ran.code, ran.err) == (0, "")
    # Three replies of four items.
    assert (
        "3 situations (0 without considerations), 3 answers, 12 considerations (0 in conflict), 0 rejected" in ran.out
    )
    assert run_id in ran.out
    assert len(TEXTS) == 3


def test_doctor_finds_nothing_to_mend_here() -> None:
    ran = valueprism("doctor", "--json")
    assert ran.code == 0, ran.out
    assert set(ran.summary.values()) == {True}


def test_doctor_says_what_to_mend_and_ends_with_1() -> None:
    WAREHOUSE.mkdir()
    (WAREHOUSE / "warehouse.duckdb").write_text("no database")
    ran = valueprism("doctor", "--warehouse", WAREHOUSE, "--json")
    assert (ran.code, ran.err) == (1, "")
    assert json.loads(ran.out.splitlines()[-1])["warehouse"] is False
    assert "is not a DuckDB file" in ran.out
