from itertools import combinations
from random import Random

import numpy as np
import pytest

from valueprism_build.ids import fold
from valueprism_build.situations.letter_links import MAX_MISS, ROWS, band_count, link_by_letters
from valueprism_build.situations.links import Links
from valueprism_build.situations.near_duplicates import jaccard, shingles


def drawn(count: int) -> list[str]:
    rng = Random(7)
    verbs, objects = ["Stealing", "Sharing", "Baking"], ["bread", "a loaf of bread", "warm bread", "old bread"]
    people = ["my father", "your father", "my grandfather", "a stranger", "two strangers"]
    return [f"{rng.choice(verbs)} {rng.choice(objects)} with {rng.choice(people)}" for _ in range(count)]


def alike(texts: list[str], similarity: float) -> list[tuple[int, int]]:
    """Compare all pairs."""
    parts = [shingles(fold(text)) for text in texts]
    return [pair for pair in combinations(range(len(texts)), 2) if jaccard(*(parts[i] for i in pair)) >= similarity]


def components(count: int, pairs: list[tuple[int, int]]) -> list[int]:
    first = list(range(count))
    for one, other in pairs:
        low, high = sorted((first[one], first[other]))
        first = [low if family == high else family for family in first]
    return first


@pytest.mark.parametrize("threads", [1, 3])
def test_links_hold_together_what_a_comparison_of_all_pairs_does(threads: int) -> None:
    texts = drawn(60)
    links = Links(range(60))
    link_by_letters(texts, links, similarity=0.6, threads=threads)
    pairs = [(link.one, link.other) for link in links.found]
    assert {tuple(sorted(pair)) for pair in pairs} <= set(alike(texts, 0.6))
    assert components(60, pairs) == components(60, alike(texts, 0.6))


def test_a_pair_exactly_at_the_threshold_is_linked() -> None:
    links = Links(range(3))
    # "abcdefg" has 4 shingles, "abcdefgh" the same and one more: 4/5
    link_by_letters(["abcdefgh", "zzzz", "ABCDEFG!"], links, similarity=0.8)
    assert [(sorted(link[:2]), link.route, link.similarity) for link in links.found] == [([0, 2], "letters", 0.8)]


def test_known_texts_are_not_compared_with_each_other_again() -> None:
    texts = ["Stealing some bread", "Stealing some breads", "Stealing some bread now"]
    links = Links(range(3))
    link_by_letters(texts, links, similarity=0.5, known=2)
    assert {frozenset(link[:2]) for link in links.found} == {frozenset({0, 2}), frozenset({1, 2})}


def test_a_template_with_more_fillings_than_the_reach_is_one_family() -> None:
    texts = [f"Driving {number} mph over the limit to get my wife to a hospital" for number in range(100, 200)]
    links = Links(range(100))
    link_by_letters(texts, links, similarity=0.8, reach=2)
    assert not links.apart(np.zeros(100, np.int64), np.arange(100)).any()


@pytest.mark.parametrize("texts", [[], ["Telling a lie"], ["Telling a lie", "Building a dam"]])
def test_without_a_similar_pair_there_is_no_link(texts: list[str]) -> None:
    links = Links(range(len(texts)))
    link_by_letters(texts, links, similarity=0.5)
    assert links.found == []


@pytest.mark.parametrize("similarity", [0.4, 0.5, 0.6, 0.9])
def test_bands_are_as_many_as_it_takes(similarity: float) -> None:
    missed = 1 - similarity**ROWS  # by one band
    bands = band_count(similarity)
    assert missed**bands <= MAX_MISS < missed ** (bands - 1)
    assert band_count(1.0) == 1
