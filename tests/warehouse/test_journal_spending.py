from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from tests.warehouse.test_journal import FAILURE, REPLY
from valueprism_build.records import FailedTry, Purpose, Stage
from valueprism_build.teachers.spending import Spending
from warehouse.journal import AnswerJournal

CENT = Decimal("0.01")
PAID = replace(REPLY, cost=CENT)  # of model m of teacher t: 10 tokens in, 20 out
LOST = FailedTry("0", "s0", "t", "m", "broke", 3 * CENT, False, 0.5, REPLY.created_at)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "answers.sqlite"


@pytest.fixture
def one(path: Path) -> Iterator[AnswerJournal]:
    with AnswerJournal(path, run_id="one") as opened:
        yield opened


@pytest.fixture
def two(path: Path) -> Iterator[AnswerJournal]:
    with AnswerJournal(path, run_id="two") as opened:
        yield opened


def test_replies_and_failed_tries_are_summed_by_run_teacher_model_and_stage(
    one: AnswerJournal, two: AnswerJournal
) -> None:
    dear = replace(PAID, request_hash="1", cost=Decimal("0.1000000000000000000001"))
    doubt = replace(PAID, request_hash="2", purpose=Purpose.RELEVANCE, completion_tokens=1)
    one.add([PAID, dear, doubt], [LOST, LOST, replace(LOST, cost=Decimal(0), outcome_known=True)])
    two.add([replace(PAID, request_hash="3", cost=None), replace(PAID, request_hash="4", teacher="u")])
    two.add([], [replace(LOST, cost=None)])
    assert one.spent_by_run(set()) == {
        "one": [
            # Two replies, three tries: 0.01 + 0.1..., and 0.03 + 0.03 + 0.
            Spending("t", "m", Stage.ASK, 2, 3, 20, 40, Decimal("0.1100000000000000000001"), 6 * CENT),
            Spending("t", "m", Stage.RELEVANCE, 1, 0, 10, 1, CENT),
        ],
        "two": [
            Spending("t", "m", Stage.ASK, 1, 1, 10, 20, unpriced=2),
            Spending("u", "m", Stage.ASK, 1, 0, 10, 20, CENT),
        ],
    }
    assert one.spent_by_run({"one"}).keys() == {"two"}
    assert one.spent_by_run({"one", "two"}) == {}


def test_a_question_without_a_reply_took_what_its_tries_took_and_a_later_reply_is_of_its_own_run(
    one: AnswerJournal, two: AnswerJournal
) -> None:
    one.add([FAILURE], [LOST])
    assert one.spent_by_run(set()) == {"one": [Spending("t", "m", Stage.ASK, failed_tries=1, failed_cost=3 * CENT)]}
    two.add([PAID])
    assert one.spent_by_run({"one"}) == {"two": [Spending("t", "m", Stage.ASK, 1, 0, 10, 20, CENT)]}


def test_the_cost_of_situations_is_that_of_their_replies_and_of_the_tries_before_them(
    one: AnswerJournal, two: AnswerJournal
) -> None:
    elsewhere = replace(PAID, request_hash="1", situation_id="s1")
    one.add([PAID, elsewhere], [LOST, replace(LOST, request_hash="1", situation_id="s1")])
    two.add([replace(PAID, request_hash="2", purpose=Purpose.COVERAGE)], [LOST])
    # Of a question that is still open nobody knows how many tries it will take.
    two.add([replace(FAILURE, request_hash="3")], [replace(LOST, request_hash="3")])
    assert one.spent_on(["s0", "nobody"]) == [
        Spending("t", "m", Stage.ASK, 1, 2, 10, 20, CENT, 6 * CENT),
        Spending("t", "m", Stage.COVERAGE, 1, 0, 10, 20, CENT),
    ]
    assert one.spent_on([]) == []


def test_what_came_before_runs_were_noted_is_of_no_run(path: Path) -> None:
    with AnswerJournal(path) as journal:
        journal.add([PAID])
        assert journal.spent_by_run(set()) == {"": [Spending("t", "m", Stage.ASK, 1, 0, 10, 20, CENT)]}
