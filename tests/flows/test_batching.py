"""Questions through the Batch API, without the rest of a build: whatever breaks, nothing is paid for twice."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from flows.asked import Asked
from flows.batching import Questions, batch_each, cancel_batches, list_batches
from flows.settings import Settings, load
from flows.storage import Storage
from tests.batch_api import STAYS, BatchApi
from tests.flows.building import TEXTS, WAREHOUSE
from tests.flows.jobs import good_reply
from tests.flows.stored import failed_tries, rejects
from tests.teacher_faults import Fault
from tests.teacher_server import TeacherServer
from tests.valueprism_build.teachers.situations import ask
from valueprism_build.errors import SettingsError, TeacherBusyError, TeacherError, TeacherStoppedError
from valueprism_build.records import Purpose
from valueprism_build.teachers.batch_results import BatchResults
from valueprism_build.teachers.batches import BatchState
from valueprism_build.teachers.budget import Budget
from valueprism_build.teachers.chat_request import ChatRequests
from valueprism_build.teachers.teacher import Ask, Message, utc_now

ANSWERS = {text: good_reply(text, number) for number, text in enumerate(TEXTS)}
ASKS = [ask(text) for text in TEXTS]


def settings_for(server: TeacherServer, *, warehouse: Path = WAREHOUSE, **batch: object) -> Settings:
    """Return settings under which a reply costs US$ 0.001 a token, and is at most 100 tokens long."""
    table = {"base_url": server.base_url, "model": "m", "attempts": 2, "wait_initial": 0.01, "timeout": 5}
    prices = {"prompt_price": "0", "completion_price": "1000", "max_tokens": 100}
    enabled = {"enabled": True, "poll_seconds": 0.01, **batch}
    return load({"warehouse": str(warehouse), "teacher": ["t"], "teachers": {"t": table | prices}, "batch": enabled})


def asked_by(settings: Settings, asks: Sequence[Ask] = ASKS, limit: str | None = None) -> Asked:
    [teacher] = settings.chosen
    budget = Budget(None if limit is None else Decimal(limit))
    return batch_each(settings, [Questions(teacher, asks)], "run", budget)["t"]


def listed(settings: Settings) -> list[tuple[str | None, str, int, int]]:
    """Return id, status, answered and failed of every batch."""
    return [(batch.batch_id, batch.status, batch.answered, batch.failed) for batch in list_batches(settings)]


def rules() -> list[str]:
    return [reject.rule for reject in rejects(WAREHOUSE)]


def test_nothing_to_ask_sends_nothing() -> None:
    api = BatchApi()
    with TeacherServer(ANSWERS, batch_api=api) as server:
        assert asked_by(settings_for(server), []) == Asked()
    assert api.calls == []


def test_to_list_and_to_cancel_nothing_makes_no_file() -> None:
    with TeacherServer({}) as server:
        assert listed(settings_for(server)) == []
        assert cancel_batches(settings_for(server), []) == []
    assert not WAREHOUSE.exists()


@pytest.mark.parametrize("limit", ["max_requests", "max_bytes"])
def test_files_are_split_as_the_settings_say(limit: str) -> None:
    api = BatchApi()
    with TeacherServer(ANSWERS, batch_api=api) as server:
        body = len(ChatRequests(settings_for(server).chosen[0]).body(ASKS[0]))
        # A line is its body and about 100 bytes more: two fit into two bodies and a half, three do not.
        most = 2 if limit == "max_requests" else body * 5 // 2
        assert asked_by(settings_for(server, **{limit: most})).answered == 3  # type: ignore[arg-type]
    assert [len(batch.asked) for batch in api.batches] == [2, 1]


def test_a_request_that_is_refused_is_set_aside_and_the_others_are_kept() -> None:
    with TeacherServer({text: ANSWERS[text] for text in TEXTS[:2]}, batch_api=BatchApi()) as server:
        settings = settings_for(server)
        asked = asked_by(settings)
    assert (asked.answered, asked.failed) == (2, 1)
    [reject] = rejects(WAREHOUSE)
    assert (reject.stage, reject.rule) == ("ask", "teacher_error")
    assert "answered 400: " in reject.detail
    assert "no answer for this situation" in reject.detail
    assert listed(settings) == [("batch_1", "completed", 2, 1)]


def test_questions_of_any_purpose_go_by_batches_and_come_back_as_what_they_were() -> None:
    views = [replace(ASKS[0], purpose=Purpose.COVERAGE, subject=subject) for subject in ("one", "other")]
    # The second view is asked in other words, which the teacher has no answer for; the first one is asked twice.
    strange = replace(views[1], messages=(*views[1].messages[:-1], Message("user", "What else?")))
    with TeacherServer(ANSWERS, batch_api=BatchApi()) as server:
        settings = settings_for(server)
        asked = asked_by(settings, [views[0], strange, views[0]])
    assert (asked.asked, asked.answered, asked.failed, asked.waiting) == (2, 1, 1, 0)
    with Storage(settings).journal() as journal:
        [answer] = journal.for_situations([views[0].situation_id], [Purpose.COVERAGE])
        [failure] = journal.errors()
    assert (answer.purpose, answer.subject) == (Purpose.COVERAGE, "one")
    assert (failure.purpose, failure.subject) == (Purpose.COVERAGE, "other")
    assert [(reject.stage, reject.subject) for reject in rejects(WAREHOUSE)] == [("coverage", failure.request_hash)]


def test_what_another_process_is_asking_is_put_into_no_batch() -> None:
    api = BatchApi()
    with TeacherServer(ANSWERS, batch_api=api) as server:
        settings = settings_for(server)
        theirs = ChatRequests(settings.chosen[0]).identity(ASKS[0])
        with Storage(settings).journal() as other:
            assert other.claim([theirs], utc_now(), timedelta(minutes=1)).granted == {theirs}
            asked = asked_by(settings)
            assert (asked.asked, asked.answered, asked.waiting) == (3, 2, 1)
            assert theirs not in api.asked
            other.release([theirs])
        assert asked_by(settings).answered == 1


def test_what_was_claimed_for_a_batch_that_could_not_be_sent_is_free_again() -> None:
    with TeacherServer(ANSWERS, batch_api=BatchApi(broken={"upload": [400]})) as server:
        settings = settings_for(server)
        with pytest.raises(TeacherError, match="answered 400"):
            asked_by(settings)
        hashes = [ChatRequests(settings.chosen[0]).identity(one) for one in ASKS]
        with Storage(settings).journal() as other:
            assert other.claim(hashes, utc_now(), timedelta(minutes=1)).granted == set(hashes)


def test_when_a_part_of_the_results_was_stored_before_a_kill_the_rest_is_taken_and_counts_once() -> None:
    with TeacherServer(ANSWERS, batch_api=BatchApi()) as server:
        settings = settings_for(server)
        assert asked_by(settings_for(server, wait=False)).waiting == 3
        with Storage(settings).batches() as batches:
            [batch] = batches.all()
            part = BatchResults(batch, BatchState("batch_1", "file-1", "failed"), utc_now(), None)
            [outcome] = part.outcomes(batches.requests(batch)[:1], [])
            batches.take(batch, [replace(outcome.answer, error=None, text="stored before")], [])
        assert asked_by(settings).answered == 2
    with Storage(settings).journal() as journal:
        texts = [one.text for one in journal.for_situations([one.situation_id for one in ASKS], list(Purpose))]
    assert (len(texts), texts.count("stored before")) == (3, 1)
    assert listed(settings) == [("batch_1", "completed", 3, 0)]


def test_replies_that_are_lost_make_no_second_batch() -> None:
    # Each step is done and then answered with an error once, and tried again.
    broken = {step: [500] for step in ("upload", "create", "retrieve", "content")}
    api = BatchApi(broken=broken)
    with TeacherServer(ANSWERS, batch_api=api) as server:
        assert asked_by(settings_for(server)).answered == 3
    assert len(api.batches) == 1
    # The second try to make it finds it in the listing.
    assert [api.calls.count(step) for step in ("upload", "create", "list", "content")] == [2, 1, 1, 2]


def test_an_endpoint_that_stays_broken_stops_the_run_and_the_next_one_goes_on() -> None:
    api = BatchApi(broken={"create": [429], "list": [429]})
    with TeacherServer(ANSWERS, batch_api=api) as server:
        settings = settings_for(server)
        with pytest.raises(TeacherBusyError, match="answered 429"):
            asked_by(settings)
        assert listed(settings) == [(None, "uploaded", 0, 0)]
        assert asked_by(settings).answered == 3
    assert (len(api.batches), api.calls.count("upload"), api.calls.count("create")) == (1, 1, 1)


def test_a_batch_that_nobody_knows_to_be_made_is_found_on_a_later_page_of_the_listing() -> None:
    api = BatchApi(broken={"create": [500], "list": [500]}, page=1)
    with TeacherServer(ANSWERS, batch_api=api) as server:
        with pytest.raises(TeacherBusyError, match="answered 500"):
            asked_by(settings_for(server))
        assert asked_by(settings_for(server, warehouse=Path("another"))).answered == 3  # a newer batch, of others
        assert asked_by(settings_for(server)).answered == 3
    assert (len(api.batches), api.calls.count("create")) == (2, 2)


def test_a_batch_that_is_refused_is_sent_anew_by_the_next_run() -> None:
    api = BatchApi(accepts=False)
    with TeacherServer(ANSWERS, batch_api=api) as server:
        settings = settings_for(server)
        with pytest.raises(TeacherError, match="answered 400: "):
            asked_by(settings)
        assert listed(settings) == []
        api.accepts = True
        assert asked_by(settings).answered == 3
    assert api.calls.count("upload") == 2


def test_a_refused_key_stops_the_run_with_one_line() -> None:
    said = r"refused the key \(401\): set VALUEPRISM_TEACHERS__T__API_KEY"
    server = TeacherServer(ANSWERS, batch_api=BatchApi(), key="another")
    with server, pytest.raises(TeacherStoppedError, match=said):
        asked_by(settings_for(server))


def test_a_web_page_instead_of_results_loses_none_of_them() -> None:
    with TeacherServer(ANSWERS, batch_api=BatchApi(broken={"content": [Fault.HTML]})) as server:
        settings = settings_for(server)
        with pytest.raises(TeacherError, match="the files of batch batch_1 hold no result"):
            asked_by(settings)
        assert listed(settings) == [("batch_1", "completed", 0, 0)]
        assert (asked_by(settings).answered, rules()) == (3, [])


def test_results_that_are_gone_are_counted_at_their_worst_and_asked_for_again() -> None:
    api = BatchApi()
    with TeacherServer(ANSWERS, batch_api=api) as server:
        assert asked_by(settings_for(server, wait=False)).waiting == 3
        api.end()
        api.files.clear()
        gone = asked_by(settings_for(server))
        # Replies of at most 100 tokens at half of 0.001 dollars each; nobody knows what they were.
        assert (gone.failed, gone.cost, rules()) == (3, Decimal("0.15"), ["batch_incomplete"] * 3)
        assert [Decimal(cost or 0) for cost in failed_tries(WAREHOUSE)] == [Decimal("0.05")] * 3
        assert (asked_by(settings_for(server)).answered, rules()) == (3, [])


@pytest.mark.parametrize("looks", [2, 3])
def test_an_endpoint_that_is_away_for_a_while_is_waited_for(looks: int) -> None:
    # Two tries make a look: two looks in vain, one that serves, and again two in vain.
    away = {"retrieve": [*[Fault.RESET] * 4, None, *[Fault.RESET] * 4]}
    api = BatchApi(broken=away, course=("in_progress",) * 9 + ("completed",))
    with TeacherServer(ANSWERS, batch_api=api) as server:
        settings = settings_for(server, bad_looks=looks)
        if looks == 2:
            with pytest.raises(TeacherBusyError, match="broke the connection"):
                asked_by(settings)
        else:
            assert asked_by(settings).answered == 3


def test_what_a_batch_did_not_cost_is_there_for_the_next_questions_of_the_run() -> None:
    # A reply of three words costs 0.0015, at worst 0.05: two fit into 0.1, and when they have come, two more nearly do.
    short = dict.fromkeys(TEXTS, "a short one")
    with TeacherServer(short, batch_api=BatchApi()) as server:
        settings = settings_for(server)
        budget = Budget(Decimal("0.1"))
        counts = [batch_each(settings, [Questions(settings.chosen[0], ASKS)], "run", budget)["t"] for _ in range(2)]
    assert [(asked.answered, asked.cached, asked.unasked) for asked in counts] == [(2, 0, 1), (1, 2, 0)]
    assert (budget.spent, budget.reserved) == (3 * Decimal("0.0015"), Decimal(0))


@pytest.mark.parametrize("more", [{"prompt_price": None, "completion_price": None}, {"max_tokens": None}])
def test_a_budget_that_cannot_be_kept_is_refused_before_anything_is_sent(more: dict[str, None]) -> None:
    api = BatchApi()
    with TeacherServer(ANSWERS, batch_api=api) as server:
        settings = settings_for(server)
        teacher = replace(settings.chosen[0], **more)  # type: ignore[arg-type]
        with pytest.raises(SettingsError, match="so a budget cannot be kept"):
            batch_each(settings, [Questions(teacher, ASKS)], "run", Budget(Decimal(1)))
    assert api.calls == []


def test_cancelling_one_batch_waits_for_no_other() -> None:
    with TeacherServer(ANSWERS, batch_api=BatchApi(course=STAYS)) as server:
        assert asked_by(settings_for(server, wait=False, max_requests=2)).waiting == 3
        [left] = cancel_batches(settings_for(server), ["batch_1"])
    assert (left.batch_id, left.requests) == ("batch_2", 1)


def test_a_batch_that_ended_meanwhile_is_taken_when_it_is_cancelled() -> None:
    api = BatchApi()
    with TeacherServer(ANSWERS, batch_api=api) as server:
        settings = settings_for(server, wait=False)
        assert asked_by(settings).waiting == 3
        api.end()
        assert cancel_batches(settings, []) == []
    assert listed(settings) == [("batch_1", "completed", 3, 0)]
