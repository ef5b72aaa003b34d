from annotation.wishes.open_answers import OpenAnswer, judged
from valueprism_build.records import Rejected, Stage
from valueprism_build.wishes import Written


def written(person: str) -> Written:
    return Written("pilot", f"u-{person}", "missing_open", "s1", person, "whatever it was")


def part(rule: str) -> Rejected:
    return Rejected("u:missing_open:0", Stage.MISSING, rule, "of a part")


def key(person: str) -> tuple[str, str]:
    return f"u-{person}", "missing_open"


def test_an_answer_says_that_something_is_missing_if_one_of_its_wishes_is_not_listed() -> None:
    found = judged([written("a"), written("b")], {"u-a", "u-b"}, {key("a")}, {})
    assert found.said == [OpenAnswer("s1", "a", "missing_open", True), OpenAnswer("s1", "b", "missing_open", False)]
    assert found.rejected == []


def test_whoever_says_that_nothing_matters_says_that_nothing_is_missing() -> None:
    aside = {key("a"): [part("says_nothing")], key("b"): [part("only_small_words")]}
    found = judged([written("a"), written("b")], {"u-a", "u-b"}, (), aside)
    assert [one.missing for one in found.said] == [False, False]


def test_what_was_not_read_to_its_end_is_set_aside_unless_what_was_read_lacks_already() -> None:
    aside = {key(person): [part("says_nothing"), part("contact_data")] for person in "ab"}
    found = judged([written("a"), written("b")], {"u-a", "u-b"}, {key("b")}, aside)
    assert [(one.annotator_id, one.missing) for one in found.said] == [("b", True)]
    assert found.rejected == [Rejected("u-a:missing_open", Stage.MISSING, "contact_data", "of a part")]


def test_nothing_can_be_missing_from_a_list_that_nobody_was_shown() -> None:
    found = judged([written("a")], (), {key("a")}, {})
    assert (found.said, [row.rule for row in found.rejected]) == ([], ["no_list"])
