import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element, fromstring

import pytest

from annotation.answers import FIRST, asked_on
from annotation.label_config import FORMS, label_config
from annotation.vocabulary import Place, Study, load_study, packaged_studies, parse_study
from tests.annotation.test_vocabulary import SMALL

STUDIES = [load_study(name)[0] for name in packaged_studies()]


def repeaters(xml: str) -> dict[str, Element]:
    return {str(one.get("on")).removeprefix("$"): one for one in fromstring(xml).iter("Repeater")}


def controls(page: Element) -> Iterator[Element]:
    yield from page.iter("Choices")
    yield from page.iter("TextArea")


@pytest.mark.parametrize("study", STUDIES, ids=lambda study: study.name)
def test_the_form_asks_exactly_what_is_read_back(study: Study) -> None:
    pages = repeaters(label_config(study))
    assert tuple(pages) == FORMS
    for form, page in pages.items():
        shown = {}
        for control in controls(page):
            name = str(control.get("name")).replace("{{i}}", "0")
            answers = tuple(choice.get("alias") or str(choice.get("value")) for choice in control.iter("Choice"))
            shown[name] = (answers, control.get("required") == "true")
        asked = {f"{one.id}{FIRST}": (one.answers, one.required) for one in asked_on(study, form)}
        assert shown == asked


@pytest.mark.parametrize("study", STUDIES, ids=lambda study: study.name)
def test_every_control_points_at_a_text_of_its_own_page_and_no_key_is_there_twice(study: Study) -> None:
    for page in repeaters(label_config(study)).values():
        texts = {text.get("name") for text in page.iter("Text")}
        assert {control.get("toName") for control in controls(page)} <= texts
        keys = [choice.get("hotkey") for choice in page.iter("Choice") if choice.get("hotkey")]
        assert len(set(keys)) == len(keys)


def test_a_conditional_question_is_shown_on_its_answer_only() -> None:
    page = repeaters(label_config(STUDIES[0]))[Place.AFTER]
    [hidden] = [view for view in page.iter("View") if view.get("visibleWhen")]
    assert (hidden.get("whenTagName"), hidden.get("whenChoiceValue")) == ("perspective_missing_{{i}}", "Yes")
    assert [area.get("name") for area in hidden.iter("TextArea")] == ["missing_listed_{{i}}"]


def test_markup_in_a_study_stays_text() -> None:
    asked = """Fair & <b>square</b> 'or' not?"""
    study = parse_study(SMALL.replace('"Good?"', f'"{asked}"'), "x")
    headers = [header.get("value") for header in fromstring(label_config(study)).iter("Header")]
    assert asked in headers


def test_a_dollar_sign_refers_to_nothing_in_the_data() -> None:
    study = parse_study(SMALL.replace('"Good?"', '"Worth $5 or {$item}?"'), "x")
    page = repeaters(label_config(study))[Place.ITEM]
    [asked] = [str(one.get("value")) for one in page.iter("Header") if "Worth" in str(one.get("value"))]
    # Label Studio takes /\$[\w[\].{}]+/ for the name of a value, and puts that value, or "undefined", in its place.
    assert re.search(r"\$[\w\[\].{}]", asked) is None
    assert asked.replace("\N{WORD JOINER}", "") == "Worth $5 or {$item}?"


@pytest.mark.parametrize("study", STUDIES, ids=lambda study: study.name)
def test_an_answer_with_a_dollar_sign_is_stored_as_it_is_written(study: Study) -> None:
    choices = [choice for choice in fromstring(label_config(study)).iter("Choice") if "$" in str(choice.get("value"))]
    [income] = [one.answers for one in study.demographics if one.id == "income"]
    assert [choice.get("alias") for choice in choices] == list(income)
    assert not any(re.search(r"\$\w", str(choice.get("value"))) for choice in choices)


def test_what_is_open_is_told_by_its_question() -> None:
    page = repeaters(label_config(STUDIES[0]))[Place.ITEM]
    [control] = [one for one in controls(page) if one.get("required")]
    assert str(control.get("requiredMessage")).endswith(STUDIES[0].at(Place.ITEM)[0].ask)
