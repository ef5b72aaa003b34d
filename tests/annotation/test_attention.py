from annotation.attention import Attention, attention
from annotation.vocabulary import load_study
from tests.annotation.pages_made import item
from valueprism_build.campaigns import Gold
from valueprism_build.records import Vote

QUALITY = load_study("quality")[0]
ITEMS = {one.id: one for one in (item("s1.0"), item("v", Gold.VALID), item("f", Gold.FLIPPED), item("x", Gold.FOREIGN))}


def vote(item_id: str, answer: str, question: str = "relevant", who: str = "p", seconds: float | None = 4.0) -> Vote:
    return Vote(item_id, who, question, answer, seconds)


def test_what_gold_says_is_right_counts_and_what_it_says_nothing_of_does_not() -> None:
    on_gold = [
        vote("v", "Yes"),
        vote("x", "Yes"),  # wrong: it belongs elsewhere
        vote("x", "No", "explanation_sound"),  # who knows
        vote("f", "No", "valence_right"),
        vote("f", "No"),  # of a flipped item nothing but its side is known
    ]
    assert attention(QUALITY, ITEMS, [], on_gold, []) == [Attention("p", 2, 3, 0, 0, None)]


def test_a_repeat_is_measured_against_the_persons_own_first_answer() -> None:
    votes = [vote("s1.0", "Yes"), vote("s1.0", "No", "explanation_sound"), vote("s1.0", "No", who="q")]
    repeats = [vote("s1.0", "Yes"), vote("s1.0", "Yes", "explanation_sound"), vote("s1.0", "No", who="q")]
    found = attention(QUALITY, ITEMS, votes, [], repeats)
    assert [(one.annotator_id, one.same, one.repeats) for one in found] == [("p", 1, 2), ("q", 1, 1)]


def test_a_repeat_of_what_was_not_answered_tells_nothing() -> None:
    [found] = attention(QUALITY, ITEMS, [], [], [vote("s1.0", "Yes")])
    assert (found.same, found.repeats) == (0, 0)


def test_seconds_are_the_median_of_those_that_were_measured() -> None:
    votes = [vote("s1.0", "Yes", seconds=seconds) for seconds in (1.0, 2.0, 90.0, None)]
    assert attention(QUALITY, ITEMS, votes, [], [])[0].seconds == 2.0
