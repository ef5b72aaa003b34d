"""Building through the Batch API: what one build by batches gives is what another gives that asks one by one."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from tests.batch_api import COMPLETES, EXPIRES, STAYS, BatchApi
from tests.flows.building import TEXTS, WAREHOUSE, build, build_with, priced, two_teachers
from tests.flows.command_line import Ran, ended, started, valueprism
from tests.flows.jobs import good_reply, make_job, write_lines
from tests.flows.missing import two_things_missing, write_views
from tests.flows.stored import data_digests, failed_tries, outcomes, rejects, row_counts
from tests.teacher_server import TeacherServer

pytestmark = pytest.mark.usefixtures("prefect_api")

ANSWERS = {text: good_reply(text, number) for number, text in enumerate(TEXTS)}


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VALUEPRISM_BATCH__POLL_SECONDS", "0.01")
    monkeypatch.setenv("VALUEPRISM_TEACHERS__OPENAI__ATTEMPTS", "2")
    monkeypatch.setenv("VALUEPRISM_TEACHERS__OPENAI__WAIT_INITIAL", "0.01")
    monkeypatch.setenv("VALUEPRISM_TEACHERS__OPENAI__TIMEOUT", "5")


def cancel(server: TeacherServer, *arguments: object) -> Ran:
    teacher = ("--teacher", "openai", "--base-url", server.base_url, "--warehouse", WAREHOUSE)
    return valueprism("batches", "cancel", *arguments, *teacher, "--json")


def listed() -> list[tuple[str | None, str, int, int, bool]]:
    """Return id, status, answered, failed and taken of every batch."""
    rows = valueprism("batches", "list", "--warehouse", WAREHOUSE, "--json").summary["batches"]
    return [(row["batch_id"], row["status"], row["answered"], row["failed"], row["taken"]) for row in rows]


def rules() -> list[str]:
    return [reject.rule for reject in rejects(WAREHOUSE)]


@pytest.mark.parametrize("name", ["written here", pytest.param("shared/data", marks=pytest.mark.slow)])
def test_batches_and_single_requests_give_the_same_release(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    job, api = make_job(name, tmp_path), BatchApi()
    digests, counts = [], []
    monkeypatch.setenv("VALUEPRISM_BATCH__MAX_REQUESTS", "25")
    with TeacherServer(job.answers, batch_api=api) as server:
        source = ("--situations", job.situations, "--licence", "CC0-1.0")
        teacher = ("--teacher", "openai", "--base-url", server.base_url, "--json")
        for way in ((), ("--batch",)):
            where = ("--warehouse", tmp_path / f"warehouse{len(way)}")
            built = valueprism("build", *source, *teacher, *where, *way).summary
            assert (built["asked"], built["waiting"]) == (len(job.answers), 0)
            releases = tmp_path / f"releases{len(way)}"
            assert valueprism("release", "create", "--version", "0.1.0", *where, "--releases", releases).code == 0
            digests.append(data_digests(releases / "0.1.0"))
            counts.append(row_counts(where[1]))
    assert len(server.received) == len(set(api.asked)) == len(api.asked) == len(job.answers)
    assert len(api.batches) == -(-len(job.answers) // 25)  # rounded up
    assert counts[0] == counts[1]
    assert digests[0] == digests[1]


def test_two_teachers_are_sent_their_batches_before_either_is_waited_for() -> None:
    one, other = BatchApi(), BatchApi()
    with TeacherServer(ANSWERS, batch_api=one) as first, TeacherServer(ANSWERS, batch_api=other) as second:
        two_teachers(first, second)
        sent_before: list[int] = []
        one.replied = lambda step: sent_before.append(len(other.batches)) if step == "retrieve" else None
        by_batches = build_with(["first", "second"], "--batch").summary
        online = build_with(["first", "second"], "--warehouse", "online").summary
    assert sent_before[0] == 1
    assert {name: asked["answered"] for name, asked in by_batches["teachers"].items()} == {"first": 3, "second": 3}
    assert by_batches["funnel"] == online["funnel"]
    assert row_counts(WAREHOUSE) == row_counts(Path("online"))


def test_coverage_and_relevance_by_batches_give_the_same_release_waited_for_or_not() -> None:
    write_views()
    api = BatchApi()
    with replace(two_things_missing(), likely=lambda _: {"Yes": -0.5, "No": -1.0}, batch_api=api) as server:
        asked = ("--coverage", "--relevance", "--licence", "CC0-1.0", "--warehouse")
        online = build(server, *asked, "online").summary
        waited = build(server, *asked, "waited", "--batch").summary
        runs = 0
        while build(server, *asked, "looked", "--batch", "--no-wait").summary["waiting"]:
            runs += 1
    assert waited["funnel"] == online["funnel"]
    assert len(api.asked) == 2 * len(server.received)
    assert 1 < runs < 50  # each round of questions has a batch, and each batch is looked at three times
    digests = []
    for built in ("online", "waited", "looked"):
        where = ("--warehouse", built, "--releases", f"releases-{built}", "--waive", "task_counts")
        assert valueprism("release", "create", "--version", "0.1.0", *where).code == 0
        digests.append(data_digests(Path(f"releases-{built}", "0.1.0")))
    assert digests[0] == digests[1] == digests[2]


def test_a_build_that_does_not_wait_is_gone_on_with_by_the_same_command() -> None:
    api = BatchApi(course=("in_progress", "completed"))
    with TeacherServer(ANSWERS, batch_api=api) as server:
        first = build(server, "--batch", "--no-wait")
        assert "3 questions wait in batches" in first.out
        assert (first.summary["asked"], first.summary["waiting"]) == (0, 3)
        second = build(server, "--batch", "--no-wait").summary
        assert (second["asked"], second["waiting"], second["considerations"]) == (3, 0, 12)  # four in each reply
        third = build(server, "--batch").summary
        assert (third["asked"], third["known"]) == (0, 3)
    assert len(api.batches) == 1
    assert listed() == [("batch_1", "completed", 3, 0, True)]
    assert server.received == []


def test_what_waits_in_a_batch_is_not_asked_one_by_one_and_the_rest_is() -> None:
    with TeacherServer(ANSWERS, batch_api=BatchApi(course=STAYS)) as server:
        assert build(server, "--batch", "--no-wait", "--limit", "1").code == 0
        built = build(server)
        assert (built.summary["asked"], built.summary["waiting"]) == (2, 1)
        assert {"stage": "ask", "came_in": 2, "kept": 2, "held": 0, "rejected": 0} in built.summary["funnel"]
        assert "1 questions wait in batches" in built.out
        assert sorted(server.delivered) == TEXTS[1:]
        forecast = build(server, "--dry-run").summary["forecasts"][0]
    assert (forecast["requests"], forecast["cached"], forecast["waiting"]) == (0, 2, 1)


def test_a_batch_that_expires_gives_what_it_has_and_the_next_run_asks_for_the_rest() -> None:
    api = BatchApi(course=EXPIRES, reached=1)
    with TeacherServer(ANSWERS, batch_api=api) as server:
        first = build(server, "--batch").summary
        assert (first["asked"], rules()) == (1, ["batch_expired"] * 2)
        assert {"stage": "ask", "came_in": 3, "kept": 1, "held": 0, "rejected": 2} in first["funnel"]
        assert failed_tries(WAREHOUSE) == ["0", "0"]  # what was not come to costs nothing
        api.course = COMPLETES
        second = build(server, "--batch").summary
        assert (second["asked"], second["known"], rules()) == (2, 1, [])
    assert sorted(len(batch.asked) for batch in api.batches) == [2, 3]


def test_a_batch_that_fails_as_a_whole_stops_the_run_with_one_line() -> None:
    with TeacherServer(ANSWERS, batch_api=BatchApi(course=("failed",))) as server:
        ran = build(server, "--batch")
    assert ran.code == 1
    assert ran.complaint.startswith("all 3 requests to openai failed, the last with: batch batch_1 ended as failed")
    assert rules() == ["batch_failed"] * 3
    assert outcomes(WAREHOUSE) == ["failed"]


def test_a_cancelled_batch_gives_what_it_has_and_frees_the_rest() -> None:
    with TeacherServer(ANSWERS, batch_api=BatchApi(course=STAYS, reached=1)) as server:
        assert build(server, "--batch", "--no-wait").code == 0
        assert "no batch batch_7 of openai is under way" in cancel(server, "batch_7").complaint
        assert cancel(server, "batch_1").summary == {"batches": []}
        assert listed() == [("batch_1", "cancelled", 1, 2, True)]
        built = build(server).summary  # one by one now
        assert (built["asked"], built["known"]) == (2, 1)
    assert rules() == []


def test_who_names_no_teacher_is_told_whose_batches_are_under_way() -> None:
    where = ("--warehouse", WAREHOUSE)
    nothing = valueprism("batches", "list", *where)
    assert (nothing.code, nothing.out) == (0, f"no batch was made from {WAREHOUSE} yet\n")
    with TeacherServer(ANSWERS, batch_api=BatchApi(course=STAYS)) as server:
        sent = build(server, "--batch", "--no-wait")
        assert "sending to openai: 3" in sent.err
        assert "batch 1 made, 0 known" in sent.err
        assert valueprism("batches", "cancel", *where).complaint == (
            "no batch of local is under way; name openai with --teacher"
        )
        ended_ = cancel(server)
        assert "no batch of openai is under way now" in ended_.out
        assert cancel(server).out == ended_.out
        assert valueprism("batches", "cancel", *where).code == 0


def test_a_batch_that_the_endpoint_does_not_know_is_forgotten_when_it_is_cancelled() -> None:
    api = BatchApi(course=STAYS)
    with TeacherServer(ANSWERS, batch_api=api) as server:
        assert build(server, "--batch", "--no-wait").code == 0
        api.batches.clear()
        complaint = build(server, "--batch").complaint
        assert "answered 404" in complaint
        assert "run `valueprism batches cancel` first" in complaint
        assert cancel(server).code == 0
        assert listed() == []
        assert build(server).summary["asked"] == 3


def test_the_key_is_in_nothing_that_is_said_sent_or_written(monkeypatch: pytest.MonkeyPatch) -> None:
    canary = "sk-canary-7f3a9"
    monkeypatch.setenv("VALUEPRISM_TEACHERS__OPENAI__API_KEY", canary)
    broken = {"upload": [400], "create": [500], "list": [500], "retrieve": [400], "content": [418]}
    answers = {TEXTS[0]: f"no considerations, but {canary}", TEXTS[1]: ANSWERS[TEXTS[1]]}
    api = BatchApi(broken=broken)
    with TeacherServer(answers, batch_api=api, key=canary) as server:
        complaints = [build(server, "--batch").complaint for _ in range(4)]
        assert all("it broke for Bearer ***" in complaint for complaint in complaints)
        ran = build(server, "--batch")
        assert ran.summary["asked"] == 2
        said = [*complaints, ran.out, ran.err]
    assert not [line for line in said if canary in line]
    assert not [file for file in api.sent if canary.encode() in file]
    assert not [path for path in Path().rglob("*") if path.is_file() and canary.encode() in path.read_bytes()]


@pytest.mark.slow
def test_two_builds_at_once_put_each_request_into_one_batch(prefect_api: str, tmp_path: Path) -> None:
    api = BatchApi()
    with TeacherServer(ANSWERS, batch_api=api) as server:
        source = write_lines(tmp_path / "mine.jsonl", TEXTS)
        teacher = ["--teacher", "openai", "--base-url", server.base_url, "--json", "--batch"]
        arguments = ["build", "--situations", str(source), *teacher, "--warehouse", str(tmp_path / WAREHOUSE)]
        environment = {"PREFECT_API_URL": prefect_api, "VALUEPRISM_BATCH__MAX_REQUESTS": "1"}
        errs = [tmp_path / "one.txt", tmp_path / "two.txt"]
        both = [started(arguments, environment, err) for err in errs]
        ran = [ended(process, err) for process, err in zip(both, errs, strict=True)]
    assert [(one.summary["asked"] + one.summary["known"], one.summary["waiting"]) for one in ran] == [(3, 0), (3, 0)]
    assert sorted(api.asked) == sorted(set(api.asked))
    assert len(api.batches) == 3


@pytest.mark.parametrize("there", [True, False])
def test_a_teacher_without_batches_is_said_in_one_line(there: bool) -> None:
    with TeacherServer(ANSWERS) as server:
        ran = build(server, "--batch") if there else valueprism("build", "--batch", "--teacher", "local")
    assert ran.code == 1
    assert "leave out --batch" in ran.complaint


def test_a_batch_costs_half_and_a_dry_run_says_so_before() -> None:
    api = BatchApi()
    with TeacherServer(ANSWERS, batch_api=api) as server:
        priced(server, max_tokens=100)
        dry = build_with(["priced"], "--batch", "--dry-run").summary["forecasts"][0]
        # Three replies of at most 100 tokens, at half of 0.001 dollars each.
        assert Decimal(dry["cost"]["high"]) == Decimal("0.15")
        assert dry["price_source"] == "settings, halved"
        assert api.calls == []
        online = build_with(["priced"], "--warehouse", "online").summary
        by_batches = build_with(["priced"], "--batch").summary
    assert Decimal(by_batches["cost"]) * 2 == Decimal(online["cost"]) > 0


def test_a_budget_bounds_at_worst_what_is_sent_and_the_rest_is_said() -> None:
    api = BatchApi()
    with TeacherServer(ANSWERS, batch_api=api) as server:
        # A request may cost 100 tokens at 0.0005 dollars: two fit, to the cent.
        priced(server, max_tokens=100)
        first = build_with(["priced"], "--batch", "--budget-usd", "0.1")
        assert (first.summary["asked"], first.summary["unasked"], len(api.asked)) == (2, 1, 2)
        assert "the budget is spent: 1 questions are left" in first.out
        assert 0 < Decimal(first.summary["cost"]) <= Decimal("0.1")
        second = build_with(["priced"], "--batch", "--budget-usd", "0.05").summary
        assert (second["asked"], second["known"], second["unasked"]) == (1, 2, 0)
    assert outcomes(WAREHOUSE) == ["done", "done"]
