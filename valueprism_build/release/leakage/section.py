"""The leakage report as a section of the dataset card."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Final

from valueprism_build.records import Valence
from valueprism_build.release.leakage.label_words import LEAST_EXPLANATIONS, LEAST_Z
from valueprism_build.release.leakage.report import Leakage, Shared
from valueprism_build.release.leakage.trivial import GUESSES, Accuracy
from valueprism_build.release.markdown import table
from valueprism_build.release.numbers import share

_NAMES: Final = {
    "split": "by situation (`split`)",
    "unseen_considerations": "by consideration (`unseen_considerations`)",
}


def render(leakage: Leakage) -> str:
    """Return the section, with its heading."""
    parts = ["## Leakage and bias\n", _nearness(leakage), _sharing(leakage.shared)]
    parts += [_guesses(leakage.accuracies), _words(leakage), _places(leakage)]
    return "\n".join(part for part in parts if part)


def _nearness(leakage: Leakage) -> str:
    if not leakage.test_situations:
        return "There is no train or no test split: nothing can leak between them, and nothing is measured.\n"
    rows = [
        [f"{near.cosine:g}", f"{near.situations:,}", f"{share(near.situations, leakage.test_situations):.1%}"]
        for near in leakage.near
    ]
    return f"""Each of the {leakage.test_situations:,} test situations and its nearest in train
(`leakage/nearest_train.parquet` has them row by row):

{table(["cosine at least", "situations", "share"], rows, numbers=3)}"""


def _sharing(shared: Sequence[Shared]) -> str:
    rows = [[_NAMES[row.split], f"{row.rows:,}", f"{row.texts:.1%}", f"{row.canonical:.1%}"] for row in shared]
    return f"""What train has seen of the test rows:

{table(["split", "test rows", "same type and text", "same canonical consideration"], rows, numbers=3)}"""


def _guesses(accuracies: Sequence[Accuracy]) -> str:
    if not accuracies:
        return ""
    rows = []
    for (split, task), group in groupby(accuracies, key=lambda row: (row.split, row.task)):
        by_guess = {row.guess: f"{row.share:.1%} ({row.low:.1%} to {row.high:.1%})" for row in group}
        rows.append([f"`{split}`", task, *(by_guess.get(guess, "") for guess in GUESSES)])
    return f"""What guesses get right that never read the situation, learned on train and tried on test, with 95 %
intervals from a bootstrap of situations; a model must be compared with these. A cell is empty where the guess would
need what the task asks for or does not come with:

{table(["split", "task", *GUESSES], rows, numbers=len(GUESSES))}"""


def _words(leakage: Leakage) -> str:
    if not leakage.label_words:
        return f"""No word of the explanations gives the valence away (log-odds with an informative Dirichlet
prior, Monroe et al., 2008: of those in {LEAST_EXPLANATIONS} explanations or more, none comes to z = {LEAST_Z:g}).
"""
    rows = [[w.valence, w.word, f"{w.z:.1f}", f"{w.here:.1%}", f"{w.elsewhere:.1%}"] for w in leakage.label_words]
    head = ["valence", "word", "z", "in its explanations", "in the others"]
    return f"""Words of the explanations that give the valence away (log-odds with an informative Dirichlet prior,
Monroe et al., 2008), from z = {LEAST_Z:g} on:

{table(head, rows, numbers=3)}"""


def _places(leakage: Leakage) -> str:
    rows = []
    for place in leakage.places:
        counts = (place.supports, place.opposes, place.either)
        rows.append([f"{place.place}", f"{sum(counts):,}", *_shares(counts)])
    return f"""Valence by place in the teacher's list; the last line counts all places from there on:

{table(["place", "rows", *Valence], rows, numbers=5)}"""


def _shares(counts: Iterable[int]) -> list[str]:
    whole = list(counts)
    return [f"{share(count, sum(whole)):.1%}" for count in whole]
