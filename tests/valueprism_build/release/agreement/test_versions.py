"""What a later version tells of people who came, left, or thought better of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

from tests.valueprism_build.release.agreement.asking import asked, full, item, people
from tests.valueprism_build.release.agreement.test_build import counts
from valueprism_build.release.agreement import attack
from valueprism_build.release.agreement.build import Agreement, build
from valueprism_build.release.agreement.earlier import Earlier
from valueprism_build.release.agreement.opinions import Opinions
from valueprism_build.release.agreement.rows import OTHERS
from valueprism_build.release.agreement.tally import Rule

FIRST = {("Liberal", "Yes"): 10, ("Liberal", "No"): 6, ("Conservative", "Yes"): 8, ("Conservative", "No"): 9}
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
ITEMS = (item("i1"), item("i2"))
SAID, ANSWERS = people(FIRST)


def version(number: int, opinions: Opinions, *before: Agreement, k: int = 5) -> Agreement:
    """Return the version `1.<number>.0`, made a day after the one before it."""
    earlier = [
        Earlier(f"1.{place}.0", NOON + timedelta(days=place), agreement.rows) for place, agreement in enumerate(before)
    ]
    agreement = build(opinions, full(ITEMS), earlier, version=f"1.{number}.0", k=k)
    assert agreement is not None
    return agreement


def after(*more: dict[tuple[str, str], int]) -> Opinions:
    """Return the first answers and those of people who came later."""
    said, answers = dict(SAID), dict(ANSWERS)
    for each in more:
        others, theirs = people(each, start=len(said))
        said, answers = said | others, answers | theirs
    return asked({("agree", "i1"): answers}, said, ITEMS)


BEFORE = version(0, after())


def test_three_more_people_change_nothing() -> None:
    later = version(1, after({("Liberal", "No"): 2, ("Conservative", "Yes"): 1}), BEFORE)
    assert later.rows.equals(BEFORE.rows)
    assert set(later.rows["since"].to_pylist()) == {"1.0.0"}
    assert later.tally.kept == 1


def test_enough_more_people_of_every_group_and_answer_are_told() -> None:
    more = {("Liberal", "Yes"): 5, ("Liberal", "No"): 5, ("Conservative", "Yes"): 6, ("Conservative", "No"): 5}
    later = version(1, after(more), BEFORE)
    # Conservatives had 17, Liberals 16, so Conservatives are named.
    assert counts(later)["politics", "Conservative", "Yes"] == 14
    assert counts(later)["politics", OTHERS, "No or Not sure"] == 11
    assert set(later.rows["since"].to_pylist()) == {"1.1.0"}


# 6 Yes and 5 No came, all but one by Liberals: the difference of Conservatives would be that one.
ONE_OF_11 = {("Liberal", "Yes"): 5, ("Liberal", "No"): 5, ("Conservative", "Yes"): 1}


def test_where_the_newcomers_of_a_group_are_few_all_stays_as_it_was() -> None:
    assert version(1, after(ONE_OF_11), BEFORE).rows.equals(BEFORE.rows)


def test_where_it_must_not_stay_everybody_is_told_anew_without_the_groups() -> None:
    later = version(1, replace(after(ONE_OF_11), removed_at=(NOON + timedelta(days=1),)), BEFORE)
    assert counts(later) == {("all", "all", "Yes"): 24, ("all", "all", "No or Not sure"): 20}
    assert later.tally.withheld == {Rule.CHANGED_TOO_LITTLE: 12}


def test_newcomers_of_one_group_alone_are_told_where_they_are_many() -> None:
    later = version(1, after({("Liberal", "Yes"): 5, ("Liberal", "No"): 5}), BEFORE)
    assert counts(later)["politics", "Conservative", "No or Not sure"] == 9
    assert counts(later)["politics", OTHERS, "No or Not sure"] == 11


def test_newcomers_add_up_over_versions() -> None:
    few = {("Liberal", "Yes"): 3, ("Liberal", "No"): 3, ("Conservative", "Yes"): 3, ("Conservative", "No"): 3}
    second = version(1, after(few), BEFORE)
    third = version(2, after(few, few), BEFORE, second)
    assert second.rows.equals(BEFORE.rows)
    assert counts(third)["politics", "Conservative", "Yes"] == 14
    assert attack.exposed([BEFORE.rows, second.rows, third.rows], 5) == []


def test_a_person_who_is_gone_takes_the_table_with_them() -> None:
    given = {person: answer for person, answer in ANSWERS.items() if person != "p0000"}
    later = version(1, asked({("agree", "i1"): given}, SAID, ITEMS), BEFORE)
    assert later.rows.num_rows == 0
    assert later.tally.withheld == {Rule.CHANGED_TOO_LITTLE: 15}


@pytest.mark.parametrize(("days", "kept"), [(-1, 1), (1, 0)])
def test_counts_that_may_hold_somebody_who_was_forgotten_do_not_stay(days: int, kept: int) -> None:
    # One Liberal is gone and another came who says the same: the counts alone do not show it.
    opinions = after({("Liberal", "Yes"): 1, ("Conservative", "No"): 1})
    later = version(1, replace(opinions, removed_at=(NOON + timedelta(days),)), BEFORE)
    assert later.tally.kept == kept
    assert bool(later.rows.num_rows) == bool(kept)


def test_who_changes_their_mind_or_what_they_said_of_themselves_is_not_told_of() -> None:
    other_mind = ANSWERS | {"p0000": "No"}
    assert version(1, asked({("agree", "i1"): other_mind}, SAID, ITEMS), BEFORE).rows.num_rows == 0
    other_self = SAID | {"p0000": {"politics": "Conservative"}}
    later = version(1, asked({("agree", "i1"): ANSWERS}, other_self, ITEMS), BEFORE)
    assert {demographic for demographic, _, _ in counts(later)} == {"all"}


def test_an_item_that_is_told_of_first_does_not_tell_who_came_to_another() -> None:
    # i2 was answered too late for the first version, by all of then and one more: by group it would tell of that one.
    more, theirs = people({("Liberal", "No"): 1}, start=len(SAID))
    given = {("agree", "i1"): ANSWERS | theirs, ("agree", "i2"): ANSWERS | theirs}
    later = version(1, asked(given, SAID | more, ITEMS), BEFORE)
    told = {(row["consideration_id"], row["demographic"], row["people"]) for row in later.rows.to_pylist()}
    assert told == {("i1", "all", 33), ("i1", "politics", 17), ("i1", "politics", 16), ("i2", "all", 34)}


def test_an_item_that_left_the_release_is_still_compared_with_others_of_its_situation() -> None:
    more, theirs = people({("Liberal", "No"): 1}, start=len(SAID))
    opinions = asked({("agree", "i2"): ANSWERS | theirs}, SAID | more, ITEMS)
    assert {demographic for demographic, _, _ in counts(version(1, opinions, BEFORE))} == {"all"}


def test_with_a_larger_k_what_has_smaller_cells_does_not_stay() -> None:
    later = version(1, after({("Liberal", "No"): 1}), BEFORE, k=7)
    # A cell of 6 Liberals who say No was told, and a difference of one would be told now.
    assert later.rows.num_rows == 0


def test_a_question_with_other_answers_is_not_compared_and_not_told() -> None:
    opinions = after()
    [campaign] = opinions.campaigns
    [agree, missing] = campaign.questions
    answers = pa.array(["Yes" if answer == "Yes" else "Never" for answer in opinions.answers["answer"].to_pylist()])
    changed = opinions.answers.set_column(4, "answer", answers)
    other = replace(campaign, questions=(replace(agree, answers=("Yes", "Never")), missing))
    assert version(1, replace(opinions, campaigns=(other,), answers=changed), BEFORE).rows.num_rows == 0
