import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from math import log

import pytest

from valueprism_build.considerations.relevance import RelevanceSettings, measured, relevance_of, sift
from valueprism_build.errors import SettingsError
from valueprism_build.ids import consideration_id, vrd_id
from valueprism_build.records import Answer, Consideration, Purpose, Rejected, Stage, Valence, Vrd


def said(likely: Mapping[str, float]) -> str:
    """A reply as the journal keeps it; the likelihoods are probabilities, not logarithms."""
    return json.dumps({"content": "", "top": [[token, log(p)] for token, p in likely.items()]})


def reply(subject: str, yes: float, teacher: str = "t", hour: int = 1, **change: str) -> Answer:
    made = Answer(
        request_hash=f"{teacher}-{hour}-{subject}",
        situation_id="s",
        teacher=teacher,
        model="m",
        prompt_version="relevance-v1",
        params="{}",
        text=said({"Yes": yes, "No": 1 - yes}),
        finish_reason="length",
        prompt_tokens=1,
        completion_tokens=1,
        cost=None,
        latency=0.1,
        created_at=datetime(2026, 1, 1, hour, tzinfo=UTC),
        purpose=Purpose.RELEVANCE,
        subject=subject,
    )
    return replace(made, **change)  # type: ignore[arg-type]


def item(text: str, vrd: Vrd = Vrd.VALUE, position: int = 0) -> Consideration:
    identity = consideration_id("s", vrd, text, Valence.SUPPORTS)
    return Consideration(identity, "s", vrd, text, "because", Valence.SUPPORTS, "t", "h", position)


@pytest.mark.parametrize(
    ("likely", "relevance"),
    [
        ({"Yes": 0.6, "No": 0.2, "The": 0.1}, 0.75),  # .6 / (.6 + .2): what else was likely counts nothing
        ({"Yes": 0.3, " yes": 0.1, "YES.": 0.05, "No": 0.1, "no": 0.05}, 0.75),  # .45 / (.45 + .15)
        ({"**No**": 0.2, "\u2581Yes": 0.2}, 0.5),
        ({"Yes": 0.9, "It": 0.05}, 1.0),  # a No that is not listed counts as nothing
        ({"No": 0.9, "It": 0.05}, 0.0),
        ({"Yesterday": 0.5, "None": 0.3, "Yes": 0.1, "No": 0.1}, 0.5),  # only the whole words
    ],
)
def test_relevance_is_the_probability_of_yes_among_yes_and_no(likely: dict[str, float], relevance: float) -> None:
    assert relevance_of(said(likely)) == pytest.approx(relevance, abs=1e-12)


def test_probabilities_too_small_for_a_float_still_have_a_ratio() -> None:
    # e^-2000 is 0 as a float; the ratio is e^0 / (e^0 + e^-log 3) = 1 / (1 + 1/3).
    assert relevance_of(json.dumps({"top": [["Yes", -2000.0], ["No", -2000 - log(3)]]})) == pytest.approx(0.75)
    assert relevance_of(json.dumps({"top": [["Yes", -9999.0], ["No", 0.0]]})) == 0.0


@pytest.mark.parametrize("likely", [{}, {"The": 0.9}, {"": 1.0}])
def test_a_reply_that_lists_neither_word_has_no_relevance(likely: dict[str, float]) -> None:
    assert relevance_of(said(likely)) is None


def test_a_reply_that_lists_neither_word_is_set_aside_and_names_its_likeliest_tokens() -> None:
    strange = replace(reply("a", 0.5), text=said({"The": 0.5, "It": 0.2, '"': 0.1, "A": 0.05}))
    found = measured([strange, reply("b", 0.25)], "t")
    assert found.by_vrd == {"b": pytest.approx(0.25)}
    detail = "neither Yes nor No is among the first tokens; the likeliest are 'The', 'It', '\"'"
    assert found.rejected == [Rejected(strange.request_hash, Stage.RELEVANCE, "neither_yes_nor_no", detail)]


def test_nobody_asked_means_nothing_measured() -> None:
    assert measured([], "") == measured([reply("a", 0.5)], "somebody else") == ({}, [])


def test_only_the_replies_of_the_named_teacher_count() -> None:
    replies = [reply("a", 0.2, "one", hour=1), reply("a", 0.4, "other", hour=2)]
    assert measured(replies, "one").by_vrd["a"] == pytest.approx(0.2)
    assert measured(replies, "other").by_vrd["a"] == pytest.approx(0.4)


def test_with_nobody_named_those_of_whoever_was_asked_last_count_and_are_not_mixed() -> None:
    replies = [reply("a", 0.2, "one", hour=1), reply("b", 0.3, "one", hour=1), reply("a", 0.4, "other", hour=2)]
    assert measured(replies, "").by_vrd == {"a": pytest.approx(0.4)}
    assert measured([*replies, reply("a", 0.9, "local", hour=3)], "").by_vrd == {"a": pytest.approx(0.4)}


@pytest.mark.parametrize("change", [{"model": "n"}, {"prompt_version": "relevance-v2"}, {"params": '{"seed":8}'}])
def test_another_model_prompt_or_parameter_starts_anew(change: dict[str, str]) -> None:
    replies = [reply("a", 0.2), reply("b", 0.3), reply("b", 0.6, hour=2, **change)]
    assert measured(replies, "t").by_vrd == {"b": pytest.approx(0.6)}


def test_of_two_replies_about_one_thing_the_later_counts() -> None:
    assert measured([reply("a", 0.6, hour=2), reply("a", 0.2, hour=1)], "t").by_vrd["a"] == pytest.approx(0.6)


def test_a_threshold_is_of_its_type_and_met_by_what_equals_it() -> None:
    items = [item("Thrift"), item("Right to rest", Vrd.RIGHT, 1), item("Duty to wait", Vrd.DUTY, 2), item("Order")]
    by_vrd = {vrd_id("s", one.vrd, one.text): 0.5 for one in items[:3]}
    kept, rejected = sift(items, by_vrd, {Vrd.VALUE: 0.5, Vrd.RIGHT: 0.51})
    assert [(one.text, one.relevance) for one in kept] == [("Thrift", 0.5), ("Duty to wait", 0.5), ("Order", None)]
    detail = "relevance 0.500 of 'Right to rest', a right needs 0.51"
    assert rejected == [Rejected("h:1", Stage.RELEVANCE, "irrelevant", detail)]


def test_words_that_differ_in_case_only_share_one_measurement() -> None:
    kept, _ = sift([item("thrift!")], {vrd_id("s", Vrd.VALUE, "Thrift"): 0.5}, {})
    assert kept[0].relevance == 0.5


@pytest.mark.parametrize("least", [-0.1, 1.1, float("nan")])
def test_a_threshold_is_a_number_from_0_to_1(least: float) -> None:
    with pytest.raises(SettingsError, match=r"least_duty is .*; choose a number from 0 to 1"):
        RelevanceSettings(least_duty=least)
