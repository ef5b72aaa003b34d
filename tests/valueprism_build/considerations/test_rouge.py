import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.valueprism_build.considerations.rouge_reference import RougeScorer
from valueprism_build.considerations.rouge import StemmedTexts

ANSWERS = Path(__file__).resolve().parents[3] / "../shared/data/teacher_answers.jsonl"
REFERENCE = RougeScorer(["rougeLsum", "rougeL"], use_stemmer=True)
WORDS = st.sampled_from(
    ["the", "right", "protect", "protection", "protecting", "lives", "life", "care", "42", "\u00e9tat", "don't"]
)
LINES = st.one_of(
    st.lists(WORDS, max_size=12).map(" ".join),
    st.text(st.characters(exclude_characters="\n"), max_size=30),
)


def scores(target: str, prediction: str) -> tuple[float, float, float]:
    f, p, r = StemmedTexts([target, prediction]).scores(np.array([0]), np.array([1]))
    return float(f[0]), float(p[0]), float(r[0])


def reference(target: str, prediction: str, rouge: str = "rougeLsum") -> tuple[float, float, float]:
    score = REFERENCE.score(target, prediction)[rouge]
    return score.fmeasure, score.precision, score.recall


def test_precision_is_of_the_prediction_and_recall_of_the_target() -> None:
    # target: protect, right; prediction: protect, all, human, right. In common, in order: protect, right.
    # P = 2/4, R = 2/2, F = 2 * 1/2 * 1 / (3/2) = 2/3
    assert scores("Protecting rights", "protect all human right") == pytest.approx((2 / 3, 1 / 2, 1))


def test_order_counts() -> None:
    # "religi freedom" and "freedom of religi" share one stem in order: P = 1/3, R = 1/2, F = 2/5
    assert scores("Religious freedom", "Freedom of religion") == pytest.approx((2 / 5, 1 / 3, 1 / 2))


@pytest.mark.parametrize("text", ["", " ", "\u0634\u0631\u0641", "..."])
def test_a_text_without_latin_words_scores_nothing_even_against_itself(text: str) -> None:
    assert scores(text, text) == (0, 0, 0) == reference(text, text)


def test_no_pairs_give_no_scores() -> None:
    none = np.array([], dtype=np.intp)
    for texts in ([], ["Honesty"]):
        stemmed = StemmedTexts(texts)
        assert [len(part) for part in (*stemmed.scores(none, none), *stemmed.bounds(none, none))] == [0] * 6


@given(LINES, LINES)
def test_scores_equal_rouge_score_exactly(target: str, prediction: str) -> None:
    assert scores(target, prediction) == reference(target, prediction)


@given(st.lists(LINES, min_size=1, max_size=8))
def test_no_score_exceeds_its_bound(texts: list[str]) -> None:
    stemmed = StemmedTexts(texts)
    targets, predictions = (np.array(side) for side in np.indices((len(texts), len(texts))).reshape(2, -1))
    bounds = stemmed.bounds(targets, predictions)
    for score, bound in zip(stemmed.scores(targets, predictions), bounds, strict=True):
        assert (score <= bound).all()


def test_a_bound_counts_what_only_one_side_has() -> None:
    # The targets' own, property is in the prediction too; safe is not: 2 of 3 stems at most. Order is not looked at.
    target, prediction = np.array([0]), np.array([1])
    bounds = StemmedTexts(["own safe property", "property owned"]).bounds(target, prediction)
    assert [float(bound[0]) for bound in bounds] == pytest.approx([4 / 5, 1, 2 / 3])


def test_more_kinds_of_stems_than_a_bound_tells_apart_only_loosen_it() -> None:
    # w0 to w99: the 65th kind shares its mark with the first, so that the two pass for one another.
    stemmed = StemmedTexts([f"w{n}" for n in range(100)])
    first = np.zeros(100, dtype=np.intp)
    assert np.flatnonzero(stemmed.bounds(first, np.arange(100)).fmeasure).tolist() == [0, 64]
    assert np.flatnonzero(stemmed.scores(first, np.arange(100)).fmeasure).tolist() == [0]


@given(LINES, LINES)
def test_on_one_line_lsum_is_l(target: str, prediction: str) -> None:
    assert reference(target, prediction) == reference(target, prediction, "rougeL")


def test_scores_of_real_texts_equal_rouge_score_exactly() -> None:
    if not ANSWERS.exists():
        pytest.skip("teacher_answers.jsonl is absent")
    lists = [json.loads(line)["considerations"] for line in ANSWERS.read_text(encoding="utf-8").splitlines()]
    pairs = [(one["explanation"], other["explanation"]) for one, other, *_ in lists]
    pairs += [(one["text"], other["text"]) for listed in lists for one in listed for other in listed]
    targets = np.arange(0, 2 * len(pairs), 2)
    ours = StemmedTexts([text for pair in pairs for text in pair]).scores(targets, targets + 1)
    assert [tuple(row) for row in zip(*ours, strict=True)] == [reference(*pair) for pair in pairs]
