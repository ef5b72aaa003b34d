import pytest

from valueprism_build.situations.minimal_pairs import minimal_pairs, same_deed


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


def test_pairs_differ_in_few_words_and_in_what_matters_the_nearest_first() -> None:
    texts = [
        "The owner is dead so you keep the purse",
        "The owner is dead so you donate the purse",  # one word, "keep"
        "The owner is dead so you keep my purse",  # the same deed
        "The owner has died so we burn the purse",  # of owner dead keep purse three are others
        "The owner is alive so you donate the purse",  # two of four
    ]
    assert minimal_pairs(texts, most=9) == [[1, 4], [0, 2, 4], [1, 4], [], [1, 0, 2]]
    assert minimal_pairs(texts, most=1) == [[1], [0], [1], [], [1]]


def test_of_two_words_one_may_differ_and_of_one_none() -> None:
    assert minimal_pairs(["Hugging a friend", "Hitting a friend", "Hugging"], most=9) == [[1, 2], [0], [0]]
    assert minimal_pairs(["Hugging", "Hitting"], most=9) == [[], []]
    assert minimal_pairs([], most=9) == []
