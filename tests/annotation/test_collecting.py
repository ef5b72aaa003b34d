import json
from collections.abc import Sequence
from datetime import timedelta

import pytest

from annotation.collecting import Collected, Dealt, collect
from annotation.exchange.server import Annotation, TaskState
from annotation.vocabulary import load_study
from tests.warehouse.rows import DAY
from valueprism_build.campaigns import AnsweredPage, Page, PageKind
from valueprism_build.records import Annotator, Vote

STUDY = load_study("agreement")[0]
PERSON, STRANGER = 7, 8
DEAL = {
    uid: Dealt(Page(uid, "seat", place, kind, item, situation), "p1", PERSON)
    for place, (uid, kind, item, situation) in enumerate(
        [
            ("intro", PageKind.INTRO, "", ""),
            ("item", PageKind.ITEM, "i1", "s1"),
            ("gold", PageKind.GOLD, "g1", "s2"),
            ("after", PageKind.AFTER, "", "s1"),
        ]
    )
}
ABOUT = {one.id: one.answers[0] for one in STUDY.demographics}


def annotation(
    id_: int, answers: dict[str, str], person: int = PERSON, minutes: int = 0, *, skipped: bool = False
) -> Annotation:
    result = [{"from_name": f"{question}_0", "value": {"choices": [said]}} for question, said in answers.items()]
    return Annotation(id_, person, json.dumps(result), 3.5, skipped, DAY + timedelta(minutes=minutes))


def state(uid: str, *annotations: Annotation) -> TaskState:
    return TaskState(1, uid, DAY, annotations)


def collected(*states: TaskState) -> Collected:
    return collect(STUDY, DEAL, states)


def rules(found: Collected) -> Sequence[tuple[str, str]]:
    return [(row.subject_id, row.rule) for row in found.rejected]


def test_an_answer_becomes_a_vote_on_the_item_or_on_the_situation() -> None:
    found = collected(
        state("item", annotation(1, {"agree": "Yes"})), state("after", annotation(2, {"perspective_missing": "No"}))
    )
    assert found == Collected(
        [
            AnsweredPage("item", "p1", (Vote("i1", "p1", "agree", "Yes", 3.5),), DAY),
            AnsweredPage("after", "p1", (Vote("s1", "p1", "perspective_missing", "No", 3.5),), DAY),
        ],
        [],
        [],
        [],
    )


def test_a_gold_item_is_answered_like_any_other() -> None:
    [page] = collected(state("gold", annotation(1, {"agree": "No"}))).answered
    assert page.votes == (Vote("g1", "p1", "agree", "No", 3.5),)


def test_a_page_that_nobody_was_dealt_is_refused_once_it_is_answered() -> None:
    assert collected(state("else")) == Collected([], [], [], [])
    assert rules(collected(state("else", annotation(1, {"agree": "Yes"})))) == [("else", "not_dealt")]


def test_who_agrees_and_says_who_they_are_is_an_annotator_and_leaves_no_vote() -> None:
    found = collected(state("intro", annotation(1, {"consent": STUDY.agree, **ABOUT})))
    assert found == Collected([AnsweredPage("intro", "p1", (), DAY)], [Annotator("p1", tuple(ABOUT.items()))], [], [])


@pytest.mark.parametrize("left_out", ["consent", "politics"])
def test_who_leaves_something_out_of_the_first_page_is_none_and_it_is_said(left_out: str) -> None:
    answers = {question: said for question, said in {"consent": STUDY.agree, **ABOUT}.items() if question != left_out}
    found = collected(state("intro", annotation(1, answers)))
    assert found.annotators == []
    assert rules(found) == [(f"intro:{left_out}", "answer_missing")]


def test_a_task_that_nobody_was_dealt_is_refused() -> None:
    assert rules(collected(state("unknown", annotation(1, {"agree": "Yes"})))) == [("unknown", "not_dealt")]


def test_an_answer_on_somebody_elses_page_is_refused_and_theirs_is_kept() -> None:
    found = collected(state("item", annotation(1, {"agree": "No"}, STRANGER), annotation(2, {"agree": "Yes"})))
    assert [page.votes[0].answer for page in found.answered] == ["Yes"]
    assert rules(found) == [("item", "not_their_page")]


def test_of_two_answers_the_later_one_counts_and_the_other_is_refused() -> None:
    found = collected(state("item", annotation(2, {"agree": "Yes"}, minutes=1), annotation(3, {"agree": "No"})))
    assert [page.votes[0].answer for page in found.answered] == ["Yes"]
    assert rules(found) == [("item", "answered_again")]


def test_a_page_that_was_passed_over_or_whose_answer_is_gone_is_withdrawn() -> None:
    found = collected(state("item", annotation(1, {}, skipped=True)), state("gold"))
    assert (found.answered, found.withdrawn) == ([], ["item", "gold"])
    assert rules(found) == [("item", "skipped")]


def test_of_a_task_that_comes_twice_the_last_state_counts() -> None:
    found = collected(state("item", annotation(1, {"agree": "Yes"})), state("item", annotation(1, {"agree": "No"})))
    assert [page.votes[0].answer for page in found.answered] == ["No"]


def test_a_choice_that_there_is_none_of_is_refused_by_its_rule() -> None:
    found = collected(state("item", annotation(1, {"agree": "Perhaps"})))
    assert rules(found) == [("item:agree", "unknown_answer")]
    assert found.answered[0].votes == ()
