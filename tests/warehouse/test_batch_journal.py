from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from tests.warehouse.test_journal import FAILURE, REPLY
from valueprism_build.errors import WarehouseError
from valueprism_build.records import FailedTry, Purpose
from valueprism_build.teachers.batches import Batch, BatchRequest
from valueprism_build.teachers.teacher import Claimed
from warehouse.batch_journal import BatchJournal
from warehouse.journal import JOURNAL_FILE, AnswerJournal

NOW = datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC)
LEASE = timedelta(seconds=10)
URL = "http://x/v1"
BATCH = Batch(URL, "file-1", "t", "m", 2, NOW)
REQUESTS = [
    BatchRequest("a", "sa", "v", "{}", Purpose.COVERAGE, "a view", Decimal("0.1000000000000000000001")),
    BatchRequest("b", "sb", "v", "{}", Purpose.CONSIDERATIONS, "", None),
]
ANSWER = replace(REPLY, request_hash="a")
ERROR = replace(FAILURE, request_hash="b")
TRY = FailedTry("b", "sb", "t", "m", "expired", Decimal(0), True, 60.0, NOW)


@pytest.fixture
def batches(tmp_path: Path) -> Iterator[BatchJournal]:
    with closing(BatchJournal(tmp_path / "new" / JOURNAL_FILE)) as made:
        made.add(BATCH, REQUESTS)
        yield made


@pytest.fixture
def answers(batches: BatchJournal, tmp_path: Path) -> Iterator[AnswerJournal]:
    with AnswerJournal(tmp_path / "new" / JOURNAL_FILE) as opened:
        yield opened


def test_a_batch_comes_back_as_it_went_in(batches: BatchJournal) -> None:
    assert batches.all() == [BATCH]
    assert batches.requests(BATCH) == REQUESTS
    batches.seen(BATCH, "batch_1", "in_progress")
    assert batches.all() == [replace(BATCH, batch_id="batch_1", status="in_progress")]


def test_what_waits_in_a_batch_is_granted_to_nobody_until_its_outcome_comes(
    batches: BatchJournal, answers: AnswerJournal
) -> None:
    assert answers.claim(["a", "b", "c"], NOW, LEASE) == Claimed(set(), {"c"}, frozenset({"a", "b"}))
    assert answers.waiting(["a", "c"]) == {"a"}
    assert answers.has_replied("t")  # it may yet
    assert batches.take(BATCH, [ANSWER, ERROR], [TRY]) == {"a", "b"}
    # The one is answered; the other has failed, and may be asked again.
    assert answers.claim(["a", "b"], NOW, LEASE) == Claimed({"a"}, {"b"})


def test_a_batch_is_under_way_until_it_is_known_of_every_request_what_became_of_it(
    batches: BatchJournal, answers: AnswerJournal
) -> None:
    assert batches.take(BATCH, [ANSWER], []) == {"a"}
    assert batches.under_way(URL, "t") == [replace(BATCH, answered=1)]
    assert batches.requests(BATCH) == REQUESTS[1:]
    assert batches.take(BATCH, [ERROR], [TRY]) == {"b"}
    assert batches.under_way(URL, "t") == []
    [ended] = batches.all()
    assert (ended, ended.taken) == (replace(BATCH, answered=1, failed=1), True)
    assert (answers.count(), answers.errors(), answers.failed_tries()) == (1, [ERROR], [TRY])


def test_outcomes_that_two_processes_take_count_once(batches: BatchJournal, answers: AnswerJournal) -> None:
    batches.take(BATCH, [ANSWER, ERROR], [TRY])
    assert batches.take(BATCH, [ANSWER, ERROR], [TRY]) == set()
    assert batches.all() == [replace(BATCH, answered=1, failed=1)]
    assert answers.failed_tries() == [TRY]


def test_a_request_cannot_be_in_two_batches_and_nothing_of_the_second_is_kept(batches: BatchJournal) -> None:
    other = replace(BATCH, file_id="file-2")
    with pytest.raises(WarehouseError, match="UNIQUE"):
        batches.add(other, [replace(REQUESTS[0], request_hash="c"), REQUESTS[0]])
    assert batches.all() == [BATCH]


def test_two_endpoints_may_give_their_files_one_name(batches: BatchJournal, answers: AnswerJournal) -> None:
    other = replace(BATCH, endpoint="http://y/v1", teacher="u")
    batches.add(other, [replace(REQUESTS[0], request_hash="c")])
    batches.forget(other)
    assert batches.all() == [BATCH]
    assert answers.waiting(["a", "b", "c"]) == {"a", "b"}


def test_batches_under_way_are_those_of_a_teacher_at_an_endpoint(batches: BatchJournal) -> None:
    other = replace(BATCH, file_id="file-2", teacher="u")
    batches.add(other, [])
    assert batches.under_way(URL, "t") == [BATCH]
    assert batches.under_way(URL, "u") == [other]
    assert batches.under_way("http://y/v1", "t") == []


def test_one_process_at_a_time_sends(batches: BatchJournal, tmp_path: Path) -> None:
    with closing(BatchJournal(tmp_path / "new" / JOURNAL_FILE)) as other:
        with batches.turn() as mine, other.turn() as theirs:
            assert (mine, theirs) == (True, False)
        with other.turn() as theirs:
            assert theirs


def test_a_file_that_is_no_journal_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / JOURNAL_FILE).write_text("no database at all, but long enough to look like one")
    with pytest.raises(WarehouseError, match=r"cannot open the answer journal .*: file is not a database") as caught:
        BatchJournal(tmp_path / JOURNAL_FILE)
    assert "\n" not in str(caught.value)
