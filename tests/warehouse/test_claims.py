import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.warehouse.test_journal import FAILURE, REPLY
from valueprism_build.teachers.teacher import Claimed
from warehouse.journal import AnswerJournal

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LEASE = timedelta(seconds=10)


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[tuple[AnswerJournal, AnswerJournal]]:
    with AnswerJournal(tmp_path / "answers.sqlite") as one, AnswerJournal(tmp_path / "answers.sqlite") as other:
        yield one, other


Pair = tuple[AnswerJournal, AnswerJournal]


def test_what_one_has_claimed_the_other_is_not_granted(pair: Pair) -> None:
    one, other = pair
    assert one.claim(["a", "b"], NOW, LEASE) == Claimed(set(), {"a", "b"})
    assert other.claim(["b", "c"], NOW, LEASE) == Claimed(set(), {"c"})
    assert one.claim(["a"], NOW, LEASE).granted == set()  # not even the same one again: two runs may share a journal


def test_a_claim_falls_when_its_lease_is_over_and_not_before(pair: Pair) -> None:
    one, other = pair
    one.claim(["a"], NOW, LEASE)
    assert other.claim(["a"], NOW + LEASE - timedelta(microseconds=1), LEASE).granted == set()
    assert other.claim(["a"], NOW + LEASE, LEASE).granted == {"a"}


def test_a_renewed_claim_holds_on_and_only_its_owner_can_renew_or_release_it(pair: Pair) -> None:
    one, other = pair
    one.claim(["a"], NOW, LEASE)
    other.renew(["a"], NOW + 10 * LEASE, LEASE)
    other.release(["a"])
    one.renew(["a"], NOW + LEASE / 2, LEASE)
    assert other.claim(["a"], NOW + LEASE, LEASE).granted == set()
    assert other.claim(["a"], NOW + 1.5 * LEASE, LEASE).granted == {"a"}


def test_a_reply_and_a_failure_both_end_the_claim(pair: Pair) -> None:
    one, other = pair
    one.claim(["0", "1"], NOW, LEASE)
    one.add([REPLY])  # 0
    assert other.claim(["0", "1"], NOW, LEASE) == Claimed({"0"}, set())
    one.add([replace(FAILURE, request_hash="1")])
    assert other.claim(["0", "1"], NOW, LEASE) == Claimed({"0"}, {"1"})


def test_what_a_process_claimed_that_is_gone_is_free_at_once(tmp_path: Path) -> None:
    path = tmp_path / "answers.sqlite"
    code = (
        "import sys; from pathlib import Path; from tests.warehouse.test_claims import *\n"
        "print(AnswerJournal(Path(sys.argv[1])).claim(['a'], NOW, LEASE).granted)"
    )
    root = Path(__file__).resolve().parents[2]
    ran = subprocess.run([sys.executable, "-c", code, str(path)], cwd=root, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "{'a'}"
    with AnswerJournal(path) as journal:
        assert journal.claim(["a"], NOW, LEASE).granted == {"a"}
