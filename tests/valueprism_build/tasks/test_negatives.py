import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from tests.valueprism_build.tasks.full_rows import alone, full_table, grouped, many
from tests.valueprism_build.tasks.word_encoder import WordEncoder
from valueprism_build.embedding import Vectors
from valueprism_build.records import Stage
from valueprism_build.tasks import negatives
from valueprism_build.tasks.likeness import core
from valueprism_build.tasks.splits import assign

ANSWERS = Path(__file__).resolve().parents[3] / "../shared/data/teacher_answers.jsonl"


def split(full: pa.Table) -> pa.Table:
    return assign(full, alone(full), salt="1")


def drawn(full: pa.Table, seed: int = 0) -> negatives.Negatives:
    return negatives.draw(full, WordEncoder(), seed=seed, least=0.6)


def texts(full: pa.Table, found: negatives.Negatives) -> dict[str, str]:
    """Return the text of the negative of each consideration id."""
    ids = full["consideration_id"].take(pa.array(found.positives)).to_pylist()
    return dict(zip(ids, full["text"].take(pa.array(found.sources)).to_pylist(), strict=True))


def test_every_positive_gets_a_foreign_negative_of_its_type_unlike_its_own_and_none_twice() -> None:
    full = split(full_table(many(60)))
    found = drawn(full)
    assert found.positives.tolist() == list(range(480))
    rows = full.to_pylist()
    seen = set()
    for positive, source in zip(found.positives, found.sources, strict=True):
        mine, other = rows[positive], rows[source]
        assert mine["vrd"] == other["vrd"]
        own = {core(row["text"]) for row in rows if row["situation_id"] == mine["situation_id"]}
        assert core(other["text"]) not in own
        assert (mine["situation_id"], other["text"]) not in seen
        seen.add((mine["situation_id"], other["text"]))


def test_a_text_contained_in_one_of_another_type_is_refused() -> None:
    # The only other value, Health, lies within "Duty to promote health"; Art is unlike everything.
    listed = {"a b": ["Value: Joy", "Duty: Duty to promote health"], "c d": ["Value: Health"], "e f": ["Value: Art"]}
    full = split(full_table(listed))
    for seed in range(20):
        assert texts(full, drawn(full, seed))[full["consideration_id"][0].as_py()] == "Art"


class TwoConcerns:
    """Knows that empathy and compassion, and across types being safe and security, are near; all else is not."""

    model = "two concerns"

    def encode(self, texts: Sequence[str]) -> Vectors:
        directions = {"empathy": 0, "compassion": 0, "be safe": 1, "security": 1}
        vectors = np.zeros((len(texts), 2 + len(texts)), np.float32)
        for row, text in enumerate(texts):
            vectors[row, directions.get(text, 2 + row)] = 1
        return vectors


def test_a_text_near_one_of_any_type_is_refused() -> None:
    listed = {
        "a b": ["Value: Empathy", "Right: Right to be safe"],
        "c d": ["Value: Compassion", "Value: Security"],
        "e f": ["Value: Art"],
    }
    full = split(full_table(listed))
    for seed in range(20):
        found = negatives.draw(full, TwoConcerns(), seed=seed, least=0.6)
        assert texts(full, found)[full["consideration_id"][0].as_py()] == "Art"


def test_what_a_near_duplicate_situation_holds_is_refused() -> None:
    full = full_table({"Steal bread": ["Value: Life"], "Steal some bread": ["Value: Law"], "Sing": ["Value: Art"]})
    steal, some, sing = full["situation_id"].to_pylist()
    family = assign(full, grouped(full, {steal: steal, some: steal, sing: sing}), salt="1")
    for seed in range(20):
        assert list(texts(family, drawn(family, seed)).values())[:2] == ["Art", "Art"]


def test_a_positive_without_a_candidate_is_rejected_by_name_and_the_others_keep_theirs() -> None:
    # Two values of one situation, one value elsewhere: one of the two gets it, the other nothing. Nobody has a duty.
    full = split(full_table({"a b": ["Value: Joy", "Value: Peace", "Duty: Duty to sing"], "c d": ["Value: Art"]}))
    found = drawn(full)
    assert len(found.positives) == 2
    assert {(reject.stage, reject.rule) for reject in found.rejected} == {(Stage.NEGATIVES, "no_negative")}
    lacking = set(full["consideration_id"].to_pylist()) - set(texts(full, found))
    assert {reject.subject_id for reject in found.rejected} == lacking
    assert len(found.rejected) == 2


def test_a_scarce_negative_is_found_by_searching_the_whole_pool() -> None:
    # 1 of 401 values is fit: sixteen draws would miss it with probability (400 / 401) ** 16 = .96.
    full = split(
        full_table({"a": ["Value: Joy"]} | {f"s{i}": ["Value: Joy"] for i in range(400)} | {"z": ["Value: Art"]})
    )
    found = drawn(full)
    assert found.rejected == []
    assert set(list(texts(full, found).values())[:-1]) == {"Art"}


def test_the_order_of_the_rows_does_not_matter() -> None:
    full = split(full_table(many(40)))
    backwards = full.take(list(reversed(range(full.num_rows))))
    assert texts(full, drawn(full)) == texts(backwards, drawn(backwards))


def test_one_situation_more_changes_few_negatives() -> None:
    full = split(full_table(many(100)))
    fewer = full.slice(8)
    before, after = texts(full, drawn(full)), texts(fewer, drawn(fewer))
    changed = sum(before[key] != text for key, text in after.items())
    # Its 8 of 800 rows are next to about 1% of the other 792 draws, so 8 change; five times that is a fault.
    assert 0 < changed < 40


def test_another_seed_draws_others() -> None:
    full = split(full_table(many(40)))
    first, second = texts(full, drawn(full)), texts(full, drawn(full, seed=1))
    # 300 words over three types: two draws agree about once in a hundred; half would be a fault.
    assert sum(first[key] == second[key] for key in first) < len(first) / 2


def test_a_text_is_drawn_about_as_often_as_it_occurs() -> None:
    # 300 situations with a value of their own; 100 of them hold Autonomy too: a quarter of the 400 rows.
    listed = {f"s{i} t{i}": [f"Value: word{i}"] + (["Value: Autonomy"] if i < 100 else []) for i in range(300)}
    full = split(full_table(listed))
    counts = Counter(texts(full, drawn(full)).values())
    # The 200 situations without it draw it with probability 100 / 400 (one row each, so no situation draws twice):
    # 50 expected. Gaps on the ring vary, so allow five deviations of a doubled variance: 5 * sqrt(2 * 37.5) = 43.
    assert counts["Autonomy"] == pytest.approx(50, abs=43)


def test_the_encoder_is_asked_once_with_distinct_sorted_cores() -> None:
    encoder = WordEncoder()
    full = split(full_table({"a": ["Value: Joy", "Right: Right to Joy"], "b": ["Value: joy!", "Value: Art"]}))
    negatives.draw(full, encoder, seed=0, least=0.6)
    assert encoder.calls == [["art", "joy"]]


def test_nothing_from_nothing() -> None:
    found = drawn(split(full_table({})))
    assert found.positives.tolist() == []
    assert found.rejected == []


def test_real_answers_all_get_a_negative_that_a_plain_check_finds_fit() -> None:
    if not ANSWERS.exists():
        pytest.skip(f"{ANSWERS.name} is absent")
    listed = {}
    for line in ANSWERS.read_text(encoding="utf-8").splitlines():
        answer = json.loads(line)
        kinds = {"right to": "Right", "duty to": "Duty", "duty of": "Duty"}
        named = [(" ".join(item["text"].lower().split()[:2]), item["text"]) for item in answer["considerations"]]
        listed[answer["situation"]] = [f"{kinds.get(start, 'Value')}: {text}" for start, text in named]
    full = split(full_table(listed))
    found = drawn(full)
    assert len(found.positives) + len(found.rejected) == full.num_rows
    assert found.rejected == []
    rows = full.to_pylist()
    own: dict[str, list[set[str]]] = {}
    for row in rows:
        own.setdefault(row["situation_id"], []).append(set(core(row["text"]).split()))
    for positive, source in zip(found.positives, found.sources, strict=True):
        words = set(core(rows[source]["text"]).split())
        assert not any(words <= mine or mine <= words for mine in own[rows[positive]["situation_id"]])
