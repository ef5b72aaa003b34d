import numpy as np
import pytest

from valueprism_build.embedding import Vectors
from valueprism_build.situations import meaning_links
from valueprism_build.situations.links import Links
from valueprism_build.situations.meaning_links import link_by_meaning


def at(*degrees: float) -> Vectors:
    angles = np.radians(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


@pytest.mark.parametrize("cells", [1, 1 << 25])
def test_vectors_within_the_angle_are_linked_and_known_ones_not_again(
    cells: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(meaning_links, "CELLS_PER_BLOCK", cells)
    vectors = at(0, 5, 50, 9, 54)
    links = Links(range(5))
    link_by_meaning(vectors, links, cosine=float(np.cos(np.radians(6))), known=2)
    assert [link[:3] for link in links.found] == [(1, 3, "meaning"), (2, 4, "meaning")]
    # cos 4 degrees
    assert [link.similarity for link in links.found] == pytest.approx([0.99756, 0.99756], abs=1e-5)


def test_a_cosine_exactly_at_the_threshold_is_enough_and_what_is_together_is_not_linked() -> None:
    links = Links([0, 0, 1])
    link_by_meaning(np.array([[1, 0], [1, 0], [0, 1]], np.float32), links, cosine=0.0)
    assert [link[:2] for link in links.found] == [(0, 2)]
    link_by_meaning(np.empty((0, 0), np.float32), Links([]), cosine=0.0)
