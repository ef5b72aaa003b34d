import pandas as pd
import pytest

from valueprism_build.release.leakage.trivial import BY_POSITION, BY_TEXT, BY_WORDS, MAJORITY, accuracies

COLUMNS = ["split", "situation_id", "text", "position", "explanation", "label"]
ROWS = pd.DataFrame(
    [
        ("train", "a", "Health", 0, "it helps the body", "Supports"),
        ("train", "a", "Safety", 1, "it violates the body", "Opposes"),
        ("train", "b", "Health", 0, "it helps all", "Supports"),
        ("train", "b", "Safety", 1, "it violates all", "Opposes"),
        ("train", "c", "Joy", 0, "it helps now", "Supports"),
        ("val", "v", "Health", 0, "it helps", "Opposes"),
        ("test", "x", "Health", 1, "it violates all", "Opposes"),
        ("test", "x", "Safety", 0, "it helps the body", "Opposes"),
        ("test", "y", "Safety", 1, "it helps now", "Supports"),
        ("test", "y", "Peace", 0, "it helps then", "Supports"),
    ],
    columns=COLUMNS,
)


def shares(rows: pd.DataFrame) -> dict[str, float]:
    return {row.guess: row.share for row in accuracies("valence", rows, seed=0)}


def test_each_guess_is_learned_on_train_and_tried_on_test() -> None:
    # Majority: Supports, 3 of 5 in train; right for both rows of y: 2 of 4.
    # By text: Health is Supports (wrong), Safety Opposes (right, wrong), Peace unseen so Supports (right): 2 of 4.
    # By position: 1 is Opposes (right, wrong), 0 is Supports (wrong, right): 2 of 4.
    # By words: "violates" only in Opposes, "helps" only in Supports: right, wrong, right, right: 3 of 4.
    assert shares(ROWS) == {MAJORITY: 0.5, BY_TEXT: 0.5, BY_POSITION: 0.5, BY_WORDS: 0.75}


def test_a_guess_whose_feature_is_absent_is_not_made() -> None:
    assert shares(ROWS.drop(columns=["text", "explanation"])).keys() == {MAJORITY, BY_POSITION}


def test_a_tie_goes_to_the_label_that_comes_first() -> None:
    # Without c, train has two of each; Opposes comes first; in test it is right for the rows of x.
    assert shares(ROWS[ROWS["situation_id"] != "c"])[MAJORITY] == 0.5
    [majority, *_] = accuracies("valence", ROWS[~ROWS["situation_id"].isin(["c", "y"])], seed=0)
    assert majority.share == 1.0


def test_the_interval_is_over_situations_not_rows() -> None:
    # Two situations, one all wrong and one all right: a draw of both is 0, 1/2 or 1, at 1/4, 1/2 and 1/4.
    [majority, *_] = accuracies("valence", ROWS, seed=0)
    assert (majority.low, majority.high) == (0.0, 1.0)
    assert majority.rows == 4


@pytest.mark.parametrize("missing", ["train", "test"])
def test_without_train_or_test_there_is_nothing_to_tell(missing: str) -> None:
    assert accuracies("valence", ROWS[ROWS["split"] != missing], seed=0) == []


def test_explanations_without_words_leave_the_majority() -> None:
    assert shares(ROWS.assign(explanation="!"))[BY_WORDS] == 0.5


def test_the_order_of_the_rows_does_not_matter() -> None:
    # A join may turn it round; situations of 1 to 4 rows, of which every third is right.
    test = [("test", f"s{i}", "Supports" if i % 3 == 0 else "Opposes") for i in range(40) for _ in range(i % 4 + 1)]
    rows = pd.DataFrame([("train", "t", "Supports"), *test], columns=["split", "situation_id", "label"])
    [one], [other] = accuracies("valence", rows, seed=0), accuracies("valence", rows.iloc[::-1], seed=0)
    assert one == other
