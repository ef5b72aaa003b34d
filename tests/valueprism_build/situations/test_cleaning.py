import pytest

from valueprism_build.situations.cleaning import clean
from valueprism_build.situations.sensitivity import sensitive_topics


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("Petting your sisterâ€™s dog", "Petting your sister\u2019s dog"),
        ("Petting your sister\u2019s dog", "Petting your sister\u2019s dog"),
        ("a\u00a0b\u200bc\u00ad \t\r\n d\te\x07\ufeff", "a bc d e"),
        ("Ben &amp; Jerry", "Ben & Jerry"),
        ("Ce\u0301dric", "C\u00e9dric"),
        (" \n", ""),
    ],
)
def test_encoding_accidents_go_and_wording_stays(raw: str, expected: str) -> None:
    assert clean(raw) == expected


def test_cleaning_twice_changes_nothing_more() -> None:
    once = clean("  Telling\u00a0a &lt;white&gt; lie\u200b ")
    assert clean(once) == once


@pytest.mark.parametrize(
    ("text", "topics"),
    [
        ("Killing a bear", ("violence",)),
        ("Learning a new skill as an assassin bug keeper", ("violence",)),
        ("Learning a new skill", ()),
        ("Helping a suicidal friend who is drunk", ("drugs", "self_harm")),
        ("Stopping a genocide", ("death", "hate", "violence")),
        ("Classifying grapes in Scunthorpe", ()),
    ],
)
def test_topics_are_flagged_by_whole_words_in_order(text: str, topics: tuple[str, ...]) -> None:
    assert sensitive_topics()(text) == topics
