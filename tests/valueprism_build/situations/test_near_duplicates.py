from itertools import combinations
from random import Random

import pytest

from valueprism_build.ids import fold
from valueprism_build.situations.minimal_pairs import same_deed
from valueprism_build.situations.near_duplicates import (
    Match,
    NearDuplicateIndex,
    band_rows,
    families,
    jaccard,
    shingles,
)


def test_jaccard_counts_common_shingles() -> None:
    # "abcde" -> abcd bcde; "abcdf" -> abcd bcdf: 1 common of 3
    assert jaccard(shingles("abcde"), shingles("abcdf")) == pytest.approx(1 / 3)
    assert shingles("ab") == {"ab"}


@pytest.mark.parametrize(("similarity", "rows"), [(0.6, 5), (0.7, 6), (1.0, 512)])
def test_bands_miss_a_pair_at_the_threshold_at_most_once_in_a_thousand(similarity: float, rows: int) -> None:
    # 0.6: 5 rows, 102 bands: (1 - 0.0778)^102 = 2.6e-4; 6 rows, 85 bands: (1 - 0.0467)^85 = 0.017, too many
    # 0.7: 6 rows, 85 bands: (1 - 0.1176)^85 = 2.4e-5; 7 rows, 73 bands: (1 - 0.0824)^73 = 0.0019, too many
    assert band_rows(similarity) == rows


def test_a_pair_exactly_at_the_threshold_matches() -> None:
    # "abcdefg" has 4 shingles, "abcdefgh" the same and one more: 4/5
    index = NearDuplicateIndex(0.8)
    index.add("abcdefgh")
    assert index.matches("ABCDEFG!") == [Match(0, 0.8)]
    assert index.matches("zzzz") == []


def test_families_are_those_of_a_comparison_of_all_pairs() -> None:
    rng = Random(7)
    verbs, objects = ["Stealing", "Sharing", "Baking"], ["bread", "a loaf of bread", "warm bread", "old bread"]
    people = ["my father", "your father", "my grandfather", "a stranger", "two strangers"]
    texts = [f"{rng.choice(verbs)} {rng.choice(objects)} with {rng.choice(people)}" for _ in range(60)]
    expected = list(range(60))
    for one, other in combinations(range(60), 2):
        if jaccard(shingles(fold(texts[one])), shingles(fold(texts[other]))) >= 0.6:
            low, high = sorted((expected[one], expected[other]))
            expected = [low if family == high else family for family in expected]
    assert families(texts, 0.6) == expected


def test_texts_alone_and_no_texts_are_their_own_families() -> None:
    assert families([], 0.6) == []
    assert families(["Telling a lie", "Building a dam"], 0.6) == [0, 1]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Save a life", "to save a life"),
        ("Stealing bread to feed my starving child", "stealing bread to feed your starving child"),
        ("Kill a baby mosquito", "Killing a baby mosquito"),
        ("Kill a cockroach.", "kill a cookroach"),
    ],
)
def test_spellings_of_one_deed_are_the_same(one: str, other: str) -> None:
    assert same_deed(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Driving 20 mph over the limit", "Driving 50 mph over the limit"),
        ("The owner is dead so you keep it", "The owner is dead so you donate it"),
        ("A woman is driving too fast", "A man is driving too fast"),
        ("I gave a person a lot of fake money", "I gave a person a lot of money"),
        ("Obeying the law", "Not obeying the law"),
        ("Saving a baby after saving a lizard", "Saving a lizard after saving a baby"),
        ("Taking money from a friend", "Taking money to a friend"),
    ],
)
def test_minimal_pairs_that_differ_in_what_matters_are_not(one: str, other: str) -> None:
    assert not same_deed(one, other)
