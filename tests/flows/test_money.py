"""What a build will cost, said before, and the cap that it does not pass."""

from decimal import Decimal
from pathlib import Path

import pytest

from tests.flows.building import TEXTS, WAREHOUSE, build, build_with, obliging, priced, two_teachers
from tests.flows.command_line import valueprism
from tests.flows.jobs import good_reply, write_lines
from tests.flows.stored import outcomes, row_counts
from tests.teacher_server import TeacherServer

pytestmark = pytest.mark.usefixtures("prefect_api")


def test_a_dry_run_in_an_empty_folder_sends_nothing_stores_nothing_and_gives_bounds() -> None:
    with obliging() as server:
        priced(server, max_tokens=100)
        ran = build_with(["priced"], "--dry-run")
        assert server.received == []
    [found] = ran.summary["forecasts"]
    assert not WAREHOUSE.exists()
    assert (found["requests"], found["cached"], found["known"]) == (3, 0, 0)
    # Three replies of at most 100 tokens, at 0.001 dollars each.
    assert found["completion_tokens"] == {"low": 0, "likely": None, "high": 300}
    assert [Decimal(found["cost"][end]) for end in ("low", "high")] == [0, Decimal("0.3")]
    assert ran.complaints == []


def test_a_dry_run_fits_a_terminal_of_80_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    with obliging() as server:
        priced(server, model="gpt-4.1-mini-2025-04-14", max_tokens=2000)
        ran = build_with(["priced"], "--coverage", "--dry-run")
    lines = [" ".join(line.split("│")).split() for line in ran.out.splitlines()]
    # No word is broken, of the first questions and of those for coverage: 3 of the former, 16 times 3 of the latter.
    for row in (["model", *["gpt-4.1-mini-2025-04-14"] * 2], ["asked", "for", "considerations", "coverage"]):
        assert row in lines
    assert ["tokens", "out", "0", "to", "6,000", "0", "to", "96,000"] in lines


def test_a_dry_run_counts_what_is_known_and_learns_from_earlier_answers() -> None:
    with obliging() as server:
        priced(server)
        first = build_with(["priced"]).summary
        before = row_counts(WAREHOUSE)
        source = write_lines(Path("mine.jsonl"), [*TEXTS, "Feeding the neighbour's cat without asking"])
        ran = valueprism("build", "--situations", source, "--teacher", "priced", "--warehouse", WAREHOUSE, "--dry-run",
                         "--json")  # fmt: skip
        assert len(server.received) == 3
    [found] = ran.summary["forecasts"]
    assert (found["requests"], found["cached"], found["known"]) == (1, 3, 3)
    # One reply for everybody: no variance, and the next takes a third of what three took.
    each = first["completion_tokens"] // 3
    assert found["completion_tokens"] == {"low": each, "likely": each, "high": each}
    assert Decimal(found["cost"]["likely"]) == each * Decimal("0.001")
    assert row_counts(WAREHOUSE) == before


def test_a_price_that_nobody_knows_is_said_and_not_guessed() -> None:
    with obliging() as server:
        ran = build(server, "--model", "nobody-knows-it", "--dry-run")
    [found] = ran.summary["forecasts"]
    assert (found["cost"], found["price_source"]) == (None, "unknown")


def test_a_budget_that_is_spent_ends_the_run_well_and_says_what_is_left() -> None:
    replies = {text: good_reply(text) for text in TEXTS}
    with TeacherServer(replies) as server:
        # A request may cost 100 tokens, a tenth of a dollar; a reply takes about half of that. So one fits, and after
        # it, while less than 0.05 is spent, nothing more.
        priced(server, max_tokens=100)
        spent = build_with(["priced"], "--budget-usd", "0.1", "--concurrency", "1").summary
        assert spent["asked"] == len(server.received) == 1
        assert spent["unasked"] == 2
        assert 0 < Decimal(spent["cost"]) <= Decimal("0.1")
        assert spent["funnel"][2] == {"stage": "ask", "came_in": 1, "kept": 1, "held": 0, "rejected": 0}
        done = build_with(["priced"], "--budget-usd", "0.5").summary
        assert (done["asked"], done["known"], done["unasked"]) == (2, 1, 0)
    assert outcomes(WAREHOUSE) == ["done", "done"]


def test_several_teachers_share_one_budget() -> None:
    with obliging() as one, obliging() as other:
        two_teachers(one, other)
        with Path("valueprism.toml").open("a", encoding="utf-8") as file:
            file.write('prompt_price = 0\ncompletion_price = "1000"\nmax_tokens = 100\n')
        text = Path("valueprism.toml").read_text()
        shared = 'prompt_price = 0\ncompletion_price = "1000"\nmax_tokens = 100\n[teachers.second]'
        Path("valueprism.toml").write_text(text.replace("[teachers.second]", shared))
        spent = build_with(["first", "second"], "--budget-usd", "0.1", "--concurrency", "1").summary
        assert len(one.received) + len(other.received) == 1
    assert (spent["asked"], spent["unasked"]) == (1, 5)


def test_a_budget_that_cannot_be_kept_with_the_second_teacher_is_refused_before_the_first_is_paid() -> None:
    with obliging() as one, obliging() as other:
        priced(one)
        with Path("valueprism.toml").open("a", encoding="utf-8") as file:
            file.write(f'[teachers.unpriced]\nbase_url = "{other.base_url}"\nmodel = "m"\n')
        ran = build_with(["priced", "unpriced"], "--budget-usd", "1")
        assert (ran.code, one.received, WAREHOUSE.exists()) == (1, [], False)
    assert "the price of teacher 'unpriced' is unknown, so a budget cannot be kept" in ran.complaint


def test_a_budget_of_nothing_sends_nothing_and_ends_well() -> None:
    with obliging() as server:
        priced(server)
        ran = build_with(["priced"], "--budget-usd", "0").summary
        assert (ran["asked"], ran["unasked"], server.received) == (0, 3, [])


def test_a_budget_is_an_amount_of_dollars() -> None:
    with obliging() as server:
        for wrong in ("-1", "much", "nan", "inf"):
            ran = build(server, "--budget-usd", wrong)
            assert (ran.code, server.received) == (1, [])
            assert "setting 'budget_usd'" in ran.complaint
