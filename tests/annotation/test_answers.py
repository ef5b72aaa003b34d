import json
from pathlib import Path
from typing import Any

import pytest

from annotation import answers
from annotation.answers import Reading
from annotation.vocabulary import INTRO, TEXT_AT_MOST, Place, Study, load_study

AGREEMENT = load_study("agreement")[0]
QUALITY = load_study("quality")[0]
EXPORT = Path(__file__).resolve().parents[1] / "data" / "label_studio_export.json"


def chosen(question: str, *choices: str) -> dict[str, Any]:
    return {"from_name": f"{question}_0", "to_name": "item_0", "type": "choices", "value": {"choices": list(choices)}}


def written(question: str, *lines: str) -> dict[str, Any]:
    return {"from_name": f"{question}_0", "to_name": "after_0", "type": "textarea", "value": {"text": list(lines)}}


def read(study: Study, form: str, uid: str, result: object) -> Reading:
    return answers.read(study, form, uid, json.dumps(result))


def rules(study: Study, form: str, result: object) -> list[tuple[str, str]]:
    return [(row.subject_id, row.rule) for row in read(study, form, "u", result).refused]


def test_what_label_studio_exports_is_read() -> None:
    tasks = {task["data"]["uid"]: task for task in json.loads(EXPORT.read_text(encoding="utf-8"))}
    # Four pages of the agreement study that a person clicked through in a browser (Label Studio 1.23.2).
    forms = {"a0": INTRO, "a1": Place.BEFORE, "a2": Place.ITEM, "a3": Place.AFTER}
    found = {uid: read(AGREEMENT, form, uid, tasks[uid]["annotations"][0]["result"]) for uid, form in forms.items()}
    assert [reading.refused for reading in found.values()] == [[], [], [], []]
    about = dict(found["a0"].answers)
    assert about.pop("consent") == AGREEMENT.agree
    assert about.pop("age") == "25-34"
    assert about == dict.fromkeys([one.id for one in AGREEMENT.demographics[1:]], "Prefer not to say")
    assert found["a1"].answers == {"missing_open": "Honesty, and kindness \U0001f600 <b>x</b>\nline two"}
    assert found["a2"].answers == {"agree": "No"}
    assert found["a3"].answers == {"perspective_missing": "No"}


def test_a_question_that_nobody_asks_is_refused_and_the_rest_is_kept() -> None:
    reading = read(AGREEMENT, Place.ITEM, "u", [chosen("agree", "Yes"), chosen("toxicity", "Yes")])
    assert reading.answers == {"agree": "Yes"}
    assert [(row.subject_id, row.rule) for row in reading.refused] == [("u:toxicity_0", "unknown_question")]


def test_a_question_of_another_page_is_unknown_on_this_one() -> None:
    result = [chosen("agree", "Yes"), chosen("perspective_missing", "Yes")]
    assert rules(AGREEMENT, Place.ITEM, result) == [("u:perspective_missing_0", "unknown_question")]


@pytest.mark.parametrize(
    ("part", "rule"),
    [
        (chosen("agree", "Perhaps"), "unknown_answer"),
        (chosen("agree", "yes"), "unknown_answer"),  # a choice that a hand-edited config spells otherwise
        (chosen("agree", "Yes", "No"), "several_answers"),
        (chosen("agree"), "several_answers"),
        (written("agree", "Yes"), "wrong_kind"),
    ],
)
def test_an_answer_that_does_not_fit_is_refused_once(part: dict[str, Any], rule: str) -> None:
    reading = read(AGREEMENT, Place.ITEM, "u", [part])
    assert reading.answers == {}
    assert [(row.subject_id, row.rule) for row in reading.refused] == [("u:agree", rule)]


def test_a_question_that_is_answered_twice_has_no_answer() -> None:
    reading = read(AGREEMENT, Place.ITEM, "u", [chosen("agree", "Yes"), chosen("agree", "No")])
    assert reading.answers == {}
    assert {row.rule for row in reading.refused} == {"several_answers"}


def test_every_required_answer_that_is_missing_is_refused_by_name() -> None:
    assert rules(QUALITY, Place.ITEM, [chosen("relevant", "Yes")]) == [
        ("u:explanation_sound", "answer_missing"),
        ("u:valence_right", "answer_missing"),
    ]


def test_consent_and_each_demographic_are_required() -> None:
    missing = rules(AGREEMENT, INTRO, [])
    assert missing[0] == ("u:consent", "answer_missing")
    assert len(missing) == 1 + 8


def test_a_question_behind_a_condition_is_required_only_if_it_is_asked() -> None:
    assert rules(AGREEMENT, Place.AFTER, [chosen("perspective_missing", "No")]) == []
    assert rules(AGREEMENT, Place.AFTER, [chosen("perspective_missing", "Yes")]) == [
        ("u:missing_listed", "answer_missing")
    ]
    both = [written("missing_listed", "Mercy"), chosen("perspective_missing", "Yes")]
    assert read(AGREEMENT, Place.AFTER, "u", both).answers == {"perspective_missing": "Yes", "missing_listed": "Mercy"}


def test_an_answer_to_what_was_not_asked_is_refused() -> None:
    both = [chosen("perspective_missing", "No"), written("missing_listed", "Mercy")]
    reading = read(AGREEMENT, Place.AFTER, "u", both)
    assert reading.answers == {"perspective_missing": "No"}
    assert [row.rule for row in reading.refused] == ["not_asked"]


def test_a_long_comment_with_emoji_is_kept_whole_and_a_longer_one_refused() -> None:
    # 10 kB: 2,500 emoji of four bytes each.
    long = "\U0001f600" * 2500
    assert read(AGREEMENT, Place.BEFORE, "u", [written("missing_open", long)]).answers == {"missing_open": long}
    assert rules(AGREEMENT, Place.BEFORE, [written("missing_open", "x" * (TEXT_AT_MOST + 1))]) == [
        ("u:missing_open", "too_long")
    ]


def test_blanks_are_no_answer() -> None:
    blank = [written("missing_open", " ", "\n")]
    assert rules(AGREEMENT, Place.BEFORE, blank) == [("u:missing_open", "answer_missing")]


def test_text_may_come_bare_or_in_several_pieces() -> None:
    bare = {"from_name": "missing_open_0", "value": {"text": "Mercy"}}
    assert read(AGREEMENT, Place.BEFORE, "u", [bare]).answers == {"missing_open": "Mercy"}
    pieces = [written("missing_open", "Mercy", "Truth")]
    assert read(AGREEMENT, Place.BEFORE, "u", pieces).answers == {"missing_open": "Mercy\nTruth"}


@pytest.mark.parametrize("result", [None, {}, [1], [{"from_name": "agree_0"}], [{"value": {}}], "[]"])
def test_what_is_no_result_is_refused_and_says_what_is_missing(result: object) -> None:
    found = rules(AGREEMENT, Place.ITEM, result)
    assert found == [("u:", "not_a_result"), ("u:agree", "answer_missing")]


def test_what_is_no_json_is_no_result() -> None:
    found = answers.read(AGREEMENT, Place.ITEM, "u", "[{")
    assert [row.rule for row in found.refused] == ["not_a_result", "answer_missing"]
