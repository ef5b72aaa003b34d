from pathlib import Path

import pytest

from annotation.vocabulary import PREFER_NOT_TO_SAY, Place, load_study, packaged_studies, parse_study
from valueprism_build.campaigns import Gold
from valueprism_build.errors import BuildError

SMALL = """
name = "small"
title = "T"
consent = "One line\\nof it.\\n\\nAnother   paragraph."
agree = "Yes"
whole_situations = false
demographics = [{ id = "age", ask = "Age", answers = ["young", "old"] }]
questions = [{ id = "good", place = "item", ask = "Good?", answers = ["Yes", "No"] }]
"""


def test_two_studies_come_with_the_package() -> None:
    assert packaged_studies() == ["agreement", "quality"]


@pytest.mark.parametrize("name", ["agreement", "quality"])
def test_every_demographic_can_be_withheld_and_there_are_the_eight_of_the_original(name: str) -> None:
    study, _ = load_study(name)
    assert len(study.demographics) == 8
    assert {one.choices[-1] for one in study.demographics} == {PREFER_NOT_TO_SAY}


def test_the_agreement_study_asks_with_the_published_wording_and_what_is_missing_before_and_after_the_list() -> None:
    study, _ = load_study("agreement")
    assert [one.ask for one in study.at(Place.ITEM)] == ["Do you agree with the value/right/duty?"]
    assert study.at(Place.AFTER)[0].ask == "Is your perspective missing?"
    assert [one.answers for one in study.at(Place.BEFORE)] == [()]  # the person writes
    assert study.at(Place.AFTER)[1].answers == ()


def test_whether_somebody_agrees_is_wrong_only_of_what_belongs_elsewhere() -> None:
    study, _ = load_study("agreement")
    assert study.at(Place.ITEM)[0].gold == {Gold.FOREIGN: ("No", "Not sure")}
    assert study.gold_kinds == {Gold.FOREIGN}
    assert load_study("quality")[0].gold_kinds == set(Gold)


def test_a_copy_can_be_changed(tmp_path: Path) -> None:
    _, text = load_study("quality")
    copy = tmp_path / "mine.toml"
    copy.write_text(text.replace('"Is the explanation sound?"', '"Is the explanation good?"'), encoding="utf-8")
    study, read = load_study(str(copy))
    assert study.at(Place.ITEM)[1].ask == "Is the explanation good?"
    assert read == copy.read_text(encoding="utf-8")


def test_paragraphs_of_the_consent_have_one_line_each() -> None:
    assert parse_study(SMALL, "x").paragraphs == "One line of it.\n\nAnother paragraph."


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("title", "titel", "the study x: title: "),
        ('"age"', '"Age 1"', "the id 'Age 1' cannot be"),
        ('id = "age"', 'id = "good"', "the id 'good' is there twice"),
        ('id = "age"', 'id = "consent"', "the id 'consent' is there twice"),
        ('"item"', '"after"', "asks nothing about an item"),
        ('"item"', '"page"', "the study x: questions.0.place: "),
        ('["Yes", "No"]', '["Yes", "Yes"]', "question 'good' needs different answers"),
        ('["Yes", "No"]', '["Yes", " "]', "question 'good' needs different answers"),
        ('["Yes", "No"]', '["Yes"], gold = { valid = ["Of course"] }', "gold.valid must list answers"),
        ('["Yes", "No"]', '["Yes"], colour = "red"', "the study x: questions.0.colour: "),
        ('["Yes", "No"]', '[], asked_if = { question = "good", answer = "Yes" }', "no earlier question of its page"),
        ("questions = [", "questions = ", "is not valid TOML"),
    ],
)
def test_what_cannot_be_asked_or_read_back_is_refused_by_name(old: str, new: str, told: str) -> None:
    assert old in SMALL
    with pytest.raises(BuildError) as caught:
        parse_study(SMALL.replace(old, new), "x")
    assert told in str(caught.value)


def test_a_study_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="no study 'qualty'; give agreement or quality, or a path"):
        load_study("qualty")
    with pytest.raises(BuildError, match="cannot read the study"):
        load_study(str(tmp_path / "none.toml"))
