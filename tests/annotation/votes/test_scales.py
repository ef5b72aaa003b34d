import pytest

from annotation.votes.scales import Declared, Level, Scale, codes, declared_scale, found_scale, yes_codes
from valueprism_build.errors import BuildError


@pytest.mark.parametrize(
    ("answers", "level", "order"),
    [
        (["Yes", "no", "YES"], Level.BINARY, ("no", "YES")),  # the affirmative answer is last
        (["disagree", "Agree"], Level.BINARY, ("disagree", "Agree")),
        (["wrong", "fine"], Level.BINARY, ("fine", "wrong")),
        (["1", "0", "1.0"], Level.BINARY, ("0", "1")),
        (["yes"], Level.NOMINAL, ("yes",)),
        (["10", "9", "1"], Level.ORDINAL, ("1", "9", "10")),  # by number, not by the alphabet
        (["0.5", "2", "1"], Level.INTERVAL, ("0.5", "1", "2")),
        ([str(number) for number in range(12)], Level.INTERVAL, tuple(map(str, range(12)))),
        (["b", "c", "a", "1"], Level.NOMINAL, ("1", "a", "b", "c")),
        (["1", "2", "nan"], Level.NOMINAL, ("1", "2", "nan")),
        (["👍", "👎", "🤷"], Level.NOMINAL, ("👍", "👎", "🤷")),
    ],
)
def test_a_scale_is_found_from_the_answers(answers: list[str], level: Level, order: tuple[str, ...]) -> None:
    scale = found_scale(answers)
    assert (scale.level, scale.answers) == (level, order)


def test_a_level_that_nobody_chose_stays_when_it_is_declared() -> None:
    scale = declared_scale(Declared(Level.ORDINAL, ("low", "middle", "high")), ["low", "high"])
    assert scale == Scale(Level.ORDINAL, ("low", "middle", "high"), (0.0, 1.0, 2.0))
    assert codes(scale, ["HIGH", " low", "none"]) == [2, 0, -1]


def test_numbers_of_an_interval_scale_keep_their_distance() -> None:
    scale = declared_scale(Declared(Level.INTERVAL), ["10", "1e1", "2.5", "much"])
    assert (scale.answers, scale.values) == (("2.5", "10"), (2.5, 10.0))
    assert codes(scale, ["10.0", "much", "3"]) == [1, -1, -1]


def test_what_says_yes_is_known_or_told() -> None:
    assert yes_codes(found_scale(["Yes", "No", "Not sure"])) == [2]
    assert yes_codes(found_scale(["fine", "wrong"])) == [1]
    ratings = found_scale(["1", "2", "3", "4", "5"])
    assert (yes_codes(ratings), yes_codes(ratings, ["4", "5"])) == ([], [3, 4])
    with pytest.raises(BuildError, match="answer '6' is not on the scale 1, 2"):
        yes_codes(ratings, ["5", "6"])


@pytest.mark.parametrize(
    ("declared", "complaint"),
    [
        (Declared(Level.NOMINAL, ("a", "A")), "alike"),
        (Declared(Level.NOMINAL, ("a", " ")), "blank"),
        (Declared(Level.BINARY, ("a", "b", "c")), "two answers, not 3"),
        (Declared(Level.ORDINAL), "order is unknown"),
        (Declared(Level.INTERVAL, ("1", "many")), "numbers for answers"),
    ],
)
def test_a_scale_that_contradicts_itself_is_refused(declared: Declared, complaint: str) -> None:
    with pytest.raises(BuildError, match=complaint):
        declared_scale(declared, ["x", "y"])
