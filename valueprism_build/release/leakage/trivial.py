"""How far one gets on a task without reading it: the accuracy of trivial guesses, learned on train, tried on test.

What a trivial guess gets right says nothing about values: it is the floor that a student must be compared with.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.naive_bayes import MultinomialNB

from valueprism_build.records import Split

MAJORITY: Final = "majority"
BY_TEXT: Final = "majority by text"
BY_POSITION: Final = "position"
BY_WORDS: Final = "bag of words on the explanation"
GUESSES: Final = (MAJORITY, BY_TEXT, BY_POSITION, BY_WORDS)
# Draws of the bootstrap: the ends of a 95 % interval move by about a tenth of its width from seed to seed.
DRAWS: Final = 1000


class Accuracy(NamedTuple):
    """What one guess gets right of one task.

    Attributes:
        split: the column that says what is train and what is test.
        rows: of test.
        share: 0 to 1; exact agreement with the output.
        low: of the 95 % interval, from a bootstrap of whole situations; likewise `high`.
    """

    split: str
    task: str
    guess: str
    rows: int
    share: float
    low: float
    high: float


def accuracies(task: str, rows: pd.DataFrame, *, seed: int, split: str = "split") -> list[Accuracy]:
    """Return the accuracy of each guess that the rows have the features for; none without rows in train and test.

    Ties between labels go to the one that comes first in the alphabet; a value that train lacks gets the majority.

    Args:
        task: its name.
        rows: one per row of the task, with the column of the split, situation_id and label, and of text, position
            and explanation those that whoever is asked could know.
        seed: of the bootstrap.
        split: the column that says what is train and what is test.
    """
    train, test = (rows[rows[split] == str(part)] for part in (Split.TRAIN, Split.TEST))
    if train.empty or test.empty:
        return []
    guesses = {MAJORITY: _majority_by(train, test, [])}
    guesses |= {
        guess: _majority_by(train, test, [column])
        for guess, column in ((BY_TEXT, "text"), (BY_POSITION, "position"))
        if column in rows
    }
    if "explanation" in rows:
        guesses[BY_WORDS] = _by_words(train, test)
    return [_scored((split, task, guess), test, guessed, seed) for guess, guessed in guesses.items()]


def _majority_by(train: pd.DataFrame, test: pd.DataFrame, columns: Sequence[str]) -> NDArray[np.object_]:
    """Return for each test row the label most frequent in train among the rows that share the columns' values."""
    overall = str(_most_frequent(train, [])["label"].iloc[0])
    if not columns:
        return np.full(len(test), overall, object)
    found = test[[*columns]].merge(_most_frequent(train, columns), on=list(columns), how="left")["label"]
    guessed: NDArray[np.object_] = found.fillna(overall).to_numpy(object)
    return guessed


def _most_frequent(train: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    counts = train.groupby([*columns, "label"], observed=True).size().rename("times").reset_index()
    ordered = counts.sort_values([*columns, "times", "label"], ascending=[True] * len(columns) + [False, True])
    return ordered.drop_duplicates([*columns]) if columns else ordered.head(1)


def _by_words(train: pd.DataFrame, test: pd.DataFrame) -> NDArray[np.object_]:
    """Guess by multinomial naive Bayes on word counts (Manning et al., 2008, section 13.2, add-one smoothing)."""
    counter = CountVectorizer()
    try:
        counts = counter.fit_transform(train["explanation"])
    except ValueError:  # no explanation of train holds a word of two letters
        return _majority_by(train, test, [])
    model = MultinomialNB(alpha=1.0).fit(counts, train["label"])
    guessed: NDArray[np.object_] = model.predict(counter.transform(test["explanation"]))
    return guessed


def _scored(of: tuple[str, str, str], test: pd.DataFrame, guessed: NDArray[np.object_], seed: int) -> Accuracy:
    right = test["label"].to_numpy(object) == guessed
    low, high = _interval(test["situation_id"], right, np.random.default_rng(seed))
    return Accuracy(*of, len(test), float(right.mean()), low, high)


def _interval(situations: pd.Series, right: NDArray[np.bool_], rng: np.random.Generator) -> tuple[float, float]:
    """Return the 2.5 and 97.5 % quantiles of the share over draws of situations with replacement."""
    codes, names = pd.factorize(situations, sort=True)  # a join before may have the rows in any order
    rows = np.bincount(codes).astype(np.float64)
    hits = np.bincount(codes, right.astype(np.float64))
    shares = np.empty(DRAWS)
    for draw in range(DRAWS):  # one at a time: all together would take draws times situations numbers
        times = np.bincount(rng.integers(len(names), size=len(names)), minlength=len(names))
        shares[draw] = times @ hits / (times @ rows)
    low, high = np.quantile(shares, (0.025, 0.975))
    return float(low), float(high)
