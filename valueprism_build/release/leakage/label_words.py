"""Words of the explanations that give the valence away, and the valence by place in the teacher's list."""

from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from sklearn.feature_extraction.text import CountVectorizer

from valueprism_build.records import Valence
from valueprism_build.release.numbers import counted

LEAST_EXPLANATIONS: Final = 5  # a word in fewer says nothing about a dataset
# About the 95 % point of one word looked at alone. Of thousands of words some pass it by chance: it keeps out what is
# noise for certain, and the strongest are told first.
LEAST_Z: Final = 2.0


class LabelWord(NamedTuple):
    """A word that is more frequent in the explanations of one valence.

    Attributes:
        z: standard deviations by which its log-odds differ from those in the other explanations.
        here: share of this valence's explanations that hold it, 0 to 1.
        elsewhere: share of the others.
    """

    valence: str
    word: str
    z: float
    here: float
    elsewhere: float


class PlaceShares(NamedTuple):
    """The valences at one place of the teachers' lists, as counts.

    Attributes:
        place: from 1; the last one stands for all from there on.
    """

    place: int
    supports: int
    opposes: int
    either: int


def label_words(full: pa.Table, *, each: int = 10, least_z: float = LEAST_Z) -> list[LabelWord]:
    """Return for each valence its most telling words, the strongest first; none where no word tells it apart.

    Log-odds ratio with an informative Dirichlet prior, the prior being the words of all explanations (Monroe,
    Colaresi and Quinn, 2008, "Fightin' Words", section 3.5.1, equations 20 to 22).

    Args:
        full: needs valence and explanation.
        each: words per valence, at most.
        least_z: a word below it is not told.
    """
    counter = CountVectorizer(min_df=LEAST_EXPLANATIONS)
    try:
        counts = counter.fit_transform(full["explanation"].to_pylist())
    except ValueError:  # fewer explanations than a word must be in, or no word in so many
        return []
    words = counter.get_feature_names_out()
    valences = np.array(full["valence"].to_pylist())
    found = []
    for valence in Valence:
        mine = valences == str(valence)
        if not mine.any() or mine.all():
            continue
        z = _z_scores(_sum(counts[mine]), _sum(counts[~mine]))
        here, elsewhere = (_sum(counts[rows] > 0) / rows.sum() for rows in (mine, ~mine))
        strongest = np.lexsort((words, -z))[:each]
        found += [
            LabelWord(str(valence), str(words[i]), float(z[i]), float(here[i]), float(elsewhere[i]))
            for i in strongest
            if z[i] >= least_z
        ]
    return found


def by_place(full: pa.Table, *, places: int = 12) -> list[PlaceShares]:
    """Return the valences by place in the list of the answer that each row came from.

    Args:
        full: needs position, from 0, and valence.
        places: rows from this place on are counted together.
    """
    cells: dict[tuple[int, str], int] = {}
    for count in counted(full, ["position", "valence"]):
        key = (min(int(count.values[0]) + 1, places), count.values[1])
        cells[key] = cells.get(key, 0) + count.rows
    return [
        PlaceShares(place, *(cells.get((place, str(valence)), 0) for valence in Valence))
        for place in sorted({place for place, _ in cells})
    ]


def _z_scores(mine: NDArray[np.float64], others: NDArray[np.float64]) -> NDArray[np.float64]:
    prior = mine + others
    total = prior.sum()
    variance = 1 / (mine + prior) + 1 / (others + prior)
    odds = np.log((mine + prior) / (mine.sum() + total - mine - prior))
    odds_elsewhere = np.log((others + prior) / (others.sum() + total - others - prior))
    scores: NDArray[np.float64] = (odds - odds_elsewhere) / np.sqrt(variance)
    return scores


def _sum(counts: object) -> NDArray[np.float64]:
    return np.asarray(counts.sum(axis=0), np.float64).ravel()  # type: ignore[attr-defined]
