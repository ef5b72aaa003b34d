from collections import Counter

import pytest

from tests.valueprism_build.release.agreement.asking import (
    AGREE,
    MISSING,
    POLITICS,
    UNSAID,
    asked,
    full,
    item,
    people,
)
from valueprism_build.release.agreement.build import Agreement, build
from valueprism_build.release.agreement.opinions import ClosedQuestion, Opinions
from valueprism_build.release.agreement.rows import OTHERS, from_arrow, to_arrow
from valueprism_build.release.agreement.tally import Rule

GIVEN = {
    ("Liberal", "Yes"): 9,
    ("Liberal", "No"): 6,
    ("Moderate", "Yes"): 2,
    ("Conservative", "Yes"): 5,
    ("Conservative", "No"): 8,
    ("Conservative", "Not sure"): 1,
    (UNSAID, "Yes"): 4,
    ("", "Yes"): 2,
    ("", "No"): 1,
    ("", "Not sure"): 2,
}


def made(opinions: Opinions, k: int = 5) -> Agreement:
    items = [item for campaign in opinions.campaigns for item in campaign.items]
    agreement = build(opinions, full(items), (), version="1.0.0", k=k)
    assert agreement is not None
    return agreement


def of_one_item(given: dict[tuple[str, str], int], k: int = 5) -> Agreement:
    said, answers = people(given)
    return made(asked({("agree", "i1"): answers}, said), k)


def counts(agreement: Agreement) -> dict[tuple[str, str, str], int]:
    rows = agreement.rows.to_pylist()
    return {(row["demographic"], row["group"], row["answer"]): row["count"] for row in rows}


def test_small_groups_and_rare_answers_are_merged_until_no_cell_is_under_k() -> None:
    # Everybody: Yes 9 + 2 + 5 + 4 + 2 = 22, No 6 + 8 + 1 = 15, Not sure 1 + 2 = 3, which goes to the next rarest.
    # Liberal 15, Conservative 14, Moderate 2. With the first two named, others have Yes 2 + 4 + 2, No or Not sure
    # 1 + 2 = 3, too few; with the first alone, Yes 22 - 9 = 13, No or Not sure 18 - 6 = 12.
    agreement = of_one_item(GIVEN)
    assert counts(agreement) == {
        ("all", "all", "Yes"): 22,
        ("all", "all", "No or Not sure"): 18,
        ("politics", "Liberal", "Yes"): 9,
        ("politics", "Liberal", "No or Not sure"): 6,
        ("politics", OTHERS, "Yes"): 13,
        ("politics", OTHERS, "No or Not sure"): 12,
    }
    # Of 3 answers by all and 3 by each of 4 categories, who does not say among them, two are a row by themselves.
    assert (agreement.tally.told, agreement.tally.merged, agreement.tally.withheld) == (2, 13, Counter())


def test_a_row_says_what_it_counts_and_its_share() -> None:
    row = of_one_item(GIVEN).rows.to_pylist()[5]
    del row["agreement_id"]
    assert row == {
        "campaign": "pilot",
        "question": "agree",
        "asked": "Do you agree?",
        "situation_id": "s1",
        "situation": "Situation s1",
        "consideration_id": "i1",
        "vrd": "Value",
        "text": "Text i1",
        "valence": "Either",
        "demographic": "politics",
        "group": OTHERS,
        "members": ["Moderate", "Conservative", UNSAID],
        "answer": "No or Not sure",
        "answers": ["No", "Not sure"],
        "count": 12,
        "people": 25,
        "share": 12 / 25,
        "since": "1.0.0",
    }


def test_groups_may_be_told_in_fewer_answers_than_everybody() -> None:
    # By all, Yes 13, No 11, Not sure 6; of Liberals only two are not sure.
    given = {("Liberal", "Yes"): 7, ("Liberal", "No"): 5, ("Liberal", "Not sure"): 2}
    others = {("Conservative", "Yes"): 6, ("Conservative", "No"): 6, ("Conservative", "Not sure"): 4}
    found = counts(of_one_item(given | others))
    assert [found["all", "all", answer] for answer in AGREE.answers] == [13, 11, 6]
    # Conservatives are 16, Liberals 14.
    assert found["politics", "Conservative", "No or Not sure"] == 10
    assert found["politics", OTHERS, "No or Not sure"] == 7


@pytest.mark.parametrize("few", [0, 1, 4])
def test_where_fewer_than_k_gave_another_answer_nothing_is_told(few: int) -> None:
    agreement = of_one_item({("Liberal", "Yes"): 30, ("Liberal", "No"): few, ("Conservative", "Yes"): 20})
    assert agreement.rows.num_rows == 0
    assert agreement.tally.withheld == {Rule.UNDER_K: 3 + 4 * 3}
    assert +agreement.tally.answers == {Rule.UNDER_K: 50 + few}


def test_a_cell_of_exactly_k_is_told() -> None:
    assert counts(of_one_item({("Liberal", "Yes"): 30, ("Liberal", "No"): 5})) == {
        ("all", "all", "Yes"): 30,
        ("all", "all", "No or Not sure"): 5,
    }


def test_a_group_of_whom_all_gave_one_answer_is_not_named() -> None:
    # All 20 Liberals say Yes, so politics is not told, although every group has 20 people.
    found = counts(of_one_item({("Liberal", "Yes"): 20, ("Conservative", "No"): 20}))
    assert {demographic for demographic, _, _ in found} == {"all"}


def test_a_demographic_of_which_nobody_says_anything_has_no_table() -> None:
    found = counts(of_one_item({("", "Yes"): 20, (UNSAID, "No"): 20}))
    assert {demographic for demographic, _, _ in found} == {"all"}


def test_a_table_of_groups_is_there_as_a_whole_or_not_at_all() -> None:
    # Nothing is left out that a total would give away: the groups of a demographic add up to everybody.
    rows = of_one_item(GIVEN).rows.to_pylist()
    summed = Counter((row["demographic"], row["answer"]) for row in rows for _ in range(row["count"]))
    assert summed["politics", "Yes"] == summed["all", "Yes"]
    assert summed["politics", "No or Not sure"] == summed["all", "No or Not sure"]


def test_questions_about_a_situation_are_told_without_a_consideration() -> None:
    said, answers = people({("Liberal", "Yes"): 8, ("Liberal", "No"): 9})
    rows = made(asked({("missing", "s1"): answers}, said)).rows.to_pylist()
    assert [(row["situation_id"], row["consideration_id"], row["text"], row["count"]) for row in rows] == [
        ("s1", None, None, 8),
        ("s1", None, None, 9),
    ]


def test_what_the_release_does_not_hold_and_free_texts_are_left_out_and_counted() -> None:
    said, answers = people({("Liberal", "Yes"): 8, ("Liberal", "No"): 9})
    texts = dict.fromkeys(said, "My name is Ann")
    opinions = asked(
        {("agree", "i1"): answers, ("agree", "i2"): answers, ("why", "s1"): texts, ("agree", "s1"): texts},
        said,
        (item("i1"), item("i2", "s2")),
        questions=(AGREE,),
    )
    agreement = build(opinions, full([item("i1")]), (), version="1.0.0", k=5)
    assert agreement is not None
    assert set(agreement.rows["consideration_id"].to_pylist()) == {"i1"}
    assert +agreement.tally.answers == {Rule.NOT_IN_RELEASE: 17, Rule.NO_CLOSED_QUESTION: 34}
    assert "Ann" not in str(agreement.rows.to_pylist())


def test_who_skipped_one_item_of_a_situation_is_counted_on_none_of_them() -> None:
    # 31 people answered i1 and one of them not i2: counted on whom each has, the difference would be one Liberal.
    said, answers = people({("Liberal", "Yes"): 8, ("Liberal", "No"): 8, ("Conservative", "Yes"): 8})
    more, others = people({("Conservative", "No"): 7}, start=24)
    fewer = {person: answer for person, answer in (answers | others).items() if person != "p0000"}
    given = {("agree", "i1"): answers | others, ("agree", "i2"): fewer, ("missing", "s1"): fewer}
    agreement = made(asked(given, said | more, (item("i1"), item("i2"))))
    sizes = {(row["group"], row["people"]) for row in agreement.rows.to_pylist()}
    assert sizes == {("all", 30), ("Liberal", 15), (OTHERS, 15)}
    assert +agreement.tally.answers == {Rule.NOT_SHARED: 1}


def test_who_skipped_a_question_in_numbers_is_not_described_by_the_sizes_of_groups() -> None:
    # 32 answered i1, six Liberals and one Conservative of them not i2: by group, the difference is 6 and 1.
    said, answers = people({("Liberal", "Yes"): 12, ("Liberal", "No"): 6})
    more, others = people({("Conservative", "Yes"): 7, ("Conservative", "No"): 7}, start=18)
    both = answers | others
    skipped = {*(f"p{number:04d}" for number in range(6)), "p0018"}
    fewer = {person: answer for person, answer in both.items() if person not in skipped}
    rows = made(asked({("agree", "i1"): both, ("agree", "i2"): fewer}, said | more, (item("i1"), item("i2")))).rows
    told = {(row["consideration_id"], row["demographic"], row["people"]) for row in rows.to_pylist()}
    assert told == {("i1", "all", 32), ("i1", "politics", 18), ("i1", "politics", 14), ("i2", "all", 25)}


def test_rows_are_read_back_as_they_were_written() -> None:
    rows = of_one_item(GIVEN).rows
    assert to_arrow(list(from_arrow(rows).values())).equals(rows)


def test_without_a_campaign_there_is_nothing() -> None:
    assert build(Opinions(), full([]), (), version="1.0.0", k=5) is None


def test_a_campaign_that_nobody_answered_has_no_rows() -> None:
    assert made(asked({}, {})).rows.num_rows == 0


def test_a_category_that_looks_like_another_or_holds_emoji_is_told_as_it_is() -> None:
    odd = "Café ☕ | non"
    question = ClosedQuestion("agree", "?", (odd, "No"))
    said, answers = people({("Liberal", odd): 6, ("Liberal", "No"): 6})
    rows = made(asked({("agree", "i1"): answers}, said, questions=(question, MISSING), dimensions=(POLITICS,))).rows
    assert rows["answer"].to_pylist() == [odd, "No"]
