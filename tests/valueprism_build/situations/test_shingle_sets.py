from random import Random

import numpy as np
import pytest

from valueprism_build.ids import fold
from valueprism_build.situations import shingle_sets as module
from valueprism_build.situations.near_duplicates import jaccard, shingles
from valueprism_build.situations.shingle_sets import shingle_sets

TEXTS = [
    "abcde",
    "ABCDF!",
    "ab",
    "a b",
    "ha ha ha ha ha",
    "",
    "bacdefgh",
    "badcefgh",
    "abcdefgh",
    "\u091a\u093e\u092f \u092a\u0940\u0928\u093e",
    "abcd",
]


def drawn(count: int) -> list[str]:
    rng = Random(3)
    words = ["stealing", "bread", "for", "my", "child", "a", "neighbour", "to", "b"]
    return [" ".join(rng.choices(words, k=rng.randint(1, 9))) for _ in range(count)]


def test_sizes_are_those_of_the_sets() -> None:
    assert shingle_sets(TEXTS).sizes.tolist() == [len(shingles(fold(text))) for text in TEXTS]
    assert shingle_sets([]).sizes.tolist() == []


@pytest.mark.parametrize("texts", [TEXTS, drawn(40)])
def test_the_similarity_of_every_pair_is_that_of_the_sets(texts: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TEXTS_PER_BLOCK", 7)
    monkeypatch.setattr(module, "PAIRS_PER_BLOCK", 11)
    one, other = np.triu_indices(len(texts))
    parts = [shingles(fold(text)) for text in texts]
    expected = [jaccard(parts[a], parts[b]) for a, b in zip(one, other, strict=True)]
    sets = shingle_sets(texts)
    assert sets.jaccard(one, other) == pytest.approx(np.array(expected))
    for least in (0.2, 0.5, 1.0):
        reachable = sets.may_reach(one, other, least)
        assert all(reachable[np.array(expected) >= least])
        assert not all(reachable)
