from annotation.page_conduct import Run, page_conduct
from annotation.vocabulary import load_study
from tests.annotation.pages_made import item
from valueprism_build.campaigns import Gold, PageKind, ShownVote, Sitter
from valueprism_build.records import Vote

QUALITY = load_study("quality")[0]
ITEMS = {
    one.id: one
    for one in (
        *(item(f"s1.{number}") for number in range(6)),
        item("valid", Gold.VALID),
        item("foreign", Gold.FOREIGN),
    )
}
TEXT = "That the neighbours were not asked at all, though it is their street as well"


def shown(
    position: int, item_id: str, answer: str, question: str = "relevant", who: str = "p", seconds: float | None = 4.0
) -> ShownVote:
    kind = PageKind.ITEM if ITEMS.get(item_id, item("x")).gold is None else PageKind.GOLD
    return ShownVote(position, kind, Vote(item_id, who, question, answer, seconds))


def written(text: str, who: str, position: int = 0) -> ShownVote:
    return ShownVote(position, PageKind.AFTER, Vote("s1", who, "missing_listed", text, 20.0))


def sitter(who: str = "p", person: int | None = None, dealt: int = 10, answered: int = 4) -> Sitter:
    return Sitter(who, person, dealt, answered)


def test_a_run_is_told_in_the_order_of_the_pages_with_the_gold_items_in_it() -> None:
    answers = [
        shown(5, "s1.3", "No"),
        shown(1, "s1.0", "Yes"),
        shown(2, "valid", "Yes"),  # right
        shown(3, "foreign", "Yes"),  # wrong
        shown(4, "s1.1", "Yes"),
        shown(7, "s1.4", "No"),  # page 6 asks nothing of this question
        shown(8, "s1.5", "Yes"),
        shown(1, "s1.0", "Yes", "explanation_sound"),
    ]
    [found] = page_conduct(QUALITY, ITEMS, answers, [sitter()])
    assert found.runs == (Run("relevant", "Yes", 4, 1, 1), Run("relevant", "No", 2, 0, 0))
    assert (found.attention.right, found.attention.gold) == (1, 2)


def test_pages_are_timed_once_however_many_questions_they_have() -> None:
    answers = [
        shown(1, "s1.0", "Yes"),
        shown(1, "s1.0", "Yes", "explanation_sound"),
        shown(2, "s1.1", "Yes", seconds=None),
        shown(3, "valid", "Yes"),
    ]
    [found] = page_conduct(QUALITY, ITEMS, answers, [sitter()])
    assert (found.timed, found.dealt, found.answered) == (1, 10, 4)


def test_who_has_answered_nothing_has_a_conduct_too() -> None:
    [found] = page_conduct(QUALITY, ITEMS, [], [sitter(answered=0)])
    assert (found.attention.gold, found.attention.seconds, found.runs, found.timed) == (0, None, (), 0)


def test_of_two_people_with_one_account_the_later_is_told() -> None:
    sitters = [sitter("z", 7), sitter("p", 7), sitter("q", 8), sitter("a", None), sitter("b", None)]
    found = {one.annotator_id: one.same_account for one in page_conduct(QUALITY, ITEMS, [], sitters)}
    assert found == {"z": "", "p": "z", "q": "", "a": "", "b": ""}


def test_long_texts_that_somebody_wrote_before_are_counted_and_short_ones_are_not() -> None:
    answers = [
        written(TEXT, "first"),
        written(TEXT + " and more", "first", 1),
        written("Privacy", "first", 2),
        written(TEXT, "later"),
        written(TEXT + " and more", "later", 1),
        written("Privacy", "later", 2),
        written("Privacy", "other"),
    ]
    sitters = [sitter("first"), sitter("later"), sitter("other")]
    found = {one.annotator_id: one.same_texts for one in page_conduct(QUALITY, ITEMS, answers, sitters)}
    assert found == {"first": 0, "later": 2, "other": 0}
