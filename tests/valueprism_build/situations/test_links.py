import numpy as np

from valueprism_build.situations.links import Link, Links


def test_of_several_pairs_between_two_groups_the_first_is_linked() -> None:
    links = Links([0, 0, 1, 2])
    links.join(np.array([1, 0, 0]), np.array([2, 2, 1]), np.array([0.5, 0.75, 1.0]), "letters")
    assert links.found == [Link(1, 2, "letters", 0.5)]  # 0 and 1 were together before
    assert links.apart(np.array([0, 1, 2]), np.array([2, 3, 3])).tolist() == [False, True, True]


def test_what_links_hold_together_is_together() -> None:
    links = Links(range(5))
    links.join(np.array([0, 3]), np.array([1, 4]), np.array([1.0, 1.0]), "letters")
    links.join(np.array([1]), np.array([3]), np.array([0.9]), "meaning")
    one, other = np.triu_indices(5, 1)
    assert links.apart(one, other).tolist() == [2 in pair for pair in zip(one, other, strict=True)]
    links.join(np.array([0]), np.array([4]), np.array([1.0]), "meaning")
    assert [link[:3] for link in links.found] == [(0, 1, "letters"), (3, 4, "letters"), (1, 3, "meaning")]


def test_nothing_joined_changes_nothing() -> None:
    links = Links([])
    links.join(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0), "letters")
    assert links.found == []
