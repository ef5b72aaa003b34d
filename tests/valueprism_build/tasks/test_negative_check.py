from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import pyarrow as pa

from tests.valueprism_build.tasks.full_rows import alone, full_table, many
from tests.valueprism_build.tasks.word_encoder import WordEncoder
from valueprism_build.records import Stage
from valueprism_build.tasks import negatives
from valueprism_build.tasks.negative_check import Check, Foreign
from valueprism_build.tasks.negatives import Negatives, NegativeSettings
from valueprism_build.tasks.splits import assign

ANY = NegativeSettings(least_related=1, least_named=1)


class Judge:
    """Says of each pair what the function says, and remembers what it was asked; None is no answer."""

    name = "judge"

    def __init__(self, says: Callable[[Foreign], float | None]) -> None:
        self.asked: list[list[Foreign]] = []
        self._says = says

    def relevance(self, pairs: Sequence[Foreign]) -> Mapping[Foreign, float]:
        self.asked.append(list(pairs))
        return {pair: said for pair in pairs if (said := self._says(pair)) is not None}


def checked(full: pa.Table, judge: Judge, *, most: float = 0.1, rounds: int = 4) -> Negatives:
    return negatives.draw(full, WordEncoder(), ANY, {}, Check(judge, most, rounds))


def table() -> pa.Table:
    full = full_table(many(30))
    return assign(full, alone(full), salt="1")


def pairs(full: pa.Table, found: Negatives) -> set[tuple[str, str]]:
    ids = full["situation_id"].take(pa.array(found.positives)).to_pylist()
    return set(zip(ids, full["text"].take(pa.array(found.sources)).to_pylist(), strict=True))


def odd(pair: Foreign) -> float:
    """Find every third text relevant, wherever it stands."""
    return 0.9 if sum(map(ord, pair.text)) % 3 == 0 else 0.05


def test_what_is_relevant_stands_nowhere_and_others_are_drawn_in_its_place() -> None:
    full, judge = table(), Judge(odd)
    found = checked(full, judge)
    texts = [full["text"][row].as_py() for row in found.sources]
    assert texts
    assert all(sum(map(ord, text)) % 3 for text in texts)
    first = {(pair.situation_id, pair.text) for pair in judge.asked[0]}
    assert pairs(full, found) - first  # drawn anew
    assert found.checked is not None
    assert {(reject.stage, reject.rule) for reject in found.checked.rejected} == {
        (Stage.NEGATIVES, "negative_is_relevant")
    }


def test_nobody_is_asked_twice_and_every_negative_that_stands_was_asked_about() -> None:
    full, judge = table(), Judge(odd)
    found = checked(full, judge)
    asked = [pair for round_ in judge.asked for pair in round_]
    assert len(asked) == len(set(asked))
    assert found.checked is not None
    assert found.checked.asked == len(asked)
    assert pairs(full, found) <= {(pair.situation_id, pair.text) for pair in asked}


def test_each_text_stays_as_often_a_no_as_a_yes_when_the_last_round_refuses() -> None:
    full, judge = table(), Judge(odd)
    found = checked(full, judge, rounds=1)
    assert len(judge.asked) == 1
    assert Counter(found.positives.tolist()) == Counter(found.sources.tolist())
    assert len(found.positives) + len(found.rejected) == full.num_rows


def test_one_exactly_at_the_most_may_stand_and_one_above_may_not() -> None:
    full = table()
    assert len(checked(full, Judge(lambda _: 0.1)).positives) > 0
    assert len(checked(full, Judge(lambda _: 0.11)).positives) == 0


def test_what_nobody_answers_is_not_used_and_is_counted_apart() -> None:
    found = checked(table(), Judge(lambda _: None), rounds=1)
    assert found.checked is not None
    assert len(found.positives) == 0
    assert (found.checked.relevant, found.checked.unanswered) == (0, found.checked.asked)
    assert {reject.rule for reject in found.checked.rejected} == {"negative_unanswered"}


def test_a_judge_that_finds_nothing_relevant_changes_nothing() -> None:
    full = table()
    found, without = checked(full, Judge(lambda _: 0.0)), negatives.draw(full, WordEncoder(), ANY, {})
    assert (found.positives.tolist(), found.sources.tolist()) == (without.positives.tolist(), without.sources.tolist())
    assert without.checked is None


def test_an_empty_table_asks_nobody() -> None:
    judge = Judge(odd)
    full = full_table({})
    found = checked(assign(full, alone(full), salt="1"), judge)
    assert (judge.asked, found.checked is not None and found.checked.asked) == ([], 0)
