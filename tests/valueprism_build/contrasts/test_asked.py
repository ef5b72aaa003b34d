from dataclasses import replace

import pytest

from tests.valueprism_build.contrasts.making import proposal
from tests.valueprism_build.teachers.situations import situation
from tests.warehouse.rows import answer
from valueprism_build.contrasts.asked import Bar, Taken, take
from valueprism_build.contrasts.choosing import ContrastSettings
from valueprism_build.contrasts.subject import Named, Subject, written
from valueprism_build.ids import situation_id
from valueprism_build.records import Purpose, Situation, Stage, Vrd
from valueprism_build.situations.rules import rules
from valueprism_build.situations.settings import FilterSettings
from valueprism_build.teachers.contrast_prompt import example_texts

ORIGIN = replace(situation("Lending a ladder to the new neighbours"), licence="CC-BY-4.0", language="en")
SUBJECT = Subject(Named(Vrd.VALUE, "Generosity"), Named(Vrd.DUTY, "Duty to guard what is lent"))
CHANGED = "Lending a ladder to the known burglars"
BAR = Bar(ContrastSettings(), rules(FilterSettings()), example_texts(), lambda _: ("crime",))


def taken(text: str, finish_reason: str = "stop", bar: Bar = BAR) -> Taken:
    reply = replace(
        answer(ORIGIN), text=text, finish_reason=finish_reason, purpose=Purpose.CONTRAST, subject=written(SUBJECT)
    )
    return take([reply], ORIGIN, bar)


def rule(text: str, finish_reason: str = "stop") -> str:
    found = taken(text, finish_reason)
    assert (found.contrasts, found.changed) == ([], [])
    [reject] = found.rejected
    assert reject.stage is Stage.CONTRAST
    assert reject.detail
    return reject.rule


def test_a_contrast_names_its_origin_and_its_changed_situation_is_one_like_any_other() -> None:
    found = taken(proposal(f" {CHANGED}\n"))
    [contrast], [changed] = found.contrasts, found.changed
    assert found.rejected == []
    assert changed == Situation(situation_id(CHANGED), CHANGED, "contrast", ORIGIN.id, "CC-BY-4.0", "en", ("crime",))
    assert (contrast.origin_id, contrast.situation_id, contrast.situation) == (ORIGIN.id, changed.id, CHANGED)
    assert (contrast.vrd_x, contrast.text_x, contrast.explanation_x) == (*SUBJECT.x, "It would hurt them.")
    assert (contrast.vrd_y, contrast.text_y, contrast.explanation_y) == (*SUBJECT.y, "It would help them.")
    assert (contrast.teacher, contrast.verified) == ("openai", None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I'm sorry, I cannot help with that.", "refusal"),
        ("Sure: lend it to burglars.", "unparsable"),
        (proposal(CHANGED, explanations=(" . ", "b")), "no_explanation"),
        (proposal(CHANGED, explanations=("a", "b " * 121)), "too_long_explanation"),
        (proposal("Telling my aunt that I loathe the itchy jumper she knitted"), "echoed_example"),
        (proposal(CHANGED, ("Perhaps", "Supports")), "unknown_valence"),
        (proposal(CHANGED, ("Supports", "Opposes")), "not_swapped"),
        (proposal(CHANGED, ("Either", "Supports")), "not_swapped"),
        (proposal("lending the ladder to my new neighbours!"), "unchanged"),
        (proposal("Not lending a ladder to the new neighbours"), "bare_negation"),
        # Nine words are put in.
        (proposal(f"{ORIGIN.text} who have often broken into houses at night before"), "too_far"),
        # Of seven words only "to the new" stay.
        (proposal("Selling guns to the new gangs"), "too_far"),
        (proposal("Should I lend it to the new neighbours?"), "question"),
        (proposal("Ladder"), "too_short"),
    ],
)
def test_what_is_no_contrast_is_rejected_by_a_rule_of_its_own(text: str, expected: str) -> None:
    assert rule(text) == expected


def test_what_the_endpoint_cut_off_is_named_so() -> None:
    assert rule(proposal(CHANGED)[:40], "length") == "truncated"
    assert rule("", "content_filter") == "refusal"


def test_the_bounds_of_a_change_are_settings() -> None:
    far = proposal(f"{ORIGIN.text} who have often broken into houses at night before")
    wider = replace(BAR, settings=ContrastSettings(most_edits=9))
    assert len(taken(far, bar=wider).contrasts) == 1
    looser = replace(BAR, settings=ContrastSettings(least_kept=0.4))
    assert len(taken(proposal("Selling guns to the new gangs"), bar=looser).contrasts) == 1
