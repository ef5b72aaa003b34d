from collections import Counter

import pytest

from annotation.wishes.personal import without_names
from annotation.wishes.phrases import Split, split
from annotation.wishes.saying_nothing import gist


def parts(text: str, *, most_phrases: int = 20, most_words: int = 60) -> Split:
    return split(text, most_phrases=most_phrases, most_words=most_words)


@pytest.mark.parametrize(
    ("text", "phrases"),
    [
        ("honesty", ["honesty"]),
        ("honesty, respect and privacy", ["honesty", "respect", "privacy"]),
        ("law and order", ["law and order"]),  # no list: nothing stands between commas
        ("- health of the birds\n- littering\n2) safety", ["health of the birds", "littering", "safety"]),
        ("Values: honesty; Duties: to animals", ["honesty", "to animals"]),
        ("The crew decides. Nobody asked them!", ["The crew decides", "Nobody asked them"]),
        ("Respect for elders, e.g. grandparents, matters", ["Respect for elders, e.g. grandparents, matters"]),
        ("The captain's rule, which all follow", ["The captain's rule, which all follow"]),
        ("<p>Right to <b>clean</b> ships</p><script>alert(1)</script>", ["Right to clean ships"]),
        ("&lt;b&gt;peace&lt;/b&gt;", ["peace"]),
        ("I <3 birds and 5 > 3", ["I <3 birds and 5 > 3"]),
        ("=HYPERLINK(\"x\")", ["HYPERLINK(\"x"]),  # no formula to a spreadsheet
        ("El derecho de las aves", ["El derecho de las aves"]),
        ("\u9ce5\u306e\u5065\u5eb7\u3001\u6d77", ["\u9ce5\u306e\u5065\u5eb7", "\u6d77"]),
        ("Privacy. privacy! PRIVACY", ["Privacy"]),
        ("Kindness \U0001f600", ["Kindness \U0001f600"]),
        ("health, money, caring for your kids", ["health", "money", "caring for your kids"]),  # all but the last terse
        ("love, a safe place for it", ["love, a safe place for it"]),  # one other word makes no list of a sentence
        ("you owe them, they raised you", ["you owe them, they raised you"]),
        ("tell them early, not at the door", ["tell them early, not at the door"]),
        ("Vitamin C. heals", ["Vitamin C. heals"]),
    ],
)  # fmt: skip
def test_an_answer_is_split_into_what_it_lists(text: str, phrases: list[str]) -> None:
    assert parts(text).kept == phrases
    assert parts(text).set_aside == []


@pytest.mark.parametrize(
    "text",
    [
        "nothing", "N/A", "none.", "No", "No, nothing is missing", "there is nothing missing", "I don't know",
        "I think nothing is missing here", "The list is complete", "I can't think of anything else", "nada", "nichts",
        "no values or rights", "not sure", "It covers everything", "nothing is missing i think", "dont know sorry",
        "none that come to mind right now", "lol who cares",
    ],
)  # fmt: skip
def test_nothing_in_many_words_is_no_wish(text: str) -> None:
    found = parts(text)
    assert found.kept == []
    assert {one.rule for one in found.set_aside} == {"says_nothing"}


@pytest.mark.parametrize(
    "text",
    ["nothing about the animals", "Nobody asked the crew", "No harm", "knowing when to stop", "the right to say no"],
)
def test_what_only_begins_like_nothing_is_a_wish(text: str) -> None:
    assert parts(text).kept == [text]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("\U0001f600\U0001f600", "no_words"),
        ("...", "no_words"),
        ("\U0001f54a\ufe0f\u2764\ufe0f", "no_words"),  # hearts and doves are drawn with combining marks
        ("", "no_words"),
        ("you should do the things that are", "only_small_words"),
        ("mail ann@example.org", "contact_data"),
        ("call 555-123-4567", "contact_data"),
        ("see www.example.com", "contact_data"),
        ("ask @someone", "contact_data"),
        ("@someone", "contact_data"),  # its mark stays on until it was looked at
        ("@SUM(1)", "contact_data"),  # reads like a handle; no formula to a spreadsheet
        ("5f3c1a2b9d8e7f6a5b4c3d2e", "contact_data"),
        ("jo at mail dot com", "contact_data"),
        ("I live at 12 Oak Tree Road", "contact_data"),
        ("my insta is jo.b", "contact_data"),
        ("find me on facebook", "contact_data"),
        ("my sister Ruth, call me on my phone", "contact_data"),
        ("x" * 1201, "too_long_phrase"),  # 60 words of 20 characters are 1,200
        ("so " * 60 + "long", "too_long_phrase"),
    ],
)
def test_what_is_set_aside_has_a_rule_and_is_not_repeated(text: str, rule: str) -> None:
    found = parts(text)
    assert (found.kept, [one.rule for one in found.set_aside]) == ([], [rule])
    assert not any(word in one.detail for one in found.set_aside for word in text.split() if len(word) > 6)


def test_limits_are_met_exactly() -> None:
    assert parts("so " * 59 + "long").kept == [("so " * 59 + "long")]
    assert len(parts("a1; b2; c3", most_phrases=3).kept) == 3
    found = parts("a1; b2; c3; d4; e5", most_phrases=3)
    assert (len(found.kept), Counter(one.rule for one in found.set_aside)) == (3, {"too_many_phrases": 2})


def test_ten_thousand_characters_of_anything_come_to_an_end() -> None:
    for text in (
        "<" * 10_000,
        "a, " * 3_000,
        "1) " * 3_000,
        "&amp;" * 2_000,
        "- " * 5_000,
        "no " * 3_000,
        "@" * 10_000,
        "a-" * 10_000,
        "a." * 10_000,
        "+1" * 10_000,
    ):
        found = parts(text)
        assert len(found.kept) <= 20
        assert found.kept or found.set_aside


@pytest.mark.parametrize(
    ("text", "without"),
    [
        ("My name is Ann Miller and I agree", "My name is [name] and I agree"),
        ("my sister Ruth would want peace", "my sister [name] would want peace"),
        ("Dr. Smith says health", "Dr. [name] says health"),
        ("my cousin Dr. Haddad would agree", "my cousin [name] would agree"),  # the title was taken for the name
        ("My name is J. R. Smith", "My name is [name]"),
        ("her name was Rosa Diaz", "her name was [name]"),
        ("my best friend Jo and his late wife Ann", "my best friend [name] and his late wife [name]"),
        ("my sister-in-law Ruth", "my sister-in-law [name]"),
        ("my sister's husband Bob", "my sister's husband [name]"),
        ("my husband, Bob, says so", "my husband, [name], says so"),
        ("mi hermana Rosa", "mi hermana [name]"),
        ("Freedom of Speech", "Freedom of Speech"),
        ("my sister would want peace", "my sister would want peace"),
        ("bullying over whatsapp, call me old-fashioned", "bullying over whatsapp, call me old-fashioned"),
    ],
)
def test_names_that_the_words_before_them_tell_are_taken_out(text: str, without: str) -> None:
    assert without_names(text) == without


def test_a_name_between_commas_is_taken_out_before_the_text_is_read_as_a_list() -> None:
    found = parts("my husband, Bob, worked there for years")
    assert found.kept == ["my husband", "worked there for years"]
    assert [one.rule for one in found.set_aside] == ["only_small_words"]  # the [name] alone says nothing


@pytest.mark.parametrize(
    ("text", "core"),
    [
        ("I think that the environment is missing.", "environment"),
        ("nobody thinks of the animals", "animals"),
        ("What about the crew?", "crew?"),
        ("The birds' health should matter too", "birds' health"),
        ("Why is nobody saying that the crew needs rest", "crew needs rest"),
        ("you forgot", "you forgot"),
        ("The", "The"),
    ],
)
def test_the_gist_is_without_how_people_begin_and_end(text: str, core: str) -> None:
    assert gist(text) == core
