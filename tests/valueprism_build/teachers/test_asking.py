import asyncio
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from tests.teacher_faults import Fault
from tests.teacher_server import TeacherServer
from tests.valueprism_build.teachers.situations import ask, numbered, reply
from valueprism_build.errors import TeacherStoppedError, WarehouseError
from valueprism_build.records import Answer, FailedTry, Purpose, Stage
from valueprism_build.teachers.asking import ask_all
from valueprism_build.teachers.batches import Batch, batch_line
from valueprism_build.teachers.budget import Budget
from valueprism_build.teachers.openai_teacher import OpenAITeacher
from valueprism_build.teachers.tally import AskProgress
from valueprism_build.teachers.teacher import Ask, Claimed, OnFailedTry, TeacherSettings, utc_now
from warehouse.batch_journal import BatchJournal
from warehouse.journal import AnswerJournal

TEXTS = numbered(20)
ASKS = [ask(text) for text in TEXTS]


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[AnswerJournal]:
    with AnswerJournal(tmp_path / "answers.sqlite") as opened:
        yield opened


@contextmanager
def serving(**how: object) -> Iterator[tuple[TeacherServer, TeacherSettings]]:
    with TeacherServer({text: reply(text) for text in TEXTS}, **how) as server:  # type: ignore[arg-type]
        yield server, TeacherSettings("replay", server.base_url, "m", attempts=2, wait_initial=0.01, timeout=5)


async def test_every_question_is_answered_and_stored(journal: AnswerJournal) -> None:
    with serving() as (_server, settings):
        async with OpenAITeacher(settings) as teacher:
            report = await ask_all(teacher, ASKS, journal)
    assert (report.answered, report.cached, report.repeated, report.rejected) == (20, 0, 0, [])
    assert report.completion_tokens == sum(len(reply(text).split()) for text in TEXTS)
    stored = journal.for_situations([a.situation_id for a in ASKS], tuple(Purpose))
    assert {a.text for a in stored} == {reply(text) for text in TEXTS}


async def test_a_second_run_asks_only_what_is_new(journal: AnswerJournal) -> None:
    with serving() as (server, settings):
        async with OpenAITeacher(settings) as teacher:
            await ask_all(teacher, ASKS[:19], journal)
            again = await ask_all(teacher, ASKS[:19], journal)
            more = await ask_all(teacher, ASKS, journal, lookup=7)
    assert (again.answered, again.cached) == (0, 19)
    assert (more.answered, more.cached) == (1, 19)
    assert len(server.received) == 19 + 1


async def test_of_an_endpoint_that_says_something_else_each_time_what_was_stored_first_stands(
    journal: AnswerJournal,
) -> None:
    asked = [a.situation_id for a in ASKS]
    with serving(fickle=True, faults={TEXTS[0]: [Fault.HALF_BODY]}) as (server, settings):
        async with OpenAITeacher(settings) as teacher:
            await ask_all(teacher, ASKS, journal)
            first = journal.for_situations(asked, tuple(Purpose))
            await ask_all(teacher, ASKS, journal)
    assert journal.for_situations(asked, tuple(Purpose)) == first
    assert len({answer.text for answer in first}) == len(server.delivered) == 20


async def test_the_same_request_twice_is_asked_once(journal: AnswerJournal) -> None:
    with serving() as (server, settings):
        async with OpenAITeacher(settings) as teacher:
            report = await ask_all(teacher, [ASKS[0], ASKS[1], ASKS[0]], journal, lookup=1)
    assert (report.answered, report.repeated) == (2, 1)
    assert len(server.received) == 2


async def test_a_failed_row_is_set_aside_with_its_error_and_asked_again_next_time(journal: AnswerJournal) -> None:
    with serving(faults={TEXTS[3]: [Fault.BAD_REQUEST], TEXTS[5]: [Fault.BUSY] * 2}) as (_server, settings):
        async with OpenAITeacher(settings) as teacher:
            first = await ask_all(teacher, ASKS, journal)
            errors = journal.errors()
            second = await ask_all(teacher, ASKS, journal)
    assert first.answered == 18
    assert {(r.stage, r.rule) for r in first.rejected} == {(Stage.ASK, "teacher_error"), (Stage.ASK, "teacher_busy")}
    assert {r.subject_id for r in first.rejected} == {e.request_hash for e in errors}
    assert all("answered 4" in (e.error or "") for e in errors)  # 400 and 429
    assert (second.answered, second.cached, journal.errors()) == (2, 18, [])


async def test_a_refused_key_ends_the_run_and_keeps_what_arrived(journal: AnswerJournal) -> None:
    with serving() as (server, settings):
        async with OpenAITeacher(settings) as teacher:
            await ask_all(teacher, ASKS[:4], journal)
        server.key = "changed"
        async with OpenAITeacher(settings) as teacher:
            with pytest.raises(TeacherStoppedError, match="refused the key"):
                await ask_all(teacher, ASKS, journal, concurrency=4)
    assert journal.count() == 4
    assert len(server.received) <= 4 + 4  # nothing new is sent once one of the four under way is refused


async def test_what_is_under_way_when_the_teacher_stops_is_heard_out(journal: AnswerJournal) -> None:
    """Cut off, a paid reply would be lost, and a request that is about to be refused counted at its worst."""
    with serving(key="right", latency=0.2, faults={TEXTS[3]: [Fault.QUOTA]}) as (server, settings):
        async with OpenAITeacher(replace(settings, **PRICED)) as teacher:  # type: ignore[arg-type]
            with pytest.raises(TeacherStoppedError, match="refused the key"):
                await ask_all(teacher, ASKS, journal, concurrency=8)
        tries = journal.failed_tries()
        assert [(one.outcome_known, one.cost) for one in tries] == [(True, Decimal(0))] * 8
        async with OpenAITeacher(replace(settings, api_key="right")) as teacher:
            with pytest.raises(TeacherStoppedError, match="quota is spent"):
                await ask_all(teacher, ASKS[:8], journal, concurrency=8)
    assert journal.count() == 7
    assert len(server.received) == 16


async def test_a_request_that_hangs_when_the_teacher_stops_is_waited_for_no_longer_than_the_grace(
    journal: AnswerJournal,
) -> None:
    with serving(faults={TEXTS[0]: [Fault.HANG], TEXTS[1]: [Fault.QUOTA]}) as (_, settings):
        async with OpenAITeacher(settings) as teacher:
            with pytest.raises(TeacherStoppedError, match="quota is spent"):
                async with asyncio.timeout(4):  # the time-out of the request is 5 s
                    await ask_all(teacher, ASKS, journal, concurrency=2, grace_seconds=0.1)
    assert [one.error for one in journal.failed_tries() if not one.outcome_known] == ["given up while under way"]


async def test_too_many_failures_in_a_row_end_the_run_with_the_last_error(journal: AnswerJournal) -> None:
    with serving(always=Fault.HTML) as (server, settings):
        async with OpenAITeacher(settings) as teacher:
            with pytest.raises(TeacherStoppedError, match=r"5 requests in a row.*no chat completion"):
                await ask_all(teacher, ASKS, journal, concurrency=1, max_failures_in_row=5)
    assert len(server.received) == 5
    assert len(journal.errors()) == 5


async def test_failures_with_a_reply_between_them_do_not_add_up(journal: AnswerJournal) -> None:
    faults = {text: [Fault.HTML] for i, text in enumerate(TEXTS) if i % 3}
    with serving(faults=faults) as (_, settings):
        async with OpenAITeacher(settings) as teacher:
            report = await ask_all(teacher, ASKS, journal, concurrency=1, max_failures_in_row=3)
    # Replies to 0, 3, ..., 18; two failures between them.
    assert (report.answered, len(report.rejected)) == (7, 13)


async def test_no_question_is_no_work(journal: AnswerJournal) -> None:
    async with OpenAITeacher(TeacherSettings("replay", "http://127.0.0.1:1/v1", "m")) as teacher:
        report = await ask_all(teacher, [], journal)
    assert (report.answered, report.cached, report.rejected) == (0, 0, [])


async def test_a_cancelled_run_keeps_what_arrived_and_leaves_the_rest_to_others(
    journal: AnswerJournal, tmp_path: Path
) -> None:
    with serving(faults={text: [Fault.HANG] for text in TEXTS[10:]}) as (server, settings):
        async with OpenAITeacher(settings) as teacher:
            run = asyncio.create_task(ask_all(teacher, ASKS, journal, concurrency=4))
            while len(server.delivered) < 10:
                await asyncio.sleep(0.01)
            await asyncio.sleep(0.1)  # delivered is handed to the connection; this side still reads it
            run.cancel()
            with pytest.raises(asyncio.CancelledError):
                await run
            hashes = [teacher.request_hash(ask) for ask in ASKS]
    assert journal.count() == 10
    with AnswerJournal(tmp_path / "answers.sqlite") as other:
        assert other.claim(hashes, utc_now(), timedelta(minutes=1)).granted == set(hashes[10:])


async def test_progress_counts_only_what_is_stored(journal: AnswerJournal) -> None:
    seen: list[tuple[int, int]] = []

    def on_answer(progress: AskProgress) -> None:
        seen.append((progress.answered, journal.count()))

    with serving() as (_, settings):
        async with OpenAITeacher(settings) as teacher:
            await ask_all(teacher, ASKS, journal, on_answer=on_answer)
    assert all(counted <= stored for counted, stored in seen)
    assert seen[-1] == (20, 20)


async def test_a_store_that_fails_ends_the_run_with_its_error(journal: AnswerJournal) -> None:
    class FullStore:
        def add(self, answers: Sequence[Answer], failed_tries: Sequence[FailedTry] = ()) -> None:
            raise WarehouseError("the disk is full: free some space")

        def answered(self, hashes: Sequence[str]) -> set[str]:
            return set()

        def claim(self, hashes: Sequence[str], now: datetime, lease: timedelta) -> Claimed:
            return Claimed(set(), set(hashes))

        def renew(self, hashes: Sequence[str], now: datetime, lease: timedelta) -> None:
            pass

        def release(self, hashes: Sequence[str]) -> None:
            pass

        def for_situations(self, situation_ids: Sequence[str], purposes: Sequence[Purpose]) -> list[Answer]:
            return []

    with serving() as (server, settings):
        async with OpenAITeacher(settings) as teacher:
            with pytest.raises(WarehouseError, match="disk is full"):
                await ask_all(teacher, ASKS, FullStore(), concurrency=2)
    assert len(server.received) <= 4


@dataclass
class InstantTeacher:
    """Answers at once and remembers how many questions were under way."""

    under_way: int = 0
    most: int = 0
    name: str = "instant"
    model: str = "m"

    def params(self, purpose: Purpose) -> str:
        return "{}"

    def request_hash(self, ask: Ask) -> str:
        return f"{ask.sample_index:032x}"

    async def answer(self, ask: Ask, on_failed_try: OnFailedTry) -> Answer:
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        await asyncio.sleep(0)
        self.under_way -= 1
        return replace(TEMPLATE, request_hash=self.request_hash(ask))


TEMPLATE = Answer(
    request_hash="",
    situation_id="s",
    teacher="instant",
    model="m",
    prompt_version="v",
    params="{}",
    text="{}",
    finish_reason="stop",
    prompt_tokens=1,
    completion_tokens=1,
    cost=None,
    latency=0.0,
    created_at=datetime(2026, 1, 1, tzinfo=UTC),
)


async def test_questions_are_taken_as_they_are_needed_and_never_more_under_way_than_allowed(
    journal: AnswerJournal,
) -> None:
    taken = 0
    ahead = []

    def questions() -> Iterator[Ask]:
        nonlocal taken
        for i in range(2000):
            taken += 1
            yield replace(ASKS[0], sample_index=i)

    teacher = InstantTeacher()
    report = await ask_all(
        teacher, questions(), journal, concurrency=16, lookup=100, on_answer=lambda p: ahead.append(taken - p.answered)
    )
    assert report.answered == 2000
    assert teacher.most <= 16
    # One lookup, a question ready for each worker, what each is asking, and as many replies that wait to be stored.
    assert max(ahead) <= 100 + 16 + 16 + 16


# US$ per million tokens.
PRICED = {"prompt_price": Decimal(1), "completion_price": Decimal(10)}


@pytest.mark.parametrize("completion_tokens", [3, 50], ids=["far under max_tokens", "max_tokens"])
async def test_a_budget_is_never_overrun_by_a_thousand_at_once_and_the_rest_is_counted(
    journal: AnswerJournal, completion_tokens: int
) -> None:
    asks = [replace(ASKS[0], sample_index=i) for i in range(1500)]
    limit = Decimal("0.5")
    with serving(usage=lambda _: (1000, completion_tokens), latency=0.05) as (server, settings):
        given = replace(settings, max_tokens=50, timeout=30, **PRICED)  # type: ignore[arg-type]
        budget = Budget(limit)
        async with OpenAITeacher(given, budget=budget, connections=1000) as teacher:
            report = await ask_all(teacher, asks, journal, concurrency=1000)
        worst = Decimal(int(server.received[0].headers["Content-Length"]) + 8 + 50 * 10) / 10**6
    each = Decimal(1000 + completion_tokens * 10) / 10**6
    assert report.cost == budget.spent == report.answered * each <= limit
    assert limit - budget.spent < worst  # it ended because no other request was sure to fit
    assert (report.answered + report.unasked, report.rejected) == (1500, [])
    assert len(server.received) == report.answered
    assert budget.reserved == 0


async def test_a_budget_is_not_overrun_by_tries_of_which_nobody_knows_what_became(journal: AnswerJournal) -> None:
    asks = [replace(ASKS[0], sample_index=i) for i in range(300)]
    with serving(usage=lambda _: (1000, 50), faults={TEXTS[0]: [Fault.RESET, Fault.HALF_BODY] * 20}) as (_, settings):
        budget = Budget(Decimal("0.25"))
        async with OpenAITeacher(replace(settings, max_tokens=50, **PRICED), budget=budget) as teacher:  # type: ignore[arg-type]
            report = await ask_all(teacher, asks, journal, concurrency=100)
    lost = [one.cost for one in journal.failed_tries()]
    assert len(lost) == 40
    assert report.cost == budget.spent == report.answered * Decimal("0.0015") + sum(filter(None, lost))
    assert report.cost <= Decimal("0.25")
    assert report.unasked > 0


async def test_a_run_that_ended_with_its_budget_goes_on_with_the_next(journal: AnswerJournal) -> None:
    with serving(usage=lambda _: (1000, 100)) as (server, settings):
        given = replace(settings, max_tokens=100, **PRICED)  # type: ignore[arg-type]
        for limit in (Decimal("0.02"), None):
            async with OpenAITeacher(given, budget=Budget(limit)) as teacher:
                report = await ask_all(teacher, ASKS, journal, concurrency=2, lookup=3)
                if limit is not None:
                    assert report.unasked == 20 - journal.count() > 0
    assert (report.unasked, journal.count(), len(server.received)) == (0, 20, 20)


async def test_a_budget_that_is_spent_before_the_last_questions_are_looked_up_counts_them_too(
    journal: AnswerJournal,
) -> None:
    with serving(usage=lambda _: (1000, 100)) as (server, settings):
        given = replace(settings, max_tokens=100, **PRICED)  # type: ignore[arg-type]
        async with OpenAITeacher(given, budget=Budget(Decimal("0.02"))) as teacher:
            report = await ask_all(teacher, ASKS, journal, concurrency=1, lookup=5)
    # A reply costs 1000 + 100 * 10 millionths of a dollar: ten fit at most, and the last fives are never claimed.
    assert 0 < report.answered == len(server.received) <= 10
    assert report.answered + report.unasked == 20


async def test_what_waits_in_a_batch_is_counted_and_neither_asked_nor_waited_for(
    journal: AnswerJournal, tmp_path: Path
) -> None:
    with serving() as (server, settings), closing(BatchJournal(tmp_path / "answers.sqlite")) as batches:
        async with OpenAITeacher(settings) as teacher:
            lines = [batch_line(a, teacher.request_hash(a), b"{}", params="{}", worst=None) for a in ASKS[:3]]
            batch = Batch(settings.endpoint, "file-1", "replay", "m", 3, utc_now())
            batches.add(batch, [line.request for line in lines])
            report = await ask_all(teacher, ASKS, journal, lookup=7)
    assert (report.answered, report.waiting, len(server.received)) == (17, 3, 17)


async def test_what_failed_tries_cost_is_counted_and_each_is_in_the_journal(journal: AnswerJournal) -> None:
    faults = {TEXTS[0]: [Fault.BUSY], TEXTS[1]: [Fault.RESET], TEXTS[2]: [Fault.FAILING] * 2}
    with serving(faults=faults, usage=lambda _: (1000, 200)) as (_, settings):
        async with OpenAITeacher(replace(settings, **PRICED)) as teacher:  # type: ignore[arg-type]
            report = await ask_all(teacher, ASKS, journal)
    tries = journal.failed_tries()
    assert (report.answered, len(report.rejected), report.failed_tries, len(tries)) == (19, 1, 4, 4)
    lost = [one.cost for one in tries if not one.outcome_known]
    assert len(lost) == 1  # the reset
    assert lost[0] is not None
    assert report.cost == 19 * Decimal("0.003") + lost[0]  # 1000 * 1 / 10^6 + 200 * 10 / 10^6 each


async def test_a_failed_try_is_in_the_journal_and_in_the_cost_while_its_question_is_still_open(
    journal: AnswerJournal,
) -> None:
    seen: list[AskProgress] = []
    with serving(faults={TEXTS[0]: [Fault.RESET, Fault.HANG]}) as (server, settings):
        async with OpenAITeacher(replace(settings, **PRICED)) as teacher:  # type: ignore[arg-type]
            run = asyncio.create_task(ask_all(teacher, ASKS[:1], journal, on_answer=seen.append))
            async with asyncio.timeout(4):
                while len(server.received) < 2 or not seen[1:]:  # the second try hangs; the first thing seen is none
                    await asyncio.sleep(0.01)
            [lost] = journal.failed_tries()
            assert seen[-1].cost == lost.cost
            run.cancel()
            with pytest.raises(asyncio.CancelledError):
                await run
    # The one that was cancelled under way may be answered and paid for as well.
    assert [one.error for one in journal.failed_tries()[1:]] == ["given up while under way"]
    assert [one.cost for one in journal.failed_tries()] == [lost.cost] * 2 != [0, 0]


async def test_without_a_price_the_cost_is_unknown_and_not_nothing(journal: AnswerJournal) -> None:
    with serving() as (_, settings):
        async with OpenAITeacher(settings) as teacher:
            assert (await ask_all(teacher, ASKS, journal)).cost is None


async def test_a_storm_of_429_slows_down_and_loses_nothing(journal: AnswerJournal) -> None:
    faults = {text: [Fault.BUSY, Fault.BUSY_RETRY_AFTER] for text in TEXTS}
    with serving(faults=faults, retry_after="0.05") as (server, settings):
        async with OpenAITeacher(replace(settings, attempts=3), connections=20) as teacher:
            report = await ask_all(teacher, ASKS, journal, concurrency=20)
    assert (report.answered, report.failed_tries, len(server.received)) == (20, 2 * 20, 3 * 20)


async def test_a_second_try_starts_when_its_wait_is_over_and_not_after_all_first_tries(journal: AnswerJournal) -> None:
    with serving(faults={TEXTS[0]: [Fault.BUSY]}, latency=0.02) as (server, settings):
        async with OpenAITeacher(settings) as teacher:  # it waits 10 to 20 ms before a second try
            await ask_all(teacher, ASKS, journal, concurrency=2, grace_seconds=0.1)
    asked = [request.situation for request in server.received]
    first, second = (place for place, text in enumerate(asked) if text == TEXTS[0])
    assert first <= 1
    assert second < 15  # of 21: the other worker has time for one or two questions, for nineteen it has none


async def test_what_another_process_has_claimed_is_waited_for_and_not_asked(
    journal: AnswerJournal, tmp_path: Path
) -> None:
    now = utc_now()
    with serving() as (server, settings), AnswerJournal(tmp_path / "answers.sqlite") as other:
        async with OpenAITeacher(settings) as teacher:
            answer = await teacher.answer(ASKS[0], lambda _: None)
            failing, theirs = teacher.request_hash(ASKS[1]), answer.request_hash
            assert other.claim([theirs, failing], now, timedelta(minutes=1)).granted == {theirs, failing}
            run = asyncio.create_task(ask_all(teacher, ASKS, journal))
            while journal.count() < 18:
                await asyncio.sleep(0.01)
            assert len(server.received) == 1 + 18
            other.add([answer])  # the other one had its reply,
            other.release([failing])  # and gave up this one
            report = await run
    assert (report.answered, report.cached) == (18 + 1, 1)
    assert len(server.received) == 1 + 18 + 1


async def test_claims_are_renewed_for_as_long_as_the_run_is_alive(journal: AnswerJournal, tmp_path: Path) -> None:
    with serving(latency=0.5) as (server, settings), AnswerJournal(tmp_path / "answers.sqlite") as other:
        async with OpenAITeacher(settings) as teacher:
            run = asyncio.create_task(ask_all(teacher, ASKS[:1], journal, lease=timedelta(seconds=0.15)))
            while not server.received:
                await asyncio.sleep(0.01)
            await asyncio.sleep(0.3)  # twice the lease
            claimed = other.claim([teacher.request_hash(ASKS[0])], utc_now(), timedelta(minutes=1))
            assert claimed == Claimed(set(), set())
            await run
