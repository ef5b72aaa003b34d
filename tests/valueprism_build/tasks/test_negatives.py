import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from tests.valueprism_build.tasks.full_rows import alone, full_table, grouped, many
from tests.valueprism_build.tasks.word_encoder import WordEncoder
from valueprism_build.embedding import Vectors
from valueprism_build.errors import SettingsError
from valueprism_build.records import Stage
from valueprism_build.tasks import negatives
from valueprism_build.tasks.likeness import core
from valueprism_build.tasks.negative_clash import Clashes
from valueprism_build.tasks.negative_corpus import Corpus
from valueprism_build.tasks.negatives import NegativeSettings
from valueprism_build.tasks.splits import assign

ANSWERS = Path(__file__).resolve().parents[3] / "../shared/data/teacher_answers.jsonl"


def split(full: pa.Table) -> pa.Table:
    return assign(full, alone(full), salt="1")


def drawn(full: pa.Table, seed: int = 0, concerns: Mapping[str, str] | None = None) -> negatives.Negatives:
    """Draw with the clashes alone: each of these small tables names most things once."""
    settings = NegativeSettings(seed=seed, least_related=1, least_named=1)
    return negatives.draw(full, WordEncoder(), settings, concerns or {})


def texts(full: pa.Table, found: negatives.Negatives) -> dict[str, str]:
    """Return the text of the negative of each consideration id."""
    ids = full["consideration_id"].take(pa.array(found.positives)).to_pylist()
    return dict(zip(ids, full["text"].take(pa.array(found.sources)).to_pylist(), strict=True))


def test_a_negative_is_foreign_of_the_same_type_unlike_all_of_its_own_and_none_comes_twice() -> None:
    full = split(full_table(many(60)))
    found = drawn(full)
    assert len(found.positives) + len(found.rejected) == 480
    assert len(found.positives) > 460
    rows = full.to_pylist()
    seen = set()
    for positive, source in zip(found.positives, found.sources, strict=True):
        mine, other = rows[positive], rows[source]
        assert mine["vrd"] == other["vrd"]
        own = {core(row["text"]) for row in rows if row["situation_id"] == mine["situation_id"]}
        assert core(other["text"]) not in own
        assert (mine["situation_id"], other["text"]) not in seen
        seen.add((mine["situation_id"], other["text"]))


def test_every_text_stands_as_often_as_a_no_as_it_stands_as_a_yes() -> None:
    # Autonomy in 100 of 300 situations, each with a value of its own: however uneven, what is lent is borrowed back.
    listed = {f"s{i} t{i}": [f"Value: word{i}"] + (["Value: Autonomy"] if i < 100 else []) for i in range(300)}
    full = split(full_table(listed))
    found = drawn(full)
    yes, no = (Counter(full["text"].take(pa.array(rows)).to_pylist()) for rows in (found.positives, found.sources))
    assert yes == no
    assert yes["Autonomy"] > 50


def test_a_text_contained_in_one_of_another_type_is_refused() -> None:
    # Health lies within "Duty to promote health", so Joy can only be exchanged with Art, which is unlike everything.
    listed = {"a b": ["Value: Joy", "Duty: Duty to promote health"], "c d": ["Value: Health"], "e f": ["Value: Art"]}
    full = split(full_table(listed))
    for seed in range(20):
        assert texts(full, drawn(full, seed)).get(full["consideration_id"][0].as_py(), "Art") == "Art"


def test_what_is_one_concern_with_one_of_its_own_is_refused() -> None:
    full = split(full_table({"a b": ["Value: Joy", "Right: Right to rest"], "c d": ["Value: Leisure"]}))
    rest, leisure = full["canonical_id"].to_pylist()[1:]
    assert len(drawn(full).positives) == 2
    assert len(drawn(full, concerns={rest: "rest", leisure: "rest"}).positives) == 0


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
    listed = {"a b": ["Value: Empathy", "Right: Right to be safe"], "c d": ["Value: Compassion"], "e f": ["Value: Art"]}
    full = full_table(listed)
    clashes = Clashes(corpus := Corpus.of(split(full), {}, 0), TwoConcerns().encode(corpus.cores), 0.6)
    rows = np.array([0, 0, 2])
    # Compassion is near Empathy and Art is near nothing; what is a situation's own is refused.
    assert clashes.between(rows, np.array([2, 3, 0])).tolist() == [True, False, True]


def test_what_a_near_duplicate_situation_holds_is_refused() -> None:
    full = full_table({"Steal bread": ["Value: Life"], "Steal some bread": ["Value: Law"], "Sing": ["Value: Art"]})
    steal, some, sing = full["situation_id"].to_pylist()
    family = assign(full, grouped(full, {steal: steal, some: steal, sing: sing}), salt="1")
    for seed in range(20):
        assert set(texts(family, drawn(family, seed)).values()) <= {"Art", "Life", "Law"}
        chosen = texts(family, drawn(family, seed))
        assert [chosen[id_] for id_ in full["consideration_id"].to_pylist()[:2] if id_ in chosen] == ["Art"]


def test_a_row_that_nobody_can_exchange_with_is_rejected_by_name() -> None:
    # Two values of one situation, one value elsewhere: one of the two is exchanged. Nobody else has a duty.
    full = split(full_table({"a b": ["Value: Joy", "Value: Peace", "Duty: Duty to sing"], "c d": ["Value: Art"]}))
    found = drawn(full)
    assert len(found.positives) == 2
    assert {(reject.stage, reject.rule) for reject in found.rejected} == {(Stage.NEGATIVES, "no_negative")}
    lacking = set(full["consideration_id"].to_pylist()) - set(texts(full, found))
    assert {reject.subject_id for reject in found.rejected} == lacking


def test_what_too_few_situations_name_is_rejected_by_name() -> None:
    full = split(full_table({"a b": ["Value: Joy"], "c d": ["Value: Art"], "e f": ["Value: Joy"]}))
    found = negatives.draw(full, WordEncoder(), NegativeSettings(least_named=2), {})
    art = full["consideration_id"][1].as_py()
    assert [reject.rule for reject in found.rejected if reject.subject_id == art] == ["named_too_seldom"]


def test_the_order_of_the_rows_does_not_matter() -> None:
    full = split(full_table(many(40)))
    backwards = full.take(list(reversed(range(full.num_rows))))
    assert texts(full, drawn(full)) == texts(backwards, drawn(backwards))


def test_one_situation_more_changes_few_negatives() -> None:
    full = split(full_table(many(100)))
    fewer = full.slice(8)
    before, after = texts(full, drawn(full)), texts(fewer, drawn(fewer))
    changed = sum(before.get(key) != text for key, text in after.items())
    # The 8 partners of its 8 rows must find others, who leave theirs in turn; a tenth of the 792 would be a fault.
    assert 0 < changed < 80


def test_another_seed_draws_others() -> None:
    full = split(full_table(many(40)))
    first, second = texts(full, drawn(full)), texts(full, drawn(full, seed=1))
    # 300 words over three types: two draws agree about once in a hundred; half would be a fault.
    assert sum(first[key] == second.get(key) for key in first) < len(first) / 2


def test_nothing_from_nothing() -> None:
    found = negatives.draw(split(full_table({})), WordEncoder(), NegativeSettings(), {})
    assert found.positives.tolist() == []
    assert found.rejected == []


def test_settings_out_of_range_are_refused_by_name() -> None:
    for name, value in (("cosine", 1.1), ("least_related", 0.0), ("least_named", 0), ("hard_share", 1.5)):
        with pytest.raises(SettingsError, match=f"negative_{name} is {value}"):
            NegativeSettings(**{name: value})  # type: ignore[arg-type]


def test_real_answers_are_exchanged_as_a_plain_check_finds_fit() -> None:
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
    assert len(found.positives) > 0.9 * full.num_rows
    rows = full.to_pylist()
    own: dict[str, list[set[str]]] = {}
    for row in rows:
        own.setdefault(row["situation_id"], []).append(set(core(row["text"]).split()))
    for positive, source in zip(found.positives, found.sources, strict=True):
        words = set(core(rows[source]["text"]).split())
        assert not any(words <= mine or mine <= words for mine in own[rows[positive]["situation_id"]])


def test_where_no_two_situations_name_the_same_every_row_goes_without_a_negative_and_says_why() -> None:
    full = split(full_table({f"s{i} t{i}": [f"Value: word{i}", f"Duty: duty{i}"] for i in range(3)}))
    found = negatives.draw(full, WordEncoder(), NegativeSettings(), {})
    assert len(found.positives) == 0
    assert [reject.rule for reject in found.rejected] == ["named_too_seldom"] * 6
