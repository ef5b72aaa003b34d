"""The rules of exclusion. What matters most here: nobody is excluded for what they think."""

from dataclasses import replace

import numpy as np
import pytest

from annotation.attention import Attention
from annotation.exclusion import Caught, exclusions
from annotation.exclusion_settings import ExclusionSettings
from annotation.page_conduct import PageConduct, Run, page_conduct
from annotation.vocabulary import load_study
from tests.annotation.pages_made import item
from valueprism_build.campaigns import Gold, PageKind, ShownVote, Sitter
from valueprism_build.errors import SettingsError
from valueprism_build.records import Vote

OFF = ExclusionSettings(gold=0.0, same_account=False)
STRICT = ExclusionSettings(
    gold=1.0,
    gold_answers=1,
    consistency=1.0,
    repeats=1,
    seconds_per_page=2.0,
    timed_pages=1,
    run=2,
    run_gold_wrong=1,
    same_account=True,
    same_texts=1,
    finished=1.0,
)
CAREFUL = PageConduct("p", Attention("p", 8, 8, 6, 6, 9.0), 50, 50, 40, (), "", 0)
QUALITY = load_study("quality")[0]


def caught(person: PageConduct, limits: ExclusionSettings) -> list[str]:
    return [one.rule for one in exclusions([person], limits)]


def test_who_is_careful_is_caught_by_no_rule_however_strict() -> None:
    assert caught(CAREFUL, STRICT) == []


@pytest.mark.parametrize(
    ("rule", "limits", "at_limit", "below"),
    [
        # Exactly at a limit is within it: 2 of 4 are the half that is wanted.
        (
            "gold_wrong",
            ExclusionSettings(gold=0.5),
            replace(CAREFUL.attention, right=2, gold=4),
            replace(CAREFUL.attention, right=1, gold=4),
        ),
        (
            "inconsistent",
            replace(OFF, consistency=0.5),
            replace(CAREFUL.attention, same=2, repeats=4),
            replace(CAREFUL.attention, same=1, repeats=4),
        ),
        (
            "too_fast",
            replace(OFF, seconds_per_page=2.0),
            replace(CAREFUL.attention, seconds=2.0),
            replace(CAREFUL.attention, seconds=1.9),
        ),
    ],
)
def test_a_rule_about_attention_begins_below_its_limit(
    rule: str, limits: ExclusionSettings, at_limit: Attention, below: Attention
) -> None:
    assert caught(replace(CAREFUL, attention=at_limit), limits) == []
    assert caught(replace(CAREFUL, attention=below), limits) == [rule]
    assert caught(replace(CAREFUL, attention=below), OFF) == []


def test_a_rule_says_nothing_of_who_has_met_too_few_pages_that_tell() -> None:
    limits = replace(OFF, gold=0.5, consistency=0.5, seconds_per_page=2.0)
    hasty = replace(CAREFUL, attention=Attention("p", 0, 3, 0, 3, 0.5), timed=9)
    assert caught(hasty, limits) == []
    enough = replace(CAREFUL, attention=Attention("p", 0, 4, 0, 4, 0.5), timed=10)
    assert caught(enough, limits) == ["gold_wrong", "inconsistent", "too_fast"]


def test_time_that_nobody_measured_is_not_too_fast() -> None:
    untimed = replace(CAREFUL, attention=replace(CAREFUL.attention, seconds=None), timed=0)
    assert caught(untimed, STRICT) == []


def test_one_answer_all_the_way_is_an_opinion_unless_gold_items_on_the_way_say_otherwise() -> None:
    limits = replace(OFF, run=20, run_gold_wrong=2)
    agrees = Run("agree", "Yes", 45, gold_right=4, gold_wrong=0)
    slips = agrees._replace(gold_right=3, gold_wrong=1)
    sleeps = agrees._replace(gold_right=2, gold_wrong=2)
    short = sleeps._replace(pages=19)
    found = [caught(replace(CAREFUL, runs=(run,)), limits) for run in (agrees, slips, sleeps, short)]
    assert found == [[], [], ["straight_lining"], []]
    # A longer run that gold items agree with hides no other.
    assert caught(replace(CAREFUL, runs=(agrees, sleeps)), limits) == ["straight_lining"]
    assert caught(replace(CAREFUL, runs=(sleeps,)), OFF) == []


def test_duplicates_and_unfinished_blocks_are_told_with_what_was_seen() -> None:
    twin = replace(CAREFUL, same_account="z", answered=20)
    limits = replace(OFF, same_account=True, finished=0.5)
    assert exclusions([twin], limits) == [
        Caught("p", "duplicate_participant", "the server knows them by the account of z, who sat down before them"),
        Caught("p", "unfinished", "20 of 50 pages answered, at least 50% wanted"),
    ]
    assert caught(replace(CAREFUL, same_texts=2), replace(OFF, same_texts=3)) == []
    assert caught(replace(CAREFUL, same_texts=3), replace(OFF, same_texts=3)) == ["duplicate_participant"]


def test_rules_can_be_chosen_and_an_unknown_one_is_refused() -> None:
    hasty = replace(CAREFUL, attention=Attention("p", 0, 4, 0, 4, 0.5), answered=1)
    assert [one.rule for one in exclusions([hasty], STRICT, ["unfinished", "too_fast"])] == ["too_fast", "unfinished"]
    with pytest.raises(SettingsError, match=r"no exclusion rule majority; rules are gold_wrong, inconsistent"):
        exclusions([hasty], STRICT, ["majority"])


@pytest.mark.parametrize(
    "wrong", [{"gold": 1.1}, {"finished": -0.1}, {"seconds_per_page": -1.0}, {"run": -1}, {"gold_answers": 0}]
)
def test_limits_that_cannot_be_met_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(SettingsError, match=f"exclusion setting {next(iter(wrong))} is"):
        ExclusionSettings(**wrong)  # type: ignore[arg-type]


def answers(who: str, said: str, on_gold: dict[Gold, str]) -> list[ShownVote]:
    """Twenty items with one answer, three gold items after each fifth, and every item of the first five once more."""
    told: list[tuple[PageKind, str, str]] = []
    for number in range(20):
        told.append((PageKind.ITEM, f"s{number}.0", said))
        if number % 5 == 4:
            told += [(PageKind.GOLD, f"{kind}{number}", answer) for kind, answer in on_gold.items()]
    told += [(PageKind.REPEAT, f"s{number}.0", said) for number in range(5)]
    return [
        ShownVote(position, kind, Vote(item_id, who, "relevant", answer, 8.0))
        for position, (kind, item_id, answer) in enumerate(told)
    ]


ITEMS = {
    one.id: one
    for one in (
        *(item(f"s{number}.0") for number in range(20)),
        *(item(f"{kind}{number}", kind) for number in (4, 9, 14, 19) for kind in (Gold.VALID, Gold.FOREIGN)),
    )
}
RIGHT = {Gold.VALID: "Yes", Gold.FOREIGN: "No"}
CROWD = [f"c{number}" for number in range(30)]


def test_who_disagrees_with_everybody_and_is_right_on_gold_is_never_excluded() -> None:
    shown = [vote for who in CROWD for vote in answers(who, "Yes", RIGHT)] + answers("alone", "No", RIGHT)
    sitters = [Sitter(who, None, 33, 33) for who in (*CROWD, "alone")]
    found = page_conduct(QUALITY, ITEMS, shown, sitters)
    alone = next(one for one in found if one.annotator_id == "alone")
    assert alone.runs[0].pages > 5  # one answer to everything, and all the same
    assert exclusions(found, STRICT) == []


def test_whom_the_rules_exclude_does_not_depend_on_what_the_others_think() -> None:
    one = answers("one", "No", {Gold.VALID: "No", Gold.FOREIGN: "No"})
    rng = np.random.default_rng(0)
    found = []
    for _ in range(5):
        others = [vote for who in CROWD for vote in answers(who, str(rng.choice(["Yes", "No"])), RIGHT)]
        sitters = [Sitter(who, None, 33, 33) for who in (*CROWD, "one")]
        found.append(exclusions(page_conduct(QUALITY, ITEMS, [*others, *one], sitters), STRICT))
    assert found[0] == found[1] == found[2] == found[3] == found[4]
    # Who says No to whatever comes is caught by gold items, and by them alone.
    assert [(row.annotator_id, row.rule) for row in found[0]] == [("one", "gold_wrong"), ("one", "straight_lining")]
