import itertools
import random

import numpy as np
import pytest

from valueprism_build.tasks.likeness import Likeness, core


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Right to Privacy", "privacy"),
        ("duty to be honest!", "be honest"),
        ("Privacy", "privacy"),
        ("Duty of care", "duty of care"),
        ("Right to", "right to"),
        ("...", "..."),
    ],
)
def test_a_core_is_folded_and_without_prefix(text: str, expected: str) -> None:
    assert core(text) == expected


def alike(one: str, other: str, cosine: float = 0.0) -> bool:
    vectors = np.array([[1, 0], [cosine, (1 - cosine**2) ** 0.5]], np.float32)
    likeness = Likeness([one, other], vectors, 0.6)
    forth = likeness.alike(np.array([0]), np.array([1]))
    back = likeness.alike(np.array([1]), np.array([0]))
    assert forth == back
    return bool(forth[0])


def test_words_that_are_all_in_the_other_text_make_two_alike_in_any_order() -> None:
    assert alike("health", "promote public health")
    assert alike("others respect", "respect for others")
    assert not alike("respect for others", "respect for life")


def test_part_of_a_word_is_no_word() -> None:
    assert not alike("art", "heart")


def test_a_cosine_exactly_at_the_threshold_is_alike() -> None:
    vectors = np.array([[1, 0], [0.5, 0.75**0.5]], np.float32)  # cosine exactly .5 in binary
    pair = np.array([0]), np.array([1])
    assert Likeness(["a", "b"], vectors, 0.5).alike(*pair)[0]
    assert not Likeness(["a", "b"], vectors, 0.5000001).alike(*pair)[0]


def test_containment_agrees_with_plain_sets_past_64_words() -> None:
    rng = random.Random(1)
    words = [f"w{i}" for i in range(200)]  # more words than bits, so bits are shared
    cores = list(dict.fromkeys(" ".join(rng.sample(words, rng.randint(1, 3))) for _ in range(150)))
    cores += [" ".join([*rng.sample(text.split(), len(text.split())), "more"]) for text in cores[:20]]
    left, right = np.array(list(itertools.product(range(len(cores)), repeat=2))).T
    found = Likeness(cores, np.zeros((len(cores), 2), np.float32), 0.5).alike(left, right)
    sets = [set(text.split()) for text in cores]
    expected = [sets[i] <= sets[j] or sets[j] <= sets[i] for i, j in zip(left, right, strict=True)]
    assert found.tolist() == expected
